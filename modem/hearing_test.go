package modem

import (
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

func TestHearing(t *testing.T) {
	base := time.Unix(1e9, 0)
	every := func(n int, gap time.Duration) (h hearing, now time.Time) {
		now = base
		for range n {
			now = now.Add(gap)
			h.heard(now)
		}
		return h, now
	}
	for _, tt := range []struct {
		name  string
		n     int
		gap   time.Duration
		after time.Duration // until the first remedy; 0: never
	}{
		{"never heard anything", 0, 0, 0},
		{"too little to tell", hearingLeast - 1, time.Minute, 0},
		{"one a minute", 100, time.Minute, deafAfterLeast},
		{"one in 3 hours", 100, 3 * time.Hour, 30 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, now := every(tt.n, tt.gap)
			if tt.after == 0 {
				if _, ok := h.remedy(now.Add(1e5*time.Hour), base); ok {
					t.Error("deaf")
				}
				return
			}
			if _, ok := h.remedy(now.Add(tt.after-time.Second), base); ok {
				t.Errorf("deaf before %v", tt.after)
			}
			// A session that just began is given the time, too.
			if _, ok := h.remedy(now.Add(tt.after), now.Add(time.Second)); ok {
				t.Error("deaf although the session is too young to tell")
			}
			want := []gateway.RecoveryStep{gateway.StepInit, gateway.StepRadio, gateway.StepRadio}
			for i, w := range want {
				at := now.Add(tt.after << i)
				if i > 0 {
					if _, ok := h.remedy(at.Add(-time.Second), base); ok {
						t.Errorf("remedy %d before %v", i, tt.after<<i)
					}
				}
				if got, ok := h.remedy(at, base); !ok || got != w {
					t.Errorf("remedy %d: %s, %v, want %s", i, got, ok, w)
				}
			}
			h.heard(now.Add(tt.after << 3))
			if h.tried != 0 {
				t.Error("a message does not end the search")
			}
		})
	}
}

// One gap that was long is taken for normal.
func TestHearingLongestGap(t *testing.T) {
	var h hearing
	now := time.Unix(1e9, 0)
	for i := range 50 {
		now = now.Add(time.Minute)
		if i == 25 {
			now = now.Add(10 * time.Hour)
		}
		h.heard(now)
	}
	if _, ok := h.remedy(now.Add(30*time.Hour), time.Unix(1e9, 0)); ok {
		t.Error("deaf after 30 h, although 10 h without messages have been normal")
	}
	if _, ok := h.remedy(now.Add(31*time.Hour), time.Unix(1e9, 0)); !ok {
		t.Error("not deaf after 31 h")
	}
}

// A modem that received and does not any more is set up again, then its radio is
// switched.
func TestDeafModem(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		tr := &transcript{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Transcript: tr.add}})
		r.awaitState(gateway.ModemReady)
		for i := range hearingLeast {
			r.deliver("hi")
			r.inbox.awaitFragments(t, i+1)
			time.Sleep(time.Minute)
		}
		tr.take()
		count := func() (setUp, radio int) {
			for _, l := range tr.take() {
				switch {
				case strings.HasPrefix(l, "AT+CNMI=2"):
					setUp++
				case l == "AT+CFUN=4":
					radio++
				}
			}
			return setUp, radio
		}
		time.Sleep(deafAfterLeast - 10*time.Minute)
		if setUp, radio := count(); setUp != 0 || radio != 0 {
			t.Errorf("set up %d times, radio switched %d times before anything is odd", setUp, radio)
		}
		time.Sleep(time.Hour)
		if setUp, radio := count(); setUp == 0 || radio != 0 {
			t.Errorf("after %v: set up %d times, radio switched %d times, want it set up", deafAfterLeast, setUp, radio)
		}
		time.Sleep(deafAfterLeast)
		if _, radio := count(); radio != 1 {
			t.Errorf("after %v: radio switched %d times, want once", 2*deafAfterLeast, radio)
		}
		if s := r.modem.Status(); s.State != gateway.ModemReady || s.Recovery.Step != gateway.StepRadio || s.Counters.Received != hearingLeast {
			t.Errorf("%s, %+v, %d received", s.State, s.Recovery, s.Counters.Received)
		}
	})
}
