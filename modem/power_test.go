package modem

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

func TestPowerSigns(t *testing.T) {
	type seen struct {
		kind  signKind
		after time.Duration // since the one before
	}
	for _, tt := range []struct {
		name  string
		signs []seen
		want  string // part of the reason; empty: no suspicion
	}{
		{"none", nil, ""},
		{"one brown-out", []seen{{signBrownOut, 0}}, ""},
		{"two", []seen{{signBrownOut, 0}, {signBrownOut, 23 * time.Hour}}, "began to send"},
		{"two, far apart", []seen{{signBrownOut, 0}, {signBrownOut, 25 * time.Hour}}, ""},
		{"voltage", []seen{{signVoltage, 0}}, "reports a supply voltage"},
		{"board", []seen{{signBoard, 0}}, "This computer reports"},
		{"two restarts", []seen{{signReboot, 0}, {signReboot, 0}}, ""},
		{"three restarts", []seen{{signReboot, 0}, {signReboot, 0}, {signReboot, time.Minute}}, "keeps restarting"},
		{"three restarts in a day", []seen{{signReboot, 0}, {signReboot, time.Hour}, {signReboot, time.Hour}}, ""},
		{"four losses", []seen{{signLoss, 0}, {signLoss, 0}, {signLoss, 0}, {signLoss, 0}}, ""},
		{"five losses", []seen{{signLoss, 0}, {signLoss, 0}, {signLoss, 0}, {signLoss, 0}, {signLoss, time.Minute}}, "keeps getting lost"},
		{"the stronger reason stays", []seen{{signVoltage, 0}, {signBoard, 0}}, "reports a supply voltage"},
		{"the stronger reason wins", []seen{{signBoard, 0}, {signBrownOut, 0}, {signBrownOut, 0}}, "began to send"},
		{"not a quiet day", []seen{{signVoltage, 0}, {signLoss, 20 * time.Hour}, {signLoss, 20 * time.Hour}}, "reports a supply voltage"},
		{"many", make([]seen, 100), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var p power
			now := time.Unix(1e9, 0)
			for _, s := range tt.signs {
				now = now.Add(s.after)
				p.see(now, s.kind)
			}
			got := p.problem(now).Reason
			if tt.want == "" != (got == "") || !strings.Contains(got, tt.want) || got != "" && !strings.Contains(got, "powered USB hub") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if len(p.Signs) > maxSigns {
				t.Errorf("%d signs are kept", len(p.Signs))
			}
			if got := p.problem(now.Add(suspectFor - time.Second)).Reason; (got != "") != (tt.want != "") {
				t.Errorf("before a quiet day is over: %q", got)
			}
			if got := p.problem(now.Add(suspectFor)); got.Reason != "" || len(p.Signs) > 0 && tt.want != "" {
				t.Errorf("after a quiet day: %q, signs %v", got.Reason, p.Signs)
			}
		})
	}
}

// A clock that was wrong by years does not make a suspicion everlasting.
func TestPowerClockSetBack(t *testing.T) {
	var p power
	now := time.Unix(2e9, 0)
	p.see(now, signVoltage)
	if got := p.problem(now.Add(-time.Hour)); got.Reason == "" {
		t.Error("an hour back ends the suspicion")
	}
	if got := p.problem(now.Add(-10000 * time.Hour)); got.Reason != "" {
		t.Error("a year back keeps it")
	}
}

// The bit for the past is a sign once, the one for the present always.
func TestBoardSupply(t *testing.T) {
	file := filepath.Join(t.TempDir(), "get_throttled")
	d := newWatchdog(Options{Name: "test", Log: zerolog.Nop()})
	d.board = file
	for _, tt := range []struct {
		content string
		want    int // signs so far
	}{
		{"", 0}, {"0\n", 0}, {"80000\n", 0}, {"garbage", 0}, {"10000\n", 1}, {"10000\n", 1}, {"0x50005\n", 2}, {"50000", 2}, {"0", 2}, {"10000", 3},
	} {
		if tt.content != "" {
			if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d.lookAtBoard()
		if got := len(d.record.Power.Signs); got != tt.want {
			t.Errorf("after %q: %d signs, want %d", tt.content, got, tt.want)
		}
	}
}

// A port that comes and goes is opened each time, and nothing is reset for it.
func TestFlapping(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		for range 20 {
			r.awaitState(gateway.ModemReady)
			r.plug.out()
			r.awaitState(gateway.ModemAbsent)
			time.Sleep(5 * time.Second)
			r.plug.in()
		}
		begun := time.Now()
		s := r.awaitState(gateway.ModemReady)
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("ready after %v", took)
		}
		if n := s.Counters; n.PortLosses != 20 || n.Sessions != 21 || n.BrownOuts != 0 || s.Recovery.Failing {
			t.Errorf("counters %+v, recovery %+v", n, s.Recovery)
		}
		r.plug.out()
		if s := r.awaitState(gateway.ModemAbsent); !strings.Contains(s.Reason, "powered USB hub") {
			t.Errorf("reason while it is away again: %q", s.Reason)
		}
		if !strings.Contains(s.Power.Reason, "keeps getting lost") || !strings.Contains(s.Power.Reason, "powered USB hub") {
			t.Errorf("power: %q", s.Power.Reason)
		}
	})
}

// A modem that restarts whenever it begins to send has too little power. The
// suspicion outlives a restart of the daemon, and ends after a quiet day.
func TestBrownOut(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: emulator.SIM800()}})
		r.device.Fault(emulator.Fault{At: emulator.AfterCtrlZ, Do: emulator.Reboot, Times: 2, Delay: time.Second})
		for i := range 2 {
			r.awaitLong(gateway.ModemReady)
			if s := r.modem.Status(); s.Power.Reason != "" {
				t.Errorf("after %d brown-outs: %q", i, s.Power.Reason)
			}
			if _, err := r.send(peerNumber, "hi"); fault(t, err).Fate != gateway.Unknown {
				t.Fatalf("Send = %v, want unknown", err)
			}
			r.awaitState(gateway.ModemStarting)
		}
		r.awaitLong(gateway.ModemReady)
		r.restart()
		r.awaitLong(gateway.ModemReady)
		s := r.modem.Status()
		if !strings.Contains(s.Power.Reason, "right after it began to send") || s.Counters.BrownOuts != 2 || s.Counters.Reboots != 2 {
			t.Errorf("power %+v, counters %+v", s.Power, s.Counters)
		}
		time.Sleep(suspectFor + time.Minute)
		if s := r.modem.Status(); s.Power.Reason != "" {
			t.Errorf("after a quiet day: %+v", s.Power)
		}
	})
}

// A modem says itself that its voltage is too low.
func TestUnderVoltage(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CSQ", Emit: []byte("\r\nUNDER-VOLTAGE WARNNING\r\n")})
		r.await("a suspicion", func(s gateway.ModemStatus) bool { return strings.Contains(s.Power.Reason, "voltage out of bounds") })
		if s := r.modem.Status(); s.State != gateway.ModemReady || s.Reason != "" {
			t.Errorf("%s: %s", s.State, s.Reason)
		}
	})
}
