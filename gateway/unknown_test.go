package gateway_test

import (
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// lostOnce lets the network accept the first PDU, or not, and loses the answer.
func lostOnce(accepted bool) func(*gateway.Outgoing, int, int) answer {
	return func(_ *gateway.Outgoing, _, nth int) answer {
		if nth == 0 {
			return answer{fault: unknown(), lost: accepted}
		}
		return answer{}
	}
}

func TestUnknownOutcome(t *testing.T) {
	tests := map[string]struct {
		policy    gateway.UnknownPolicy
		script    func(*gateway.Outgoing, int, int) answer
		report    bool // a delivery report of the first PDU comes in time
		wantState gateway.State
		wantPDUs  int // accepted by the network
		wantMark  bool
		wantSends int
	}{
		"resend, had left":        {gateway.ResendUnknown, lostOnce(true), false, gateway.Sent, 2, true, 2},
		"resend, had not left":    {gateway.ResendUnknown, lostOnce(false), false, gateway.Sent, 1, true, 2},
		"resend, report proves":   {gateway.ResendUnknown, lostOnce(true), true, gateway.Delivered, 1, false, 1},
		"fail, had left":          {gateway.FailUnknown, lostOnce(true), false, gateway.Failed, 1, false, 1},
		"fail, had not left":      {gateway.FailUnknown, lostOnce(false), false, gateway.Failed, 0, false, 1},
		"fail, report proves":     {gateway.FailUnknown, lostOnce(true), true, gateway.Delivered, 1, false, 1},
		"resend is unknown again": {gateway.ResendUnknown, func(*gateway.Outgoing, int, int) answer { return answer{fault: unknown()} }, false, gateway.Failed, 0, true, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.opts.OnUnknown = tt.policy
				w.modems[0].script = tt.script
				w.start()
				w.subscribe()
				m := w.submit(gateway.Submission{DeliveryReport: true})
				w.pass(119 * time.Second)
				w.wantState(m.ID, gateway.Processed)
				if tt.report {
					w.modems[0].report(0, to, 0)
				}
				w.pass(10 * time.Minute)
				got := w.wantState(m.ID, tt.wantState)
				if n := len(w.ledger.all()); n != tt.wantPDUs {
					t.Errorf("network has %d PDUs, want %d", n, tt.wantPDUs)
				}
				if n := len(w.modems[0].outgoing()); n != tt.wantSends {
					t.Errorf("sent %d times, want %d", n, tt.wantSends)
				}
				if mark := got.Recipients[0].PossibleDuplicate; mark != tt.wantMark {
					t.Errorf("possible duplicate: got %v, want %v", mark, tt.wantMark)
				}
				for _, e := range w.events() {
					if p, ok := e.Payload.(gateway.MessageSent); ok && p.PossibleDuplicate != tt.wantMark {
						t.Errorf("mark of the event: got %v, want %v", p.PossibleDuplicate, tt.wantMark)
					}
				}
			})
		})
	}
}

// While evidence for one message is awaited, the modem serves the others.
func TestGraceHoldsNobodyUp(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = lostOnce(false)
		w.start()
		w.submit(gateway.Submission{ID: "unknown"})
		w.settle()
		other := w.submit(gateway.Submission{})
		w.settle()
		w.wantState(other.ID, gateway.Sent)
	})
}

// Only the part whose outcome is unknown is sent again.
func TestUnknownPartAloneIsResent(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = func(_ *gateway.Outgoing, seg, nth int) answer {
			if nth == 1 {
				return answer{fault: unknown(), lost: true}
			}
			return answer{}
		}
		w.start()
		w.submit(gateway.Submission{ID: "m", Text: long})
		w.pass(10 * time.Minute)
		w.wantState("m", gateway.Sent)
		if got, want := w.ledger.parts(), "m/1 m/2 m/2 m/3"; got != want {
			t.Errorf("network has %q, want %q", got, want)
		}
	})
}

// A crash while the modem has a PDU makes its outcome unknown, and only its.
func TestRecoverAfterCrash(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].radio = time.Second
		w.start()
		w.submit(gateway.Submission{ID: "m", Text: long, DeliveryReport: true})
		w.submit(gateway.Submission{ID: "next"})
		w.pass(1500 * time.Millisecond) // part 1 is answered, part 2 is not
		w.crash()
		w.start()
		w.pass(10 * time.Second)
		w.wantState("next", gateway.Sent)
		m := w.wantState("m", gateway.Processed)
		if f := m.Recipients[0].Parts[1].Fate; f != gateway.Unknown {
			t.Errorf("part 2 is %s, want unknown", f)
		}
		w.pass(10 * time.Minute)
		m = w.wantState("m", gateway.Sent)
		if !m.Recipients[0].PossibleDuplicate {
			t.Error("resent after a crash and not marked")
		}
		if got, want := w.ledger.parts(), "m/1 m/2 next/1 m/2 m/3"; got != want {
			t.Errorf("network has %q, want %q", got, want)
		}
	})
}

// What may have left cannot be withdrawn, though nothing more leaves for the moment.
func TestCancelWhatMayHaveLeft(t *testing.T) {
	for name, script := range map[string]func(o *gateway.Outgoing, seg, nth int) answer{
		"the first copy": func(_ *gateway.Outgoing, _, nth int) answer {
			if nth == 0 {
				return answer{fault: unknown()}
			}
			return answer{fault: notSent()}
		},
		"the first part": func(_ *gateway.Outgoing, seg, _ int) answer {
			if seg == 0 {
				return answer{}
			}
			return answer{fault: notSent()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.modems[0].script = script
				w.start()
				m := w.submit(gateway.Submission{Text: strings.Repeat("two parts ", 20)})
				w.pass(10 * time.Minute)
				// The part that is owed can still have left in the first case only.
				want := gateway.Pending
				if name == "the first copy" {
					want = gateway.Processed
				}
				w.wantState(m.ID, want)
				if _, err := w.gw.Cancel(w.t.Context(), m.ID); gateway.CodeOf(err) != gateway.Invalid {
					t.Errorf("cancel: %v, want an error of code %s", err, gateway.Invalid)
				}
				w.wantState(m.ID, want)
			})
		})
	}
}

func TestCancel(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].set(gateway.ModemAbsent)
		w.start()
		w.subscribe()
		m := w.submit(gateway.Submission{Numbers: []string{to, "+4915110000002"}, ScheduleAt: time.Now().Add(time.Hour)})
		for range 2 { // the second time changes nothing
			if _, err := w.gw.Cancel(w.t.Context(), m.ID); err != nil {
				t.Fatalf("cancel: %v", err)
			}
		}
		w.wantState(m.ID, gateway.Cancelled)
		if got, want := w.eventTypes(), "sms:cancelled sms:cancelled"; got != want {
			t.Errorf("events: got %q, want %q", got, want)
		}
		w.modems[0].set(gateway.ModemReady)
		w.pass(2 * time.Hour)
		if n := len(w.ledger.all()); n != 0 {
			t.Errorf("network has %d PDUs of a cancelled message", n)
		}
		sent := w.submit(gateway.Submission{ID: "sent"})
		w.settle()
		_, err := w.gw.Cancel(w.t.Context(), sent.ID)
		if got, want := errText(err), "Message sent is not in Pending state"; got != want {
			t.Errorf("cancel a sent message: got %q, want %q", got, want)
		}
		if _, err := w.gw.Cancel(w.t.Context(), "nobody"); gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("cancel an unknown message: got %v, want not found", err)
		}
	})
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A clock that lies behind the program's build date decides nothing.
func TestImplausibleClockWaits(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.floor = time.Now().Add(24 * time.Hour)
		w.start()
		m := w.submit(gateway.Submission{ID: "scheduled", ScheduleAt: time.Now().Add(time.Hour)})
		u := w.submit(gateway.Submission{ID: "until", ValidUntil: time.Now().Add(-time.Hour)})
		w.pass(5 * time.Hour)
		w.wantState(m.ID, gateway.Pending)
		w.wantState(u.ID, gateway.Sent)
		w.pass(19*time.Hour + time.Minute)
		w.wantState(m.ID, gateway.Sent)
	})
}
