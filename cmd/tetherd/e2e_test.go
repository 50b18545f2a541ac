package main_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

var allEvents = []string{"sms:received", "sms:sent", "sms:delivered", "sms:failed", "system:ping"}

// The whole way, with the built binary: texts of every kind out, with their
// states and events, a long text in, in disorder, and a gentle end.
func TestEndToEnd(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 1})
	r.settings = "ping:\n  interval: 3s\n"
	r.network.SetRule("+4917055500001", emulator.Rule{Code: 1})
	r.start()
	r.subscribe(allEvents...)
	r.ready()

	// UCS-2 in three parts; the emoji would straddle the boundaries at 67 and 134.
	emoji := strings.Repeat("ж", 66) + "😀" + strings.Repeat("б", 65) + "🎉" + "конец"
	gsm7 := "Price: 5€ {braces} [brackets] ~ ^ \\ | äöüß"
	for _, m := range []map[string]any{
		text("gsm7", "+4917012345678", gsm7),
		text("ucs2", "+4917012345678", emoji),
		text("fails", "+4917055500001", "nobody there"),
		text("short", "72975", "STOP"),
	} {
		if _, err := r.send(m); err != nil {
			t.Fatal(err)
		}
	}
	r.until("all to end", 30*time.Second, func() bool {
		return r.get("gsm7").State == "Delivered" && r.get("ucs2").State == "Delivered" &&
			r.get("short").State == "Delivered" && r.get("fails").State == "Failed"
	})

	t.Run("texts arrive as written", func(t *testing.T) {
		for to, want := range map[string]string{"+4917012345678": gsm7 + emoji, "72975": "STOP"} {
			if got := r.sentTo(to); got != want {
				t.Errorf("network got %q for %s, want %q", got, to, want)
			}
		}
		for _, s := range r.network.Ledger() {
			if toa := s.TPDU[3]; s.To == "72975" && toa != 0x81 || s.To != "72975" && toa != 0x91 {
				t.Errorf("type-of-address of %s: got %#x", s.To, toa)
			}
		}
	})

	t.Run("incoming long text in disorder", func(t *testing.T) {
		want := strings.Repeat("Lang lebe die Ordnung 😀 ", 9)
		parts := emulator.TextParts("+4917099999999", want, 77, time.Now().Truncate(time.Second))
		if len(parts) != 4 {
			t.Fatalf("%d parts, want 4", len(parts))
		}
		for _, i := range []int{2, 0, 3, 1} {
			if err := r.network.DeliverTPDU(r.sticks[0].number, parts[i]); err != nil {
				t.Fatal(err)
			}
		}
		r.until("the text to be in the inbox", 20*time.Second, func() bool { return slices.Equal(r.inbox(), []string{want}) })
		r.until("the SIM to be empty", 20*time.Second, func() bool { return len(r.sticks[0].Stored()) == 0 })
		r.until("its event", 10*time.Second, func() bool {
			return slices.ContainsFunc(r.receiver.all(), func(p post) bool {
				return p.Event == "sms:received" && p.Payload.Message == want && p.Payload.Sender == "+4917099999999" && p.Payload.SimNumber == 1
			})
		})
	})

	t.Run("events in order and once", func(t *testing.T) {
		for id, want := range map[string][]string{
			"gsm7": {"sms:sent", "sms:delivered"}, "ucs2": {"sms:sent", "sms:delivered"},
			"short": {"sms:sent", "sms:delivered"}, "fails": {"sms:failed"},
		} {
			r.until("events of "+id, 10*time.Second, func() bool { return len(r.receiver.of(id)) >= len(want) })
			if got := r.receiver.events(id); !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", id, got, want)
			}
		}
		if n := r.receiver.of("ucs2")[0].Payload.PartsCount; n != 3 {
			t.Errorf("partsCount: got %d, want 3", n)
		}
		if reason := r.receiver.of("fails")[0].Payload.Reason; reason == "" {
			t.Error("a failure without a reason")
		}
		r.until("a ping", 10*time.Second, func() bool {
			return slices.ContainsFunc(r.receiver.all(), func(p post) bool { return p.Event == "system:ping" })
		})
	})

	t.Run("states", func(t *testing.T) {
		m := r.get("gsm7")
		for _, s := range []string{"Pending", "Processed", "Sent", "Delivered"} {
			if m.States[s].IsZero() {
				t.Errorf("no time for %s in %v", s, m.States)
			}
		}
		if rcp := r.get("fails").Recipients[0]; !strings.HasPrefix(rcp.Error, "Send result: ") || rcp.ErrorCode != "CMS 1" {
			t.Errorf("failure: got %q %q", rcp.Error, rcp.ErrorCode)
		}
	})

	t.Run("refused, not ignored", func(t *testing.T) {
		for name, body := range map[string]map[string]any{
			"multimedia": {"phoneNumbers": []string{"+4917012345678"}, "mmsMessage": map[string]any{"text": "x"}},
		} {
			status, err := r.call(http.MethodPost, "/3rdparty/v1/message", body, nil)
			if status != http.StatusBadRequest || !strings.Contains(fmt.Sprint(err), "not supported") {
				t.Errorf("%s: got %d %v, want 400 not supported", name, status, err)
			}
		}
		if status, _ := r.call(http.MethodPost, "/api/v1/messages", text("gsm7", "+4917012345678", "again"), nil); status != http.StatusConflict {
			t.Errorf("a known id: got %d, want 409", status)
		}
	})

	r.subscribe("app:started")
	r.terminate()
	before := r.receiver.all()
	r.start()
	r.ready()
	starts := func() (n int) {
		for _, p := range r.receiver.all() {
			if p.Event == "app:started" {
				n++
			}
		}
		return n
	}
	r.until("the start to be told", 10*time.Second, func() bool { return starts() > 0 })
	r.terminate()
	for _, p := range r.receiver.all()[len(before):] {
		if p.Event != "system:ping" && p.Event != "app:started" {
			t.Errorf("%s of %s was sent again after a restart", p.Event, p.Payload.MessageID)
		}
	}
	if n := starts(); n != 1 {
		t.Errorf("the start was told %d times, want once", n)
	}
	if strings.Contains(r.log.tail(1<<20), gsm7[:20]) || strings.Contains(r.log.tail(1<<20), rigPassword) {
		t.Error("the log has a text or the password")
	}
}

// sentTo returns all the network accepted for a number, joined.
func (r *rig) sentTo(number string) string {
	var b strings.Builder
	for _, s := range r.network.Ledger() {
		if s.To == number {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// What waits on the SIM when the daemon starts is taken in once.
func TestImportsWhatWaits(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 2})
	var want []string
	for i := range 3 {
		want = append(want, fmt.Sprintf("waiting %d", i))
		if err := r.network.DeliverText("+4917012345678", r.sticks[0].number, want[i]); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		r.start()
		r.ready()
		r.until("the SIM to be empty", 20*time.Second, func() bool { return len(r.sticks[0].Stored()) == 0 })
		got := r.inbox()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("inbox: got %q, want %q", got, want)
		}
		r.terminate()
	}
}

// The daemon starts without any modem and says what is wrong.
func TestMissingModemIsSaid(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 3})
	r.sticks[0].port.Unplug()
	r.start()
	var h struct {
		Status string
		Checks map[string]struct{ Status, Description string }
	}
	r.until("health to name the port", 10*time.Second, func() bool {
		resp, err := http.Get("http://" + r.addr + "/health")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		decode(resp.Body, &h)
		return resp.StatusCode == http.StatusInternalServerError &&
			strings.Contains(h.Checks["modem:1:status"].Description, r.sticks[0].port.Path())
	})
	if _, err := r.send(text("waits", "+4917012345678", "x")); err != nil {
		t.Fatal(err)
	}
	if why := r.get("waits").Waiting; !strings.Contains(why, r.sticks[0].port.Path()) {
		t.Errorf("the message waits for %q, want it to name the port", why)
	}
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	r.until("status to say what waits for what", 10*time.Second, func() bool {
		status, err := exec.Command(bin, "status", "--config", r.config()).Output()
		for line := range strings.Lines(string(status)) {
			if strings.Contains(line, "messages:waiting") {
				// No modem can be used, which is a failure.
				return err != nil && strings.Contains(line, "1 recipients") && strings.Contains(line, r.sticks[0].port.Path())
			}
		}
		return false
	})
	if err := r.sticks[0].port.Plug(); err != nil {
		t.Fatal(err)
	}
	r.until("the message to leave", 20*time.Second, func() bool { return r.get("waits").State != "Pending" })
	r.terminate()
}

// A wrong PIN is entered once, whatever is restarted and replugged.
func TestPINIsEnteredOnce(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 4})
	wrong := emulator.NewModem(r.network, emulator.ModemOptions{Name: "locked", Number: "+4915110000099", PIN: "9999", ICCID: "8949020000000000099"})
	r.sticks[0].port.Close()
	port, err := emulator.OpenPort(wrong, r.sticks[0].port.Path())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	for range 3 {
		r.start()
		r.until("health to name the PIN", 30*time.Second, func() bool {
			resp, err := http.Get("http://" + r.addr + "/health")
			if err != nil {
				return false
			}
			defer resp.Body.Close()
			var h struct {
				Checks map[string]struct{ Description string }
			}
			decode(resp.Body, &h)
			return strings.Contains(h.Checks["modem:1:status"].Description, "PIN")
		})
		port.Unplug()
		if err := port.Plug(); err != nil {
			t.Fatal(err)
		}
		r.terminate()
	}
	if n := wrong.PINAttempts(); n != 1 {
		t.Errorf("the PIN was entered %d times, want once", n)
	}
	if strings.Contains(r.log.tail(1<<20), hex.EncodeToString([]byte("1234"))) || strings.Contains(r.log.tail(1<<20), `"1234"`) {
		t.Error("the log has the PIN")
	}
}
