package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// alertWindow is for how long alerts count towards the number of a day.
const alertWindow = 24 * time.Hour

// alerts keeps the alerts of each forward within their limits. What it counts is
// stored with the alerts. The zero value is ready for use.
type alerts struct {
	mu   sync.Mutex
	sent map[string][]sentAlert // by Forward.ID, oldest first
}

// sentAlert is an alert that was made.
type sentAlert struct {
	at      Tick
	message string // Message.ID; empty if it was made before the start
}

// take reserves an alert of a forward and returns the times of all that count, or
// reports false if there may be none now.
func (a *alerts) take(forward, message string, now Tick, every time.Duration, perDay int) (counted []Tick, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	sent := slices.DeleteFunc(a.sent[forward], func(s sentAlert) bool { return s.at.Add(alertWindow) <= now })
	if a.sent == nil {
		a.sent = make(map[string][]sentAlert)
	}
	a.sent[forward] = sent
	if len(sent) >= perDay || len(sent) > 0 && sent[len(sent)-1].at.Add(every) > now {
		return nil, false
	}
	a.sent[forward] = append(sent, sentAlert{now, message})
	return a.ticks(forward), true
}

// ticks returns the times of the alerts of a forward; mu is locked.
func (a *alerts) ticks(forward string) []Tick {
	out := make([]Tick, len(a.sent[forward]))
	for i, s := range a.sent[forward] {
		out[i] = s.at
	}
	return out
}

// release gives back what was reserved for the alerts of a change that was not
// stored.
func (a *alerts) release(c Change) {
	for i := range c.Messages {
		if m := &c.Messages[i]; m.Alert != "" && m.Rev == 0 {
			a.mu.Lock()
			a.sent[m.Alert] = slices.DeleteFunc(a.sent[m.Alert], func(s sentAlert) bool { return s.message == m.ID })
			a.mu.Unlock()
		}
	}
}

// forget forgets the alerts of a forward that is gone.
func (a *alerts) forget(forward string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.sent, forward)
}

// alertSetting is where the times of the alerts of a forward are kept, as JSON.
func alertSetting(forward string) string { return "alerts/" + forward }

func (g *Gateway) loadAlerts(forward string) error {
	s, err := g.store.Setting(alertSetting(forward))
	if err != nil {
		return fmt.Errorf("read times of alerts: %w", err)
	}
	var ticks []Tick
	if s != "" && json.Unmarshal([]byte(s), &ticks) != nil {
		g.log.Warn().Str("route", forward).Msg("times of earlier alerts cannot be read, counting from now")
	}
	g.alerts.mu.Lock()
	defer g.alerts.mu.Unlock()
	if g.alerts.sent == nil {
		g.alerts.sent = make(map[string][]sentAlert)
	}
	for _, at := range ticks {
		g.alerts.sent[forward] = append(g.alerts.sent[forward], sentAlert{at: at})
	}
	return nil
}

// alert adds to c a message to the admins that h happened, unless the forward had
// its share, or the alert could be what brings about the next one.
func (g *Gateway) alert(c *Change, f *Forward, h *happening) {
	if len(g.AdminNumbers) == 0 || g.echoes(h) {
		return
	}
	m, err := g.alertMessage(h)
	if err != nil {
		g.log.Error().Err(err).Str("route", f.ID).Msg("cannot tell the admins what happened")
		return
	}
	m.Alert = f.ID
	counted, ok := g.alerts.take(f.ID, m.ID, g.clock.Now(), g.AlertEvery, g.AlertsPerDay)
	if !ok {
		g.log.Debug().Str("route", f.ID).Msg("the admins are not told: the route has told them often enough")
		return
	}
	c.Messages = append(c.Messages, m)
	if b, err := json.Marshal(counted); err == nil { // numbers can be encoded
		if c.Settings == nil {
			c.Settings = make(map[string]string)
		}
		c.Settings[alertSetting(f.ID)] = string(b)
	}
}

// echoes reports whether h is about an alert, or comes from where alerts go or
// come from.
func (g *Gateway) echoes(h *happening) bool {
	if h.message != nil {
		return h.message.Alert != ""
	}
	sender := ""
	if from := numbersOf(h.payload); len(from) > 0 {
		sender = from[0]
	}
	if sender == "" {
		return false
	}
	if slices.ContainsFunc(g.AdminNumbers, func(admin string) bool { return sameNumber(admin, sender) }) {
		return true
	}
	return slices.ContainsFunc(g.lanes, func(l *lane) bool {
		own := l.modem.Status().Number
		return own != "" && sameNumber(own, sender)
	})
}

// alertMessage returns the message that tells the admins of h. Any modem may send
// it: the one it is about may be the one that cannot.
func (g *Gateway) alertMessage(h *happening) (m Message, err error) {
	for _, longest := range []int{alertText, shortAlertText} { // the short one fits into a single part
		m, err = g.newMessage(context.Background(), Submission{Text: alertOf(h.payload, longest), Numbers: g.AdminNumbers, Priority: Expedited})
		if err == nil {
			break
		}
	}
	if err == nil {
		err = g.route(&m)
	}
	for i := range m.Recipients {
		m.Recipients[i].Prefer = ""
	}
	return m, err
}
