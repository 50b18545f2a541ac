package modem

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/modem/device"
)

// resetPort is a port that counts how often its output was reset.
type resetPort struct {
	io.ReadWriteCloser
	resets int
}

func (p *resetPort) ResetOutputBuffer() error { p.resets++; return nil }

// A port that is wrapped still lets a Write be ended that hangs.
func TestOutputCanBeReset(t *testing.T) {
	type resetter interface{ ResetOutputBuffer() error }
	inner := &resetPort{}
	var port io.ReadWriteCloser = &heardPort{&placedPort{inner, nil}, &ear{}}
	p, ok := port.(resetter)
	if !ok {
		t.Fatal("the output of a wrapped port cannot be reset")
	}
	if err := p.ResetOutputBuffer(); err != nil || inner.resets != 1 {
		t.Errorf("%v, %d resets of the port inside, want 1", err, inner.resets)
	}

	_, name := openPty(t)
	m, err := New(Options{Name: "test", Port: name, Finder: NewFinder(device.Host()), Inbox: &inbox{}, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	if port, err = m.openPort(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	if p, ok = port.(resetter); !ok {
		t.Fatal("the output of a port cannot be reset")
	}
	if err := p.ResetOutputBuffer(); err != nil {
		t.Error(err)
	}
}

func TestCheckIdentity(t *testing.T) {
	tests := []struct {
		name         string
		o            Options
		before, imei string
		wrong        bool
		state        gateway.ModemState // entered, or of the hold
		reason       []string
	}{
		{"nothing wanted", Options{Port: "/dev/a"}, "", stickIMEI, false, gateway.ModemAbsent, nil},
		{"the same again", Options{Port: "/dev/a"}, stickIMEI, stickIMEI, false, gateway.ModemAbsent, nil},
		{"another one", Options{Port: "/dev/a"}, otherIMEI, stickIMEI, false, gateway.ModemStarting, []string{otherIMEI, stickIMEI, "set imei"}},
		{"the one wanted", Options{Port: "/dev/a", IMEI: stickIMEI}, "", stickIMEI, false, gateway.ModemAbsent, nil},
		{"the one wanted, as IMEISV", Options{Port: "/dev/a", IMEI: stickIMEI}, "", stickIMEI[:14] + "07", false, gateway.ModemAbsent, nil},
		{"not the one wanted", Options{Port: "/dev/a", IMEI: otherIMEI}, "", stickIMEI, true, gateway.ModemBlocked, []string{"/dev/a", otherIMEI, stickIMEI}},
		{"silent about it", Options{Port: "/dev/a", IMEI: otherIMEI}, "", "", true, gateway.ModemBlocked, []string{"does not tell", "Remove imei"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Name, tt.o.Inbox = "test", &inbox{}
			m, err := New(tt.o)
			if err != nil {
				t.Fatal(err)
			}
			s := &session{m: m, log: zerolog.Nop()}
			err = s.checkIdentity(tt.before, tt.imei)
			state, reason := m.Status().State, m.Status().Reason
			if h, ok := errors.AsType[*hold](err); ok {
				state, reason = h.state, h.reason
			}
			if errors.Is(err, errWrongModem) != tt.wrong || state != tt.state {
				t.Errorf("error = %v, state = %s; want %s", err, state, tt.state)
			}
			for _, want := range tt.reason {
				if !strings.Contains(reason, want) {
					t.Errorf("reason = %q, want %q in it", reason, want)
				}
			}
		})
	}
}

func TestCheckCard(t *testing.T) {
	tests := []struct {
		before, now string
		said        bool
	}{
		{"", testICCID, false},
		{testICCID, testICCID, false},
		{testICCID, "modem:test", false}, // not read this time
		{testICCID, "89490200009999999999", true},
	}
	for _, tt := range tests {
		m, err := New(Options{Name: "test", USB: device.USB{Vendor: 1}, Inbox: &inbox{}})
		if err != nil {
			t.Fatal(err)
		}
		s := &session{m: m, log: zerolog.Nop()}
		s.checkCard(tt.before, tt.now)
		if got := strings.Contains(m.Status().Reason, "Another SIM"); got != tt.said {
			t.Errorf("%q after %q: reason = %q", tt.now, tt.before, m.Status().Reason)
		}
	}
}

// Something has to tell which modem is meant.
func TestNewWithoutSelector(t *testing.T) {
	if _, err := New(Options{Name: "test", Inbox: &inbox{}}); err == nil || !strings.Contains(err.Error(), "no port, no IMEI and no USB device") {
		t.Errorf("New = %v", err)
	}
}
