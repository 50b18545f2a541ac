package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Bounds of canaries.
const (
	canarySettle   = 2 * time.Minute  // after the start, before the first one
	canaryRetry    = 15 * time.Minute // after a miss, doubled with each
	canaryResults  = 20               // kept of each modem
	canaryPriority = Expedited        // whatever the work hours are; limits hold for them, too
)

// CanaryOptions say how it is found out that messages really leave and arrive: now and
// then one is sent with an unique token. The zero value of a field means its default.
type CanaryOptions struct {
	Modems []string // IDs; empty: all
	// To is the number to send to. If it is that of one of the SIMs the message must come
	// in; else its delivery report must. Empty: the SIM's own.
	To      string
	Every   time.Duration // between two of one modem. Default 24 h.
	Timeout time.Duration // from the order to send on. Default 10 min.
	PerDay  int           // SMS in any 24 hours, of all modems. Default 10.
	Misses  int           // in a row from which on a modem counts as failed. Default 2.
	Window  WorkHours     // when they are sent, unless somebody asks for one
	Tell    bool          // events of its messages are stored and webhooks told, as of others
}

func (o *CanaryOptions) normalised() (*CanaryOptions, error) {
	if o == nil {
		return nil, nil
	}
	out := *o
	for _, d := range []struct {
		v    *time.Duration
		def  time.Duration
		what string
	}{{&out.Every, 24 * time.Hour, "every"}, {&out.Timeout, 10 * time.Minute, "timeout"}} {
		if *d.v == 0 {
			*d.v = d.def
		}
		if *d.v < time.Second {
			return nil, fmt.Errorf("%s %s is less than a second", d.what, *d.v)
		}
	}
	if out.PerDay == 0 {
		out.PerDay = 10
	}
	if out.Misses == 0 {
		out.Misses = 2
	}
	if out.PerDay < 0 || out.PerDay > 1000 || out.Misses < 0 {
		return nil, fmt.Errorf("%d SMS a day and %d misses are not within 1–1000 and not negative", out.PerDay, out.Misses)
	}
	return &out, nil
}

// canaries is what is known of them. The mutex is held while changes are stored, so
// that what is known is what is stored; the goroutine that writes must not take it.
type canaries struct {
	kick chan struct{} // capacity 1; written by anyone, read by runCanaries

	mu    sync.Mutex // guards state
	state canaryState
}

// settingCanary is where the state is kept, as JSON; settingArrival, with a token
// behind it, is where the tick is at which a canary came in.
const (
	settingCanary  = "canary"
	settingArrival = "canary_in:"
)

type canaryState struct {
	Modems []CanaryStatus `json:"modems"`
	Sent   []Tick         `json:"sent"` // in the last 24 hours, oldest first
}

// CanaryStatus is how the canaries of one modem have fared.
type CanaryStatus struct {
	Modem   string         `json:"modem"`
	Next    Tick           `json:"next"`              // when the next is sent
	Flight  *CanaryFlight  `json:"flight,omitempty"`  // the one under way; nil if there is none
	Misses  int            `json:"misses"`            // in a row
	Told    bool           `json:"told"`              // EventCanaryFailed was stored
	Problem string         `json:"problem,omitempty"` // why none can be sent, and what to do
	Results []CanaryResult `json:"results"`           // oldest first
}

// CanaryFlight is a canary under way.
type CanaryFlight struct {
	Token    string    `json:"token"`
	Message  string    `json:"message"` // Message.ID
	At       time.Time `json:"at"`
	Began    Tick      `json:"began"`
	Deadline Tick      `json:"deadline"`
	Own      bool      `json:"own"` // it must come in here; else its delivery report must
}

// CanaryResult is what became of a canary.
type CanaryResult struct {
	Token     string        `json:"token"`
	At        time.Time     `json:"at"`              // when it was ordered
	Began     Tick          `json:"began"`           // the same on the timeline
	Own       bool          `json:"own"`             // it had to come in here
	RoundTrip time.Duration `json:"rtt,omitempty"`   // until it came in, or its report did; 0 if it did not
	Error     string        `json:"error,omitempty"` // why it counts as missed; empty if it was in time
}

// OK reports whether the canary was in time.
func (r *CanaryResult) OK() bool { return r.Error == "" }

// Last returns the latest result; nil if there is none.
func (s *CanaryStatus) Last() *CanaryResult {
	if len(s.Results) == 0 {
		return nil
	}
	return &s.Results[len(s.Results)-1]
}

// add adds a result, forgetting the oldest.
func (s *CanaryStatus) add(r CanaryResult) {
	s.Results = append(s.Results, r)
	if n := len(s.Results) - canaryResults; n > 0 {
		s.Results = slices.Delete(s.Results, 0, n)
	}
}

// clone returns a copy that shares nothing with s.
func (s *canaryState) clone() canaryState {
	out := canaryState{Modems: slices.Clone(s.Modems), Sent: slices.Clone(s.Sent)}
	for i := range out.Modems {
		m := &out.Modems[i]
		m.Results = slices.Clone(m.Results)
		if m.Flight != nil {
			m.Flight = new(*m.Flight)
		}
	}
	return out
}

// of returns the status of a modem, which is added if there is none.
func (s *canaryState) of(modem string) *CanaryStatus {
	i := slices.IndexFunc(s.Modems, func(m CanaryStatus) bool { return m.Modem == modem })
	if i < 0 {
		i = len(s.Modems)
		s.Modems = append(s.Modems, CanaryStatus{Modem: modem})
	}
	return &s.Modems[i]
}

// spent forgets what was sent too long ago to count, and returns how many SMS are left
// to send and when there is one more.
func (s *canaryState) spent(now Tick, perDay int) (left int, more Tick) {
	s.Sent = slices.DeleteFunc(s.Sent, func(t Tick) bool { return t.Add(24*time.Hour) <= now || t > now })
	left = perDay - len(s.Sent)
	if left <= 0 {
		more = s.Sent[len(s.Sent)-perDay].Add(24 * time.Hour)
	}
	return max(left, 0), more
}

// loadCanaries reads what is known. What cannot be read is begun anew.
func (g *Gateway) loadCanaries() error {
	g.canaries.kick = make(chan struct{}, 1)
	s, err := g.store.Setting(settingCanary)
	if err != nil {
		return fmt.Errorf("read canaries: %w", err)
	}
	if s != "" && json.Unmarshal([]byte(s), &g.canaries.state) != nil {
		g.canaries.state = canaryState{}
		g.log.Warn().Msg("what is kept of canaries cannot be read, beginning anew")
	}
	return nil
}

// CanaryOverview is how the canaries of all modems have fared.
type CanaryOverview struct {
	Options CanaryOptions  // as they hold
	Enabled bool           // false: there are none, and nothing else is set
	Sent    int            // SMS in the last 24 hours
	Modems  []CanaryStatus // in the order of their slots
}

// Canaries returns how the canaries have fared.
func (g *Gateway) Canaries() CanaryOverview {
	if g.Canary == nil {
		return CanaryOverview{}
	}
	g.canaries.mu.Lock()
	s := g.canaries.state.clone()
	g.canaries.mu.Unlock()
	left, _ := s.spent(g.clock.Now(), g.Canary.PerDay)
	out := CanaryOverview{Options: *g.Canary, Enabled: true, Sent: g.Canary.PerDay - left}
	for _, l := range g.canaryLanes() {
		out.Modems = append(out.Modems, *s.of(l.modem.ID()))
	}
	return out
}

// canaryLanes returns the modems that send canaries.
func (g *Gateway) canaryLanes() (out []*lane) {
	for _, l := range g.lanes {
		if len(g.Canary.Modems) == 0 || slices.Contains(g.Canary.Modems, l.modem.ID()) {
			out = append(out, l)
		}
	}
	return out
}

// Verdict says how a modem is by its canaries: a warning after the first miss, a
// failure after as many as o allows.
func (s *CanaryStatus) Verdict(o CanaryOptions) HealthStatus {
	switch {
	case s.Misses >= o.Misses:
		return Down
	case s.Misses > 0 || s.Problem != "":
		return Warn
	}
	return Pass
}

// checkCanaries adds a check for each modem that sends canaries. As long as those of
// one modem come through, the failure of another is a warning.
func (g *Gateway) checkCanaries(checks map[string]Check) {
	o := g.Canaries()
	works := slices.ContainsFunc(o.Modems, func(m CanaryStatus) bool { return m.Verdict(o.Options) == Pass && m.Last() != nil })
	for i := range o.Modems {
		m := &o.Modems[i]
		c := Check{Status: m.Verdict(o.Options), ObservedUnit: "milliseconds"}
		if c.Status == Down && works {
			c.Status = Warn
		}
		last := m.Last()
		if last != nil {
			c.ObservedValue = int(last.RoundTrip / time.Millisecond)
		}
		switch {
		case m.Problem != "":
			c.Description = m.Problem
		case last == nil:
			c.Description = "No message was sent yet to find out whether " + m.Modem + " really sends"
		case last.OK():
			c.Description = "Time until the latest message that " + m.Modem + " sent as a test came through"
		default:
			c.Description = fmt.Sprintf("Messages that %s sends as a test do not come through, %d in a row: %s", m.Modem, m.Misses, last.Error)
		}
		checks["canary:"+m.Modem] = c
	}
}
