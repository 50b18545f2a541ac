package modem

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

func TestSend(t *testing.T) {
	tests := []struct {
		name, text string
		parts      int
	}{
		{"GSM-7", "Hello [world] €", 1},
		{"full GSM-7", strings.Repeat("a", 160), 1},
		{"UCS-2", "Grüße, мир 🙂", 1},
		{"long GSM-7", strings.Repeat("0123456789", 40), 3},
		{"long UCS-2", strings.Repeat("🙂", 100), 4},
	}
	worlds(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		mr := 0
		for i, tt := range tests {
			before := len(r.network.Ledger())
			mrs, err := r.sendWith(t.Context(), gateway.Outgoing{To: peerNumber, Ref: uint16(100 + i)}, tt.text)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			var want []int
			var text strings.Builder
			for j, s := range r.network.Ledger()[before:] {
				want = append(want, mr)
				mr++
				text.WriteString(s.Text)
				if tt.parts > 1 && (s.Part != j+1 || s.Total != tt.parts || s.Ref != uint16(100+i)) {
					t.Errorf("%s: part %d of %d, reference %d; want %d of %d, %d", tt.name, s.Part, s.Total, s.Ref, j+1, tt.parts, 100+i)
				}
				if s.To != peerNumber {
					t.Errorf("%s: submission %+v", tt.name, s)
				}
			}
			if diff := cmp.Diff(want, mrs); diff != "" || len(mrs) != tt.parts {
				t.Errorf("%s: references of %d parts (-want +got):\n%s", tt.name, tt.parts, diff)
			}
			if tt.name != "long UCS-2" && text.String() != tt.text { // there, pairs of surrogates decode alone
				t.Errorf("%s: sent %q", tt.name, text.String())
			}
		}
		if got := r.device.BytesDuringSubmit(); len(got) > 0 {
			t.Errorf("written while submitting: %q", got)
		}
	})
}

// Sending goes on with the first part that is still owed, and stops when an
// accepted part cannot be recorded.
func TestSendParts(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		text := strings.Repeat("x", 400)
		if _, err := r.sendWith(t.Context(), gateway.Outgoing{To: peerNumber, From: 2}, text); err != nil {
			t.Fatalf("Send from part 3: %v", err)
		}
		if got := r.network.Ledger(); len(got) != 1 || got[0].Part != 3 {
			t.Fatalf("ledger = %+v, want part 3 alone", got)
		}
		o := gateway.Outgoing{To: peerNumber}
		o.Segments = segments(t, text)
		stop := context.Canceled
		var indexes []int
		err := r.modem.Send(t.Context(), o, func(p gateway.SentPart) error {
			indexes = append(indexes, p.Index)
			return stop
		})
		if err != stop {
			t.Errorf("Send = %v, want the callback's error", err)
		}
		if diff := cmp.Diff([]int{0}, indexes); diff != "" || len(r.network.Ledger()) != 2 {
			t.Errorf("%d submissions, callbacks (-want +got):\n%s", len(r.network.Ledger()), diff)
		}
	})
}

// What the engine is told for an error result, and whether the modem rests.
func TestSendRefused(t *testing.T) {
	tests := []struct {
		rule  emulator.Rule
		want  gateway.SendError
		state gateway.ModemState
	}{
		{emulator.Rule{Code: 1}, gateway.SendError{Fate: gateway.Rejected, Action: gateway.Fail, Code: "CMS 1"}, gateway.ModemReady},
		{emulator.Rule{Code: 38}, gateway.SendError{Fate: gateway.Rejected, Action: gateway.Retry, Code: "CMS 38"}, gateway.ModemReady},
		{emulator.Rule{Code: 42}, gateway.SendError{Fate: gateway.Rejected, Action: gateway.Retry, Code: "CMS 42", After: 30 * time.Second}, gateway.ModemReady},
		{emulator.Rule{Code: 500}, gateway.SendError{Fate: gateway.Rejected, Action: gateway.Retry, Code: "CMS 500"}, gateway.ModemReady},
		{emulator.Rule{Code: 9999}, gateway.SendError{Fate: gateway.Rejected, Action: gateway.Retry, Code: "CMS 9999"}, gateway.ModemReady},
		{emulator.Rule{Code: 145}, gateway.SendError{Fate: gateway.Rejected, Action: gateway.Fail, Code: "CMS 145"}, gateway.ModemReady},
		{emulator.Rule{Code: 8}, gateway.SendError{Fate: gateway.Rejected, Action: gateway.Wait, Code: "CMS 8"}, gateway.ModemWaiting},
		{emulator.Rule{Code: 332}, gateway.SendError{Fate: gateway.Unknown, Action: gateway.Retry, Code: "CMS 332"}, gateway.ModemReady},
		{emulator.Rule{Code: 513}, gateway.SendError{Fate: gateway.Unknown, Action: gateway.Retry, Code: "CMS 513"}, gateway.ModemReady},
		{emulator.Rule{Code: 521}, gateway.SendError{Fate: gateway.Unknown, Action: gateway.Retry, Code: "CMS 521"}, gateway.ModemReady},
		{emulator.Rule{Code: 31, CME: true}, gateway.SendError{Fate: gateway.Unknown, Action: gateway.Retry, Code: "CME 31"}, gateway.ModemReady},
		{emulator.Rule{Code: 100, CME: true}, gateway.SendError{Fate: gateway.Rejected, Action: gateway.Retry, Code: "CME 100"}, gateway.ModemReady},
		{emulator.Rule{Code: 197}, gateway.SendError{}, gateway.ModemReady},
	}
	for _, tt := range tests {
		t.Run(strings.TrimSpace(tt.want.Code), func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{})
				r.awaitState(gateway.ModemReady)
				tt.rule.Times = 1
				r.network.SetRule(peerNumber, tt.rule)
				_, err := r.send(peerNumber, "hi")
				got := fault(t, err)
				if err != nil && got.Text == "" {
					t.Error("no text")
				}
				if want := strings.ReplaceAll(tt.want.Code, " ", " ERROR: "); err != nil && got.Evidence != "+"+want {
					t.Errorf("evidence %q, want %q", got.Evidence, "+"+want)
				}
				if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(gateway.SendError{}, "Text", "Err", "Evidence")); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				synctest.Wait()
				if got := r.modem.Status().State; got != tt.state {
					t.Errorf("state = %s, want %s", got, tt.state)
				}
				if tt.state == gateway.ModemReady {
					return
				}
				begun := time.Now()
				r.awaitState(gateway.ModemReady)
				if got := time.Since(begun); got < minRest-time.Second || got > minRest+5*time.Second {
					t.Errorf("rested for %v, want %v", got, minRest)
				}
				if _, err := r.send(peerNumber, "hi"); err != nil {
					t.Errorf("Send after the rest: %v", err)
				}
			})
		})
	}
}

// Refusals of different numbers in a row are the modem's fault, of one number the
// number's.
func TestSendRefusedInRow(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		r.network.SetRule("*", emulator.Rule{Code: 38})
		for range 5 {
			_, err := r.send(peerNumber, "hi")
			if got := fault(t, err); got.Fate != gateway.Rejected || got.Action != gateway.Retry {
				t.Fatalf("error = %+v", got)
			}
		}
		for _, to := range []string{"+4915220000003", "+4915220000004"} {
			_, _ = r.send(to, "hi")
		}
		for rest := minRest; rest < maxRest; rest *= 2 {
			if got := r.modem.Status(); got.State != gateway.ModemWaiting || got.Reason == "" {
				t.Fatalf("status = %+v, want waiting with a reason", got)
			}
			begun := time.Now()
			r.awaitState(gateway.ModemReady)
			if got := time.Since(begun); got < rest-time.Second || got > rest+time.Second {
				t.Errorf("rested for %v, want %v", got, rest)
			}
			for _, to := range []string{"+4915220000003", "+4915220000004", "+4915220000005"} {
				_, _ = r.send(to, "hi")
			}
		}
	})
}

// The network takes longer than allowed, or its answer is lost: nothing is written
// in that time, and no other message gets the answer.
func TestSendTimeout(t *testing.T) {
	tests := []struct {
		name  string
		delay time.Duration // of the network; 0 is no answer
		fate  gateway.Fate
		after time.Duration
	}{
		{"in time", 179 * time.Second, gateway.Accepted, 179 * time.Second},
		{"late", 200 * time.Second, gateway.Accepted, 200 * time.Second},
		// Then the line is brought back in step, and a last answer may come meanwhile.
		{"too late", 244 * time.Second, gateway.Accepted, 247 * time.Second},
		{"far too late", 300 * time.Second, gateway.Unknown, 240*time.Second + 15500*time.Millisecond},
		{"never", 0, gateway.Unknown, 242 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{})
				r.awaitState(gateway.ModemReady)
				r.network.SetRule(peerNumber, emulator.Rule{Times: 1, Delay: tt.delay, AcceptSilently: tt.delay == 0})
				begun := time.Now()
				mrs, err := r.send(peerNumber, "first")
				if got := time.Since(begun); got != tt.after {
					t.Errorf("Send took %v, want %v", got, tt.after)
				}
				if tt.fate == gateway.Accepted {
					if err != nil || len(mrs) != 1 || mrs[0] != 0 {
						t.Errorf("Send = %v, %v; want reference 0", mrs, err)
					}
				} else if got := fault(t, err); got.Fate != tt.fate {
					t.Errorf("fate = %v, want %v", got.Fate, tt.fate)
				}
				if got := r.device.BytesDuringSubmit(); len(got) > 0 && tt.delay < 240*time.Second {
					t.Errorf("written while submitting: %q", got)
				}
				r.sendPatiently(peerNumber, "second")
				want := 2
				if tt.delay == 300*time.Second { // the port was opened again before the network had it
					want = 1
				}
				if got := len(r.network.Ledger()); got != want {
					t.Errorf("%d submissions, want %d", got, want)
				}
			})
		})
	}
}

// When the caller gives up, Send returns at once and says whether the PDU may
// have left; the session goes on undisturbed.
func TestSendCancelled(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{network: emulator.NetworkOptions{SubmitDelay: func() time.Duration { return 30 * time.Second }}})
		r.awaitState(gateway.ModemReady)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := r.sendWith(ctx, gateway.Outgoing{To: peerNumber}, "first")
		if got := fault(t, err); got.Fate != gateway.Unknown {
			t.Errorf("fate = %v, want unknown", got.Fate)
		}
		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err = r.sendWith(ctx, gateway.Outgoing{To: peerNumber}, "second") // the modem is still busy
		if got := fault(t, err); got.Fate != gateway.NotSent {
			t.Errorf("fate = %v, want not sent", got.Fate)
		}
		if mrs, err := r.send(peerNumber, "third"); err != nil || len(mrs) != 1 || mrs[0] != 1 {
			t.Errorf("Send = %v, %v; want reference 1", mrs, err)
		}
		if got := r.device.BytesDuringSubmit(); len(got) > 0 {
			t.Errorf("written while submitting: %q", got)
		}
	})
}

// A number that cannot be encoded is refused before anything is written.
func TestSendUnencodable(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.awaitState(gateway.ModemReady)
		_, err := r.send("+49 151", "hi")
		if got := fault(t, err); got.Fate != gateway.NotSent || got.Action != gateway.Fail || strings.Contains(got.Text, "151") {
			t.Errorf("error = %+v, want not sent, Fail, no number", got)
		}
	})
}
