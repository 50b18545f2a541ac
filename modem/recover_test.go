package modem

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// transcript remembers what was written to the emulated modem.
type transcript struct {
	mu    sync.Mutex
	lines []string
}

func (tr *transcript) add(dir byte, line []byte) {
	if dir == '>' {
		tr.mu.Lock()
		tr.lines = append(tr.lines, string(line))
		tr.mu.Unlock()
	}
}

// take returns what was written since the last call.
func (tr *transcript) take() []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	out := tr.lines
	tr.lines = nil
	return out
}

// Sending costs one exchange per part and nothing in between.
func TestNoChatter(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		tr := &transcript{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Transcript: tr.add}})
		r.awaitState(gateway.ModemReady)
		synctest.Wait()
		tr.take()
		for range 50 {
			if _, err := r.sendWith(t.Context(), gateway.Outgoing{To: peerNumber, DeliveryReport: true}, strings.Repeat("x", 200)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		commands := slices.DeleteFunc(tr.take(), func(l string) bool { return !strings.HasPrefix(l, "AT") })
		var want []string
		for range 50 {
			want = append(want, "AT+CMMS=2", "AT+CMGS=", "AT+CMGS=", "AT+CMMS=0")
		}
		for i := range commands {
			if strings.HasPrefix(commands[i], "AT+CMGS=") {
				commands[i] = "AT+CMGS="
			}
		}
		if diff := cmp.Diff(want, commands); diff != "" {
			t.Errorf("commands for 50 messages of two parts (-want +got):\n%s", diff)
		}
		r.inbox.awaitReports(t, 100)
	})
}

// A modem that restarts is set up again, whether it says so or not, and what came
// meanwhile is found.
func TestRestarted(t *testing.T) {
	for _, boot := range [][]string{nil, {"RDY"}, {"+CFUN: 1"}} {
		t.Run(strings.Join(boot, " "), func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				profile := emulator.Generic()
				profile.BootLines = boot
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, PIN: "1234"}, modem: Options{PIN: "1234"}})
				r.awaitState(gateway.ModemReady)
				for i := range 3 {
					r.device.Reset()
					r.deliver(fmt.Sprint("while away ", i))
					r.inbox.awaitFragments(t, i+1)
					r.awaitState(gateway.ModemReady)
				}
				r.sendPatiently(peerNumber, "still there")
				if got := r.device.PINAttempts(); got != 4 {
					t.Errorf("%d attempts at the PIN, want 4", got)
				}
			})
		})
	}
}

// A modem that falls silent is given up, called until it answers, and used again.
func TestMute(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.device.SetMute(true)
		s := r.await("a reason", func(s gateway.ModemStatus) bool {
			return s.State == gateway.ModemAbsent && strings.Contains(s.Reason, "does not answer")
		})
		if !strings.Contains(s.Reason, "/dev/ttyTEST") {
			t.Errorf("reason = %q, want the port in it", s.Reason)
		}
		time.Sleep(time.Hour)
		r.device.SetMute(false)
		begun := time.Now()
		r.awaitState(gateway.ModemReady)
		if got := time.Since(begun); got > time.Minute {
			t.Errorf("ready after %v, want at most a minute", got)
		}
	})
}

// A command's answer that comes after its time is not taken for another's.
func TestLateAnswers(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.device.SetSignal(11)
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CSQ", Delay: storeLimit + time.Second})
		r.await("signal", func(s gateway.ModemStatus) bool { return s.Signal == 11 })
		if got := r.modem.Status(); got.State != gateway.ModemReady || got.Registration != regHome {
			t.Errorf("status = %+v", got)
		}
	})
}

// With no network for long, the modem is made to look for one, but not one that
// refuses it.
func TestSeekNetwork(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		tr := &transcript{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Transcript: tr.add}})
		r.awaitState(gateway.ModemReady)
		sought := func(stat int) (cops, cfun int) {
			r.device.SetRegistration(stat)
			r.awaitState(gateway.ModemWaiting)
			tr.take()
			time.Sleep(time.Hour)
			for _, l := range tr.take() {
				switch l {
				case "AT+COPS=0":
					cops++
				case "AT+CFUN=4":
					cfun++
				}
			}
			r.device.SetRegistration(1)
			r.awaitState(gateway.ModemReady)
			return cops, cfun
		}
		if cops, cfun := sought(2); cops == 0 || cops > 12 || cfun == 0 || cfun > 4 {
			t.Errorf("searching for an hour: chose %d times, switched the radio %d times", cops, cfun)
		}
		if cops, cfun := sought(3); cops != 0 || cfun != 0 {
			t.Errorf("denied for an hour: chose %d times, switched the radio %d times; want neither", cops, cfun)
		}
	})
}

// Run ends soon whatever is under way, and leaves nothing behind.
func TestStop(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		for _, delay := range []time.Duration{0, 100 * time.Millisecond, 350 * time.Millisecond, time.Second} {
			r := newRig(t, w, rigOptions{network: emulator.NetworkOptions{SubmitDelay: func() time.Duration { return time.Hour }}})
			time.Sleep(delay)
			sent := make(chan error, 1)
			if delay == time.Second {
				go func() {
					_, err := r.send(peerNumber, "hi")
					sent <- err
				}()
				synctest.Wait()
			} else {
				sent <- unknown("", nil)
			}
			begun := time.Now()
			r.stop()
			if got := time.Since(begun); got > 2*time.Second {
				t.Errorf("stopped after %v", got)
			}
			if got := fault(t, <-sent); got.Fate != gateway.Unknown {
				t.Errorf("fate = %v, want unknown", got.Fate)
			}
			if s := r.modem.Status(); s.State != gateway.ModemAbsent || s.Reason == "" {
				t.Errorf("status = %+v", s)
			}
			r.plug.close()
		}
	})
}

// What only we have is not given up while the inbox refuses it, nor when the
// session ends.
func TestIntakeKeeps(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		broken := true
		r.inbox.refuse = func(gateway.Fragment) error {
			if broken {
				return errors.New("disk full")
			}
			return nil
		}
		r.awaitState(gateway.ModemReady)
		tpdu, err := emulator.Deliver{From: peerNumber, DCS: 0x10, SCTS: time.Now(), Text: "flash"}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.network.DeliverTPDU(ownNumber, tpdu); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		r.plug.out()
		r.awaitState(gateway.ModemAbsent)
		time.Sleep(time.Minute)
		r.inbox.mu.Lock()
		broken = false
		r.inbox.mu.Unlock()
		r.inbox.awaitFragments(t, 1)
	})
}

func TestIntakeBounded(t *testing.T) {
	m := &Modem{o: Options{Name: "test"}}
	q := newIntake(m)
	for range maxDirect {
		if !q.add("00", nil) {
			t.Fatal("refused early")
		}
	}
	if q.add("00", nil) {
		t.Errorf("took more than %d", maxDirect)
	}
}

// A delivery report that lost octets on the line is not taken for a message.
func TestGarbledReport(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.device.Fault(emulator.Fault{At: emulator.OnWrite, Times: -1, Mangle: func(b []byte) []byte {
			if at := strings.Index(string(b), "+CDS:"); at >= 0 {
				return append(b[:at+30:at+30], "\r\n"...)
			}
			return b
		}})
		if _, err := r.sendWith(t.Context(), gateway.Outgoing{To: peerNumber, DeliveryReport: true}, "hello"); err != nil {
			t.Fatal(err)
		}
		r.deliver("a real one")
		if diff := cmp.Diff([]string{"a real one"}, texts(r.inbox.awaitFragments(t, 1))); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
	})
}

// One error to the questions about the network does not end all asking.
func TestNetworkAskedAgain(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CREG?", Final: "ERROR"})
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CGREG?", Final: "ERROR"})
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CEREG?", Final: "ERROR"})
		r.awaitState(gateway.ModemWaiting)
		r.awaitState(gateway.ModemReady)
	})
}

// What a modem is, is asked again if it does not say: the profile hangs on it.
func TestIdentityAskedAgain(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: emulator.HuaweiStick()}, unborn: true})
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CGMI", Do: emulator.DropAnswer})
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CGMM", Final: "ERROR"})
		r.plug.in()
		if s := r.awaitState(gateway.ModemReady); s.Manufacturer != "huawei" || s.Model != "E3131" {
			t.Errorf("it is taken for %q %q", s.Manufacturer, s.Model)
		}
	})
}
