//go:build hardware

package conform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/gateway/sms"
	"tetherd/modem"
	"tetherd/store"
)

// TestHardware tries the part of the suite that does no harm on a real modem: it
// is found and set up, its settings hold, its storages are read and nothing in
// them is deleted. With a number to send to, which should be its own, one message
// goes out and its report, and the message itself, come in. The environment says
// which modem:
//
//   - PORT is the device, as in /dev/ttyUSB2.
//   - PIN is that of the SIM, if it asks for one. It is tried once.
//   - TO is the number for one message. Sending costs what it costs.
//
// Run it with make hardware PORT=/dev/ttyUSB2, and stop a daemon that has the port.
func TestHardware(t *testing.T) {
	port := os.Getenv("PORT")
	if port == "" {
		t.Skip("no modem given: make hardware PORT=/dev/ttyUSB2 [PIN=1234] [TO=+49...]")
	}
	to := os.Getenv("TO")
	db, err := store.Open(filepath.Join(stateDir(t), "hardware.db"), store.Options{Clock: gateway.ClockSource{
		Boot: func() (time.Duration, string) { return time.Since(time.Unix(0, 0)), "hardware" },
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	in := &keeper{t: t, to: to, changed: make(chan struct{}, 1)}
	level := zerolog.InfoLevel
	if os.Getenv("TRACE") != "" {
		level = zerolog.TraceLevel
	}
	m, err := modem.New(modem.Options{
		Name: "hardware", Slot: 1, Port: port, PIN: os.Getenv("PIN"), Inbox: in, Journal: db,
		SweepInterval: 10 * time.Second, Changed: in.kick, Log: zerolog.New(zerolog.NewTestWriter(t)).Level(level),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { m.Run(ctx) })
	defer running.Wait()
	defer cancel()

	begun := time.Now()
	in.await(3*time.Minute, "the modem to be ready", func() bool {
		s := m.Status()
		if s.State == gateway.ModemBlocked {
			t.Fatalf("blocked: %s", s.Reason)
		}
		return s.State == gateway.ModemReady
	})
	s := m.Status()
	t.Logf("ready after %v: %s %s %s, IMEI %d digits, SIM %d digits, SMSC %t, %s, signal %d, %d of %d places taken",
		time.Since(begun).Round(time.Millisecond), s.Manufacturer, s.Model, s.Revision, len(s.IMEI), len(s.SIMID), s.SMSC != "", s.Operator, s.Signal, s.Stored, s.Capacity)
	for what, missing := range map[string]bool{
		"manufacturer": s.Manufacturer == "", "model": s.Model == "", "IMEI": len(s.IMEI) < 14, "SIM": s.SIMID == "", "storage": s.Capacity == 0,
	} {
		if missing {
			t.Errorf("the modem does not tell its %s", what)
		}
	}
	// Three sweeps read the settings back each time; a modem that loses them is set
	// up again, and leaves the state.
	in.watch(35*time.Second, func() {
		if s := m.Status(); s.State != gateway.ModemReady {
			t.Errorf("it became %s: %s", s.State, s.Reason)
		}
	})
	t.Logf("%d messages and %d reports were read, none was deleted", in.messages(), in.reported())
	if to == "" {
		t.Log("no TO given: nothing was sent")
		return
	}
	in.sendAndReceive(m, to)
}

// sendAndReceive sends one message and waits for its report and itself.
func (k *keeper) sendAndReceive(m *modem.Modem, to string) {
	k.t.Helper()
	text := fmt.Sprintf("tetherd %x", time.Now().UnixNano())
	segments, err := sms.Split(text, 1)
	if err != nil {
		k.t.Fatal(err)
	}
	k.expect(text)
	begun := time.Now()
	err = m.Send(context.Background(), gateway.Outgoing{To: to, Segments: segments, DeliveryReport: true}, func(p gateway.SentPart) error {
		k.t.Logf("sent after %v with reference %d", time.Since(begun).Round(time.Millisecond), p.MR)
		return nil
	})
	if err != nil {
		k.t.Fatalf("send: %v", err)
	}
	k.await(3*time.Minute, "the message", func() bool { return k.came() })
	k.t.Logf("came in after %v", time.Since(begun).Round(time.Millisecond))
}

// errKept keeps a message on the SIM.
var errKept = errors.New("this test keeps nothing: the message stays where it is")

// keeper is an Inbox that takes in nothing but the message it expects, so that all
// else stays in the modem.
type keeper struct {
	t       *testing.T
	to      string
	changed chan struct{} // capacity 1

	mu       sync.Mutex // guards the rest
	seen     map[string]bool
	reports  int
	expected string
	arrived  bool
}

func (k *keeper) Receive(_ context.Context, f gateway.Fragment) error {
	defer k.kick()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.expected != "" && sms.Join([]sms.Body{f.Body}) == k.expected {
		k.arrived = true
		return nil
	}
	if k.seen == nil {
		k.seen = make(map[string]bool)
	}
	k.seen[string(f.TPDU)] = true
	return errKept
}

func (k *keeper) Report(_ context.Context, rep gateway.Report) error {
	defer k.kick()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reports++
	if k.expected != "" && len(k.to) > 6 && strings.HasSuffix(rep.Recipient, k.to[len(k.to)-6:]) {
		return nil // of the message that was sent
	}
	return errKept
}

// Call takes no notice of calls.
func (k *keeper) Call(context.Context, gateway.Call) error { return nil }

func (k *keeper) kick() { kick(k.changed) }

func (k *keeper) expect(text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.expected = text
}

func (k *keeper) came() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.arrived
}

func (k *keeper) messages() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.seen)
}

func (k *keeper) reported() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.reports
}

// await waits for a condition, which is looked at whenever something changed.
func (k *keeper) await(limit time.Duration, what string, ok func() bool) {
	k.t.Helper()
	end := time.NewTimer(limit)
	defer end.Stop()
	for !ok() {
		select {
		case <-k.changed:
		case <-end.C:
			k.t.Fatalf("waited %v in vain for %s", limit, what)
		}
	}
}

// watch calls look at each change for a while.
func (k *keeper) watch(d time.Duration, look func()) {
	end := time.NewTimer(d)
	defer end.Stop()
	for {
		select {
		case <-k.changed:
			look()
		case <-end.C:
			return
		}
	}
}

// stateDir is where attempts at PINs are remembered from one run to the next.
func stateDir(t *testing.T) string {
	t.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "tetherd-hardware")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}
