package modem

import (
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// count returns how many commands began with prefix.
func (tr *transcript) count(prefix string) (n int) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for _, l := range tr.lines {
		if strings.HasPrefix(l, prefix) {
			n++
		}
	}
	return n
}

// first returns the place of the first command that began with prefix, -1 if there
// was none.
func (tr *transcript) first(prefix string) int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.IndexFunc(tr.lines, func(l string) bool { return strings.HasPrefix(l, prefix) })
}

// visit connects to the emulated modem while nobody else is, sends a command, and
// reads what comes back until enough says that it is all there.
func (r *rig) visit(cmd string, enough func(got string) bool) string {
	r.t.Helper()
	synctest.Wait() // whoever was connected has left
	near, far := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- r.device.Serve(r.t.Context(), far) }()
	_, _ = io.WriteString(near, cmd+"\r")
	var got strings.Builder
	for b := make([]byte, 1); !enough(got.String()); {
		if _, err := near.Read(b); err != nil {
			r.t.Fatalf("%s: %v behind %q", cmd, err, got.String())
		}
		got.Write(b)
	}
	_ = near.Close()
	<-served
	return got.String()
}

// leave has settings made by somebody who was connected before.
func (r *rig) leave(cmd string) {
	r.t.Helper()
	// The echo is written with the result, if there is one.
	r.visit(cmd, func(got string) bool { return len(got) == len(cmd)+1 })
}

// answerTo returns what the emulated modem answers to a command while nobody else is
// connected to it.
func (r *rig) answerTo(cmd string) string {
	r.t.Helper()
	return r.visit(cmd, func(got string) bool { return strings.HasSuffix(got, "OK\r\n") })
}

// A modem that was told to keep its results to itself, or to give them as numbers,
// is brought up all the same.
func TestBringUpQuiet(t *testing.T) {
	for _, cmd := range []string{"ATQ1", "ATV0", "ATE1V0", "ATV0Q1"} {
		t.Run(cmd, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{unborn: true})
				r.leave(cmd)
				r.plug.in()
				r.awaitState(gateway.ModemReady)
				r.deliver("hello")
				r.inbox.awaitFragments(t, 1)
			})
		})
	}
}

// The way messages take to the network is set if it was configured, and a modem
// that does not know the choice is used all the same.
func TestSMSDomain(t *testing.T) {
	for _, tt := range []struct{ domain, want string }{
		{"", ""},
		{"ps", "AT+CGSMS=0"},
		{"cs", "AT+CGSMS=1"},
		{"ps-preferred", "AT+CGSMS=2"},
		{"cs-preferred", "AT+CGSMS=3"},
	} {
		t.Run(tt.domain, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				var said transcript
				r := newRig(t, w, rigOptions{
					unborn: true,
					device: emulator.ModemOptions{Transcript: said.add},
					modem:  Options{Domain: tt.domain},
				})
				r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CGSMS", Final: "ERROR"})
				r.plug.in()
				r.awaitState(gateway.ModemReady)
				if got := said.count("AT+CGSMS"); got != min(len(tt.want), 1) || said.first(tt.want) < 0 {
					t.Errorf("+CGSMS given %d times, want %q", got, tt.want)
				}
			})
		})
	}
}

// A stick that floods its port until it is asked about its storages is asked before
// anything else that can wait.
func TestAskedFirst(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		var said transcript
		profile := emulator.Generic()
		profile.Manufacturer, profile.Model = "ZTE INCORPORATED", "MF190"
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, Transcript: said.add}})
		r.awaitState(gateway.ModemReady)
		if asked, next := said.first("AT+CPMS?"), said.first("AT+CGMM"); asked < 0 || asked > next {
			t.Errorf("+CPMS? was command %d, +CGMM command %d", asked, next)
		}
	})
}

// Where a storage for reports is named, they are stored before they are handed over.
func TestReportsStored(t *testing.T) {
	tests := []struct {
		name   string
		stores []string
		want   string
	}{
		{"storage for reports", []string{"SM", "ME", "SR"}, "2,1,0,2,0"},
		{"none", []string{"SM", "ME"}, "2,1,0,1,0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				profile := emulator.Generic()
				profile.Stores = tt.stores
				if slices.Contains(tt.stores, "SR") {
					profile.ReportStore = "SR"
				}
				var said transcript
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, Transcript: said.add}})
				r.awaitState(gateway.ModemReady)
				if said.count("AT+CNMI="+tt.want) != 1 || said.count("AT+CNMI=") != 2 {
					t.Errorf("+CNMI was not set to %s at once", tt.want)
				}
				if _, err := r.sendWith(t.Context(), gateway.Outgoing{To: "+4915229999999", DeliveryReport: true}, "hello"); err != nil {
					t.Fatal(err)
				}
				r.inbox.awaitReports(t, 1)
				r.awaitEmpty()
			})
		})
	}
}

// A radio that is off is switched on, however long that takes, and a SIM that becomes
// ready late is waited for.
func TestRadioOff(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		profile := emulator.Generic()
		profile.RadioOff = true
		profile.Delays = map[string]time.Duration{"+CFUN=1": 170 * time.Second}
		profile.SIMDelay = 15 * time.Second
		var said transcript
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, Transcript: said.add}})
		r.awaitState(gateway.ModemReady)
		if got := said.count("AT+CFUN=1"); got != 1 {
			t.Errorf("radio switched on %d times, want once", got)
		}
	})
}

// The ICCID is read from the card itself if no command names it.
func TestICCIDFromCard(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		profile := emulator.Generic()
		profile.Lacks = []string{"+CCID", "+ICCID", "+QCCID"}
		profile.Replies = map[string][]string{"+CRSM=176,12258,0,0,10": {`+CRSM: 144,0,"98942000002143658709"`}}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile}})
		if got := r.awaitState(gateway.ModemReady).ICCID; got != testICCID {
			t.Errorf("ICCID %q, want %q", got, testICCID)
		}
	})
}

// What is registered for packets or 5G only can send, however the answer is written.
func TestRegisteredElsewhere(t *testing.T) {
	for _, tt := range []struct {
		name    string
		replies map[string][]string
		want    int
	}{
		{"5G", map[string][]string{"+C5GREG?": {"+C5GREG: 0,1"}}, 1},
		{"LTE, zeros in front", map[string][]string{"+CEREG?": {`+CEREG:002,005,"18d8","ffff"`}}, 5},
		{"packets, blanks inside", map[string][]string{"+CGREG?": {"+CGREG: 2,1,  0 5,  1A2B"}}, 1},
		{"extended", map[string][]string{"+CEREG?": {`+CEREG: 4,6,"1F00","79D903",7,,,"00000000","11000000"`}}, 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				profile := emulator.Generic()
				profile.Replies = map[string][]string{"+CREG?": {"+CREG: 0,2"}, "+CGREG?": {"+CGREG: 0,0"}, "+CEREG?": {"+CEREG: 0,4"}}
				for cmd, lines := range tt.replies {
					profile.Replies[cmd] = lines
				}
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile}})
				if got := r.awaitState(gateway.ModemReady).Registration; got != tt.want {
					t.Errorf("registration %d, want %d", got, tt.want)
				}
			})
		})
	}
}

// A registration that comes as an unsolicited line behind the OK is understood.
func TestRegistrationBehindOK(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		profile := emulator.Generic()
		profile.Lacks = []string{"+CGREG", "+CEREG"}
		r := newRig(t, w, rigOptions{unborn: true, device: emulator.ModemOptions{Profile: profile}})
		r.device.Fault(emulator.Fault{
			At: emulator.OnCommand, Command: "+CREG?", Times: -1, Emit: []byte("\r\nOK\r\n\r\n+CREG: 5,\"00C3\",\"A2B3\"\r\n"), Do: emulator.DropAnswer,
		})
		r.plug.in()
		if got := r.awaitState(gateway.ModemReady).Registration; got != regRoaming {
			t.Errorf("registration %d, want %d", got, regRoaming)
		}
	})
}

// A phone that knows messages as text only is refused in plain words.
func TestTextOnly(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: emulator.MotorolaText()}})
		if s := r.awaitState(gateway.ModemBlocked); !strings.Contains(s.Reason, "PDU mode") {
			t.Errorf("reason = %q", s.Reason)
		}
	})
}

// staleConn first says what is left of a conversation somebody else had.
type staleConn struct {
	net.Conn
	mu    sync.Mutex
	stale []byte
}

func (c *staleConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.stale) > 0 {
		n := copy(p, c.stale)
		c.stale = c.stale[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// What a port still has to say when it is opened is no answer to anything.
func TestStaleAnswers(t *testing.T) {
	const pdu = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
	for _, stale := range []string{
		"+CMGL: 1,1,,30\r\n" + pdu + "\r\n+CMGL: 2,1,,30\r\n" + pdu + "\r\n\r\nOK\r\n",
		"\r\n> ",
		"\r\nOK\r\n\r\nOK\r\n\r\nERROR\r\n",
		pdu + "\r\n\r\nOK\r\n",
		"\r\n+CMGS: 17\r\n\r\nOK\r\n",
		strings.Repeat("\xff\x00garbage", 10_000),
	} {
		t.Run(stale[:min(len(stale), 12)], func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{wire: func(c net.Conn) io.ReadWriteCloser { return &staleConn{Conn: c, stale: []byte(stale)} }})
				if s := r.awaitState(gateway.ModemReady); s.Manufacturer != "Generic" || s.Model != "27.005" {
					t.Errorf("modem is %q %q", s.Manufacturer, s.Model)
				}
				r.deliver("hello")
				if got := texts(r.inbox.awaitFragments(t, 1)); len(got) != 1 || got[0] != "hello" {
					t.Errorf("texts %q, want hello", got)
				}
				if mrs, err := r.send(peerNumber, "hi"); err != nil || mrs[0] != 0 {
					t.Errorf("Send = %v, %v", mrs, err)
				}
			})
		})
	}
}
