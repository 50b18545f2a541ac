package gateway

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAggregate(t *testing.T) {
	tests := map[string]struct {
		of   []State
		want State
	}{
		"one":                        {[]State{Sent}, Sent},
		"any pending wins":           {[]State{Failed, Cancelled, Processed, Pending}, Pending},
		"pending before cancelled":   {[]State{Cancelled, Pending}, Pending},
		"cancelled before failed":    {[]State{Failed, Cancelled}, Cancelled},
		"cancelled before delivered": {[]State{Delivered, Cancelled, Delivered}, Cancelled},
		"all cancelled":              {[]State{Cancelled, Cancelled}, Cancelled},
		"processed before failed":    {[]State{Failed, Processed, Failed}, Processed},
		"sent and failed":            {[]State{Failed, Sent}, Sent},
		"all that end":               {[]State{Delivered, Sent, Failed}, Sent},
		"cancelled before processed": {[]State{Processed, Cancelled, Sent}, Cancelled},
		"processed before sent":      {[]State{Sent, Processed, Delivered}, Processed},
		"all failed":                 {[]State{Failed, Failed}, Failed},
		"all delivered":              {[]State{Delivered, Delivered}, Delivered},
		"delivered and failed":       {[]State{Delivered, Failed}, Sent},
		"delivered and sent":         {[]State{Delivered, Sent}, Sent},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := Message{Recipients: make([]Recipient, len(tt.of))}
			for i, s := range tt.of {
				m.Recipients[i].State = s
			}
			if got := m.State(); got != tt.want {
				t.Errorf("state of %v: got %s, want %s", tt.of, got, tt.want)
			}
		})
	}
}

// Whatever happens to a message in whatever order the engine may do it, no final
// state changes, only Processed goes back, only to Pending and only while nothing
// owed is unknown, and the first time of a state stays.
func TestProgressNeverRunsBackwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.IntRange(1, 3).Draw(t, "parts")
		n := rapid.IntRange(1, 3).Draw(t, "recipients")
		m := Message{DeliveryReport: true, Recipients: make([]Recipient, n)}
		for i := range m.Recipients {
			m.Recipients[i] = Recipient{State: Pending, Phase: Queued}
		}
		at := time.Unix(1_700_000_000, 0)
		m.note(at)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			at = at.Add(time.Second)
			i := rapid.IntRange(0, n-1).Draw(t, "recipient")
			r := &m.Recipients[i]
			before, was := *r, m.State()
			first := make(map[State]time.Time)
			for s, v := range m.FirstReached {
				first[s] = v
			}
			step(t, &m, i, parts, at)
			if before.State.Final() && r.State != before.State {
				t.Fatalf("final state %s became %s", before.State, r.State)
			}
			if r.State == Pending && before.State != Pending {
				for p := range r.Parts {
					if before.State != Processed || r.Parts[p].Fate == Unknown {
						t.Fatalf("%s became Pending while part %d is %s", before.State, p, r.Parts[p].Fate)
					}
				}
			}
			for s, v := range first {
				if !m.FirstReached[s].Equal(v) {
					t.Fatalf("first time of %s changed", s)
				}
			}
			if n := len(r.Trace); n > maxHops || n > 0 && r.Trace[n-1].Kind == "" {
				t.Fatalf("trace has %d hops, the most are %d", n, maxHops)
			} else if r.State != before.State && r.Trace[n-1].State != r.State {
				t.Fatalf("%s became %s, the trace ends in %+v", before.State, r.State, r.Trace[n-1])
			}
			if s := m.State(); s != was && m.FirstReached[s].IsZero() {
				t.Fatalf("state %s has no first time", s)
			}
		}
	})
}

// step does one thing the engine may do to recipient i in its phase.
func step(t *rapid.T, m *Message, i, parts int, at time.Time) {
	r := &m.Recipients[i]
	switch r.Phase {
	case Queued:
		switch rapid.SampledFrom([]string{"begin", "fail", "cancel"}).Draw(t, "queued") {
		case "begin":
			m.begin(i, ModemStatus{Modem: "m", Slot: 1, SIMID: "s"}, parts, 7, at)
		case "fail":
			m.fail(i, "TTL expired", "", at)
		case "cancel":
			if r.State == Pending && r.owed() == 0 {
				m.cancel(i, at)
			}
		}
	case Active:
		switch rapid.SampledFrom([]string{"accept", "accept", "unsure", "requeue", "fail"}).Draw(t, "active") {
		case "accept":
			m.accept(i, SentPart{Index: r.owed(), MR: 5}, at)
		case "unsure":
			m.unsure(i, 50, 50, &SendError{Fate: Unknown}, at)
		case "requeue":
			m.requeue(i, 50, 50, "", at)
		case "fail":
			m.fail(i, "refused", "", at)
		}
	case Grace:
		switch rapid.SampledFrom([]string{"evidence", "resend", "fail"}).Draw(t, "grace") {
		case "evidence":
			if !m.accept(i, SentPart{Index: r.owed(), MR: 5}, at) {
				m.requeue(i, 50, 50, "", at)
			}
		case "resend":
			m.resend(i, 100)
		case "fail":
			m.fail(i, "unknown", "", at)
		}
	case Finished:
		if r.State == Sent {
			m.setState(i, rapid.SampledFrom([]State{Delivered, Failed}).Draw(t, "report"), at)
		}
	}
}
