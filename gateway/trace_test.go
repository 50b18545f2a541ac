package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// told returns the trace of the first recipient, one line a hop.
func told(m gateway.Message) []string {
	var out []string
	for i := range m.Recipients[0].Trace {
		h := &m.Recipients[0].Trace[i]
		line := h.String()
		if h.Evidence != "" {
			line += " [" + h.Evidence + "]"
		}
		if h.State != "" {
			line += " => " + string(h.State)
		}
		if h.Event != "" {
			line += " event"
		}
		out = append(out, line)
	}
	return out
}

func TestTrace(t *testing.T) {
	tests := map[string]struct {
		text   string
		script func(o *gateway.Outgoing, seg, nth int) answer
		policy gateway.UnknownPolicy
		want   []string
	}{
		"delivered": {"hi", delivered, "", []string{
			"attempt 1 begun on modem modem1 (SIM 1), from part 1 => Processed",
			"part 1 accepted by the service centre, reference 0 [+CMGS: 0] => Sent event",
			"delivery report on part 1, reference 0: as scripted => Delivered event",
		}},
		"two parts": {strings.Repeat("a", 200), delivered, "", []string{
			"attempt 1 begun on modem modem1 (SIM 1), from part 1 => Processed",
			"part 1 accepted by the service centre, reference 0 [+CMGS: 0]",
			"delivery report on part 1, reference 0: as scripted",
			"part 2 accepted by the service centre, reference 1 [+CMGS: 1] => Sent event",
			"delivery report on part 2, reference 1: as scripted => Delivered event",
		}},
		"refused once": {"hi", func(_ *gateway.Outgoing, _, nth int) answer {
			if nth == 0 {
				return answer{fault: rejected(gateway.Retry)}
			}
			return answer{noMR: true}
		}, "", []string{
			"attempt 1 begun on modem modem1 (SIM 1), from part 1 => Processed",
			"part 1 refused: network out of order (CMS 38); next attempt in 30s [+CMS ERROR: 38] => Pending",
			"attempt 2 begun on modem modem1 (SIM 1), from part 1 => Processed",
			"part 1 accepted by the service centre [OK] => Sent event",
		}},
		"refused for good": {"hi", func(*gateway.Outgoing, int, int) answer { return answer{fault: rejected(gateway.Fail)} }, "", []string{
			"attempt 1 begun on modem modem1 (SIM 1), from part 1 => Processed",
			"part 1 refused: network out of order (CMS 38) [+CMS ERROR: 38]",
			"failed: Send result: network out of order (CMS 38) => Failed event",
		}},
		"lost, sent again": {"hi", func(_ *gateway.Outgoing, _, nth int) answer { return answer{fault: onlyFirst(nth, unknown())} }, "", []string{
			"attempt 1 begun on modem modem1 (SIM 1), from part 1 => Processed",
			"unknown whether part 1 left: no answer; waiting 2m0s for evidence",
			"no evidence came whether part 1 left",
			"attempt 2 begun on modem modem1 (SIM 1), from part 1, whose first copy may have left",
			"part 1 accepted by the service centre, reference 0 [+CMGS: 0] => Sent event",
		}},
		"lost, given up": {"hi", func(*gateway.Outgoing, int, int) answer { return answer{fault: unknown()} }, gateway.FailUnknown, []string{
			"attempt 1 begun on modem modem1 (SIM 1), from part 1 => Processed",
			"unknown whether part 1 left: no answer; waiting 2m0s for evidence",
			"no evidence came whether part 1 left",
			"failed: Send result: it is unknown whether the message left: no answer (UNKNOWN) => Failed event",
		}},
		"lost, proven by the report": {"hi", func(*gateway.Outgoing, int, int) answer {
			return answer{fault: unknown(), lost: true, early: true, reports: []byte{0}}
		}, "", []string{
			"attempt 1 begun on modem modem1 (SIM 1), from part 1 => Processed",
			"unknown whether part 1 left: no answer; waiting 2m0s for evidence",
			"part 1 proved to have left, reference 0 [delivery report] => Sent event",
			"delivery report on part 1, reference 0: as scripted => Delivered event",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.modems[0].script, w.opts.OnUnknown = tt.script, tt.policy
				w.start()
				w.subscribe()
				m := w.submit(gateway.Submission{Text: tt.text, DeliveryReport: true})
				w.pass(time.Hour)
				got := w.message(m.ID)
				if diff := cmp.Diff(tt.want, told(got)); diff != "" {
					t.Errorf("trace (-want +got)\n%s", diff)
				}
				ids := make(map[string]bool)
				for _, e := range w.events() {
					ids[e.ID] = true
				}
				for _, h := range got.Recipients[0].Trace {
					if h.Event != "" && !ids[h.Event] {
						t.Errorf("the trace names event %s, which there is not", h.Event)
					}
					delete(ids, h.Event)
				}
				if len(ids) > 0 {
					t.Errorf("%d events are not in the trace", len(ids))
				}
			})
		})
	}
}

func onlyFirst(nth int, f *gateway.SendError) *gateway.SendError {
	if nth > 0 {
		return nil
	}
	return f
}

// A crash, a schedule and a withdrawal are in the trace as well.
func TestTraceOfInterruptions(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].radio = time.Minute
		w.start()
		m := w.submit(gateway.Submission{ScheduleAt: time.Now().Add(time.Hour)})
		gone := w.submit(gateway.Submission{ScheduleAt: time.Now().Add(2 * time.Hour), Numbers: []string{"+4915110000002"}})
		if _, err := w.gw.Cancel(w.t.Context(), gone.ID); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Hour + time.Second)
		w.crash()
		w.start()
		w.settle()
		want := []string{
			"its time came",
			"attempt 1 begun on modem modem1 (SIM 1), from part 1 => Processed",
			"unknown whether part 1 left: the gateway was interrupted while the modem had the message; waiting 2m0s for evidence",
		}
		if diff := cmp.Diff(want, told(w.message(m.ID))); diff != "" {
			t.Errorf("trace (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff([]string{"cancelled => Cancelled event"}, told(w.message(gone.ID))); diff != "" {
			t.Errorf("trace (-want +got)\n%s", diff)
		}
	})
}

// A modem without network for days fills the trace, and no more than that.
func TestTraceIsBounded(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.modems[0].script = func(_ *gateway.Outgoing, _, nth int) answer {
			if nth < 500 {
				f := rejected(gateway.Wait)
				f.Text = strings.Repeat("ä", 1000)
				return answer{fault: f}
			}
			return answer{}
		}
		w.start()
		m := w.submit(gateway.Submission{})
		w.pass(7 * 24 * time.Hour)
		r := w.wantState(m.ID, gateway.Sent).Recipients[0]
		if len(r.Trace) != 64 || r.Dropped != 2*501-64 {
			t.Errorf("%d hops and %d dropped, want 64 and %d", len(r.Trace), r.Dropped, 2*501-64)
		}
		if first, last := r.Trace[0], r.Trace[63]; first.Attempt != 1 || last.Kind != gateway.HopAccepted {
			t.Errorf("trace begins with %v and ends with %v", &first, &last)
		}
		if text := r.Trace[1].Text; len(text) > 200 || !strings.HasSuffix(text, "ä…") {
			t.Errorf("text of %d bytes: %q", len(text), text)
		}
	})
}
