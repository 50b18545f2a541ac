package gateway_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

const admin = "+4917000000001"

// alertsSent returns the texts of the alerts, oldest first, and fails the test if
// one was made that does not go to the admins.
func (w *world) alertsSent() []string {
	w.t.Helper()
	ms, _, err := w.gw.Messages(gateway.MessageQuery{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for i := len(ms) - 1; i >= 0; i-- {
		if ms[i].Alert == "" {
			continue
		}
		m := w.message(ms[i].ID)
		if m.Recipients[0].Address != w.opts.AdminNumbers[0] || len(m.Recipients) != len(w.opts.AdminNumbers) || m.Priority != gateway.Expedited {
			w.t.Errorf("alert %+v", m)
		}
		out = append(out, m.Text)
	}
	return out
}

func (w *world) wantAlerts(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.alertsSent()); diff != "" {
		w.t.Errorf("alerts (-want +got):\n%s", diff)
	}
}

func TestAlert(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.AdminNumbers = []string{admin, "+4917000000002"}
		w.start()
		w.forward(gateway.Forward{Filter: wants(t, urgent), NotifyAdmin: true})
		w.incoming("+15551", "else")
		w.incoming("+15551", "urgent:\r\n\tthe server "+strings.Repeat("x", 100))
		w.settle()
		w.wantAlerts("From +15551: urgent: the server " + strings.Repeat("x", 81) + "...")
		if got := len(w.ledger.all()); got != 2 {
			t.Errorf("%d PDUs left, want one to each admin", got)
		}
	})
}

// Each forward has limits of its own, which outlast a restart.
func TestAlertLimits(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.AdminNumbers = []string{admin}
		w.opts.AlertsPerDay = 4
		w.start()
		w.forward(gateway.Forward{ID: "a", Filter: wants(t, urgent), NotifyAdmin: true})
		w.forward(gateway.Forward{ID: "b", Filter: wants(t, fromUS), NotifyAdmin: true})
		step := func(name, from, text string, want int) {
			t.Helper()
			w.incoming(from, text)
			w.settle()
			if got := len(w.alertsSent()); got != want {
				t.Fatalf("%s: %d alerts so far, want %d", name, got, want)
			}
		}
		step("first", "+49171", "urgent", 1)
		step("at once", "+49171", "urgent", 1)
		step("another forward", "+15551", "else", 2)
		w.pass(10*time.Minute - time.Second)
		step("too early", "+49171", "urgent", 2)
		w.stop()
		w.start()
		step("too early after a restart", "+49171", "urgent", 2)
		w.pass(time.Second)
		step("in time", "+49171", "urgent", 3)
		for i := range 3 {
			w.pass(10 * time.Minute)
			step("up to four a day", "+49171", "urgent", min(4+i, 5))
		}
		w.stop()
		w.start()
		w.pass(23*time.Hour + 19*time.Minute + 59*time.Second)
		step("four in a day", "+49171", "urgent", 5)
		w.pass(time.Second)
		step("a day after the first", "+49171", "urgent", 6)
		step("no two at once then", "+49171", "urgent", 6)
		w.pass(10*time.Minute + time.Second)
		step("a day after the second", "+49171", "urgent", 7)
	})
}

// An alert does not bring about another one.
func TestAlertLoops(t *testing.T) {
	everything := append([]gateway.EventType(nil), gateway.EventTypes...)
	for i, e := range everything {
		if e == gateway.EventPing {
			everything = append(everything[:i], everything[i+1:]...)
			break
		}
	}
	bubble(t, 2, func(w *world) {
		w.opts.AdminNumbers = []string{admin}
		w.opts.AlertEvery, w.opts.AlertsPerDay = time.Nanosecond, 1000
		for _, m := range w.modems {
			m.radio = time.Second // so that an alert of an alert would be in time
		}
		w.start()
		w.forward(gateway.Forward{Events: everything, NotifyAdmin: true})
		for _, from := range []string{admin, "017000000001", w.modems[0].Status().Number, w.modems[1].Status().Number} {
			w.incoming(from, "urgent")
		}
		w.pass(time.Hour)
		w.wantAlerts()
		w.incoming("+15551", "one")
		w.pass(time.Minute)
		w.incoming("", "two")
		w.pass(time.Minute)
		w.submit(gateway.Submission{ID: "own"})
		w.pass(time.Hour)
		w.wantAlerts("From +15551: one", "From an unknown number: two", "Message to +4915110000001 was sent")
		for _, m := range w.modems {
			m.script = func(*gateway.Outgoing, int, int) answer { return answer{fault: rejected(gateway.Fail)} }
		}
		w.pass(time.Second)
		w.incoming("+15551", "three") // whose alert fails
		w.pass(time.Hour)
		if got := w.alertsSent(); len(got) != 4 {
			t.Errorf("a failed alert was told: %q", got)
		}
	})
}

// The modem that is offline cannot tell so: another one does.
func TestAlertOfOfflineModem(t *testing.T) {
	bubble(t, 2, func(w *world) {
		w.opts.AdminNumbers = []string{admin}
		w.opts.Routing = gateway.Routing{Sticky: true, Handover: time.Hour}
		w.start()
		f := w.forward(gateway.Forward{
			Events: []gateway.EventType{gateway.EventDeviceOffline}, NotifyAdmin: true,
			Filter: wants(t, `{"type":"device","device_ids":["modem1"]}`),
		})
		w.submit(gateway.Submission{ID: "talk", Numbers: []string{admin}, SIM: 1}) // the admin's modem, from now on
		w.settle()
		w.modems[0].fault(gateway.ModemAbsent, "the device is gone")
		w.pass(61 * time.Second)
		w.wantAlerts("Modem modem1 is offline: the device is gone")
		got := w.modems[1].outgoing()
		if len(got) != 1 || got[0].To != admin {
			t.Errorf("modem2 sent %+v, want the alert", got)
		}
		if m, _, _ := w.gw.Messages(gateway.MessageQuery{State: gateway.Sent, Limit: 10}); len(m) != 2 || m[0].Alert != f.ID {
			t.Errorf("sent are %+v, want the alert as the newest", m)
		}
	})
}

func TestNobodyToAlert(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.forward(gateway.Forward{NotifyAdmin: true})
		w.incoming("+15551", "urgent")
		w.settle()
		w.wantAlerts()
	})
}

// refusing is a store that refuses commits with an event, without or after having
// stored them.
type refusing struct {
	gateway.Store
	fail  *atomic.Int32 // 0: not, 1: without storing, 2: after storing
	error error
}

func (s refusing) Commit(ctx context.Context, c gateway.Change) error {
	how := s.fail.Load()
	if len(c.Emissions) == 0 || how == 0 {
		return s.Store.Commit(ctx, c)
	}
	s.fail.Store(0)
	if how == 2 {
		if err := s.Store.Commit(ctx, c); err != nil {
			return err
		}
	}
	return s.error
}

// An alert is stored with its event or not at all; one that was not does not count.
func TestAlertIsStoredWithItsEvent(t *testing.T) {
	for how, name := range []string{1: "not stored", 2: "stored, but said not to be"} {
		if how == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				fail := new(atomic.Int32)
				w.wrap = func(s gateway.Store) gateway.Store { return refusing{s, fail, errors.New("as scripted")} }
				w.opts.AdminNumbers = []string{admin}
				w.start()
				w.forward(gateway.Forward{Filter: wants(t, urgent), NotifyAdmin: true})
				f := fragments("urgent", 1000, 0, time.Now())[0]
				fail.Store(int32(how))
				if err := w.gw.Receive(w.t.Context(), f); err == nil {
					t.Fatal("the fault did not show")
				}
				w.receive(f) // read from the SIM once more
				w.settle()
				w.wantAlerts("From +4917012345678: urgent")
			})
		})
	}
}

// A commit that another one came in between starts over, with the alert.
func TestAlertAfterConflict(t *testing.T) {
	bubble(t, 1, func(w *world) {
		fail := new(atomic.Int32)
		w.wrap = func(s gateway.Store) gateway.Store { return refusing{s, fail, gateway.ErrConflict} }
		w.opts.AdminNumbers = []string{admin}
		w.start()
		w.forward(gateway.Forward{Events: []gateway.EventType{gateway.EventCancelled}, NotifyAdmin: true})
		m := w.submit(gateway.Submission{ScheduleAt: time.Now().Add(time.Hour)})
		fail.Store(1)
		if _, err := w.gw.Cancel(w.t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		w.wantAlerts("Message to +4915110000001 was cancelled")
	})
}

// What goes wrong while a message is taken on is told, too.
func TestAlertOfRefusedMessage(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.AdminNumbers = []string{admin}
		w.start()
		w.forward(gateway.Forward{Events: []gateway.EventType{gateway.EventFailed}, NotifyAdmin: true})
		m := w.submit(gateway.Submission{ID: "bad", SIM: 9})
		if m.ID != "bad" || m.State() != gateway.Failed {
			t.Errorf("got %s, %s, want the message itself, Failed", m.ID, m.State())
		}
		w.settle()
		w.wantAlerts("Message to +4915110000001 failed: Can't send message: SIM 9 not found")
	})
}

// A text that must fit into one part is cut shorter.
func TestAlertInOnePart(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.opts.AdminNumbers = []string{admin}
		w.opts.MaxParts = 1
		w.start()
		w.forward(gateway.Forward{NotifyAdmin: true})
		w.incoming("+15551", strings.Repeat("ж", 100))
		w.settle()
		w.wantAlerts("From +15551: " + strings.Repeat("ж", 40) + "...")
	})
}

func TestAdminNumbersAreChecked(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		for _, o := range []gateway.Options{{AdminNumbers: []string{"call me"}}, {AlertsPerDay: 1001}, {AlertEvery: -1}} {
			o.Store = w.db
			if _, err := gateway.New(w.t.Context(), o); err == nil {
				t.Errorf("%+v is taken", o)
			}
		}
	})
}

// Whatever commit fails, stored or not: the admin is told of an incoming text exactly
// once, and what a forward's webhook is to get is stored once.
func TestAlertFailingCommits(t *testing.T) {
	for _, after := range []bool{false, true} {
		for k, hit := 0, true; hit; k++ {
			bubble(t, 1, func(w *world) {
				w.opts.AdminNumbers = []string{admin}
				w.start()
				f := w.forward(gateway.Forward{Filter: wants(t, urgent), URL: "http://127.0.0.1/urgent", NotifyAdmin: true, Exclusive: true})
				w.stop()
				commits := 0
				var mu sync.Mutex
				w.wrap = func(s gateway.Store) gateway.Store { return &faultyStore{s, &mu, &commits, k, after} }
				in := fragments("urgent: water in the cellar", 10, 7, time.Now())
				w.start()
				if w.gw != nil {
					for _, part := range in {
						w.gw.Receive(context.Background(), part) // an error leaves it on the SIM
					}
					w.pass(time.Minute)
				}
				hit = commits > k
				w.wrap = nil
				w.stopFailed()
				w.start()
				w.receive(in...)
				w.pass(time.Hour)
				w.wantAlerts("From +4917012345678: urgent: water in the cellar")
				if diff := cmp.Diff([]string{"sms:received"}, w.told(f.Webhook)); diff != "" {
					t.Errorf("the webhook of the forward (-want +got):\n%s", diff)
				}
				if got := len(w.ledger.all()); got < 1 || got > 2 { // one of unknown outcome is sent again
					t.Errorf("%d PDUs left", got)
				}
			})
			if t.Failed() {
				t.Fatalf("fault at commit %d, stored %v", k, after)
			}
			if !hit && k < 5 {
				t.Fatalf("the scenario has %d commits only", k)
			}
		}
	}
}
