package modem

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// A service centre that refuses validity periods gets the message without one, at
// once, and so do those that follow.
func TestSendWithoutValidity(t *testing.T) {
	for _, code := range []int{198, 199} {
		pipe(t, func(t *testing.T, w world) {
			r := newRig(t, w, rigOptions{})
			r.awaitState(gateway.ModemReady)
			r.network.SetRule(peerNumber, emulator.Rule{Code: code, Times: 1})
			for range 2 {
				if _, err := r.sendWith(t.Context(), gateway.Outgoing{To: peerNumber, Validity: time.Hour}, "hi"); err != nil {
					t.Errorf("Send = %v", err)
				}
			}
			for _, s := range r.network.Ledger() {
				if s.TPDU[0]&0x18 != 0 {
					t.Errorf("first octet %#02x, want no validity period", s.TPDU[0])
				}
			}
			if got := len(r.network.Ledger()); got != 2 {
				t.Errorf("%d submissions, want 2", got)
			}
			// Without a period to leave out it is a refusal as any other.
			r.network.SetRule(peerNumber, emulator.Rule{Code: code, Times: 1})
			_, err := r.send(peerNumber, "hi")
			if got := fault(t, err); got.Fate != gateway.Rejected || got.Action != gateway.Retry {
				t.Errorf("error = %+v, want rejected and Retry", got)
			}
		})
	}
}

// A modem that restarted without a word refuses the PDU: it is set up again, and
// the message is not to blame. If the settings are right, the message has its fault.
func TestSendMisread(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		tr := &transcript{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Transcript: tr.add}})
		r.awaitState(gateway.ModemReady)
		r.device.Reset()
		synctest.Wait()
		r.device.Fault(emulator.Fault{At: emulator.AfterCMGS, Final: "ERROR"}) // as in text mode
		_, err := r.send(peerNumber, "hi")
		if got := fault(t, err); got.Action != gateway.Wait || got.Fate != gateway.NotSent {
			t.Errorf("error = %+v, want not sent and Wait", got)
		}
		r.sendPatiently(peerNumber, "hi")
		tr.take()
		for range 3 {
			r.device.Fault(emulator.Fault{At: emulator.AfterCtrlZ, Final: "+CMS ERROR: 304"})
			_, err = r.send(peerNumber, "hi")
			if got := fault(t, err); got.Action != gateway.Retry || got.Fate != gateway.Rejected {
				t.Errorf("error = %+v, want rejected and Retry", got)
			}
		}
		asked := slices.DeleteFunc(tr.take(), func(l string) bool { return l != "AT+CMGF?" })
		if len(asked) != 1 {
			t.Errorf("settings verified %d times, want once", len(asked))
		}
		if got := r.modem.Status().State; got != gateway.ModemReady {
			t.Errorf("state = %s", got)
		}
	})
}

// A phone that only receives is said to be one, and goes on receiving.
func TestSendIncapable(t *testing.T) {
	for _, rule := range []emulator.Rule{{Code: 303}, {Code: 302}, {Code: 513, CME: true}} {
		pipe(t, func(t *testing.T, w world) {
			r := newRig(t, w, rigOptions{})
			r.network.SetRule(peerNumber, rule)
			for range failuresInRow {
				r.awaitState(gateway.ModemReady)
				_, err := r.send(peerNumber, "hi")
				if got := fault(t, err); got.Fate != gateway.Rejected {
					t.Errorf("error = %+v, want rejected", got)
				}
				synctest.Wait()
			}
			s := r.modem.Status()
			if s.State != gateway.ModemBlocked || !strings.Contains(s.Reason, "another modem") {
				t.Errorf("%d: status = %s, %q", rule.Code, s.State, s.Reason)
			}
			r.deliver("still received")
			r.inbox.awaitFragments(t, 1)
			r.plug.out()
			r.awaitState(gateway.ModemAbsent)
			r.plug.in()
			r.awaitState(gateway.ModemReady)
			if _, err := r.send(peerNumber, "hi"); fault(t, err).Fate != gateway.Rejected {
				t.Errorf("Send when plugged in again: %v", err)
			}
			synctest.Wait()
			if got := r.modem.Status().State; got != gateway.ModemBlocked {
				t.Errorf("%d: %s after another refusal, want blocked", rule.Code, got)
			}
			time.Sleep(incapableRest + time.Minute)
			r.network.SetRule(peerNumber, emulator.Rule{})
			if _, err := r.send(peerNumber, "hi"); err != nil {
				t.Errorf("Send when it can again: %v", err)
			}
		})
	}
}

// Failures of several messages in a row, answered or not, lead to a look at the
// modem, what is found is told, and sending rests.
func TestSendAiling(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		tr := &transcript{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Transcript: tr.add}})
		r.awaitState(gateway.ModemReady)
		r.network.SetRule("*", emulator.Rule{AcceptSilently: true})
		r.network.SetRule(peerNumber, emulator.Rule{Code: 332})
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CSCA", Emit: []byte("\r\n+CSCA: \"\",129\r\n"), Final: "OK"})
		tr.take()
		for _, to := range []string{peerNumber, peerNumber, "+4915220000003", "+4915220000004"} {
			_, err := r.send(to, "hi")
			if got := fault(t, err); got.Fate != gateway.Unknown {
				t.Fatalf("error = %+v, want unknown", got)
			}
		}
		r.await("a reason", func(s gateway.ModemStatus) bool {
			return s.State == gateway.ModemWaiting && strings.Contains(s.Reason, "service centre number")
		})
		got := tr.take()
		for _, want := range []string{"AT+CPIN?", "AT+CREG?", "AT+CSQ", "AT+CSCA?", "AT+CPMS?"} {
			if !slices.Contains(got, want) {
				t.Errorf("%s was not asked", want)
			}
		}
		r.awaitState(gateway.ModemReady)
	})
}

// While the network is congested a modem sends more slowly, and catches up later.
func TestSendCongested(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		other := "+4915220000003"
		refuse := func() {
			r.network.SetRule(peerNumber, emulator.Rule{Code: 42, Times: 1})
			_, err := r.send(peerNumber, "hi")
			if got := fault(t, err); got.Code != "CMS 42" || got.After < 30*time.Second {
				t.Errorf("error = %+v", got)
			}
		}
		var got []time.Duration
		send := func() {
			begun := time.Now()
			if _, err := r.send(other, "hi"); err != nil {
				t.Errorf("Send = %v", err)
			}
			got = append(got, time.Since(begun))
		}
		refuse()
		send()
		send()
		refuse()
		refuse()
		send()
		send()
		send()
		want := []time.Duration{5 * time.Second, 0, 10 * time.Second, 5 * time.Second, 0}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("delays (-want +got):\n%s", diff)
		}
	})
}

func TestBrake(t *testing.T) {
	now := time.Unix(0, 0)
	var b brake
	for _, want := range []time.Duration{5, 10, 20, 40, 60, 60} {
		if b.congested(now); b.until.Sub(now) != want*time.Second {
			t.Errorf("braked for %v, want %v", b.until.Sub(now), want*time.Second)
		}
	}
	for _, want := range []time.Duration{30, 15, 7500} {
		if b.passed(now); b.until.Sub(now) != want*time.Second && b.until.Sub(now) != want*time.Millisecond {
			t.Errorf("braked for %v, want %v", b.until.Sub(now), want)
		}
	}
	if b.passed(now); b != (brake{}) {
		t.Errorf("brake = %+v, want none", b)
	}
}
