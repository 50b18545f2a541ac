package gateway

import (
	"crypto/rand"
	"regexp"
	"strconv"
)

// canaryText is what a canary says. Who receives it by mistake should understand it.
func canaryText(token string) string { return "SMS gateway self-test " + token + ", please ignore" }

var canaryPattern = regexp.MustCompile(`\bself-test ([A-Z2-7]{26})\b`)

// newCanaryToken returns a token that nobody can guess.
func newCanaryToken() string { return rand.Text() }

// canaryIn returns the modem that sent the canary that a text is; empty if it is none of
// those that are known. open is set if it was not known yet that it arrived.
func (g *Gateway) canaryIn(text string) (modem, token string, open bool) {
	found := canaryPattern.FindStringSubmatch(text)
	if found == nil {
		return "", "", false
	}
	g.canaries.mu.Lock()
	defer g.canaries.mu.Unlock()
	for i := range g.canaries.state.Modems {
		m := &g.canaries.state.Modems[i]
		if m.Flight != nil && m.Flight.Token == found[1] {
			return m.Modem, found[1], true
		}
		for _, r := range m.Results {
			if r.Token == found[1] {
				return m.Modem, found[1], r.Own && r.RoundTrip == 0
			}
		}
	}
	return "", "", false
}

// tellsCanaries reports whether canaries are told of as other messages are.
func (g *Gateway) tellsCanaries() bool { return g.Canary != nil && g.Canary.Tell }

// takeCanary marks in if it is a canary, and adds to c that it arrived.
func (g *Gateway) takeCanary(c *Change, in *Inbound) {
	if in.Type != InboundSMS {
		return
	}
	modem, token, open := g.canaryIn(in.Text)
	in.Canary = modem
	if !open {
		return
	}
	if c.Settings == nil {
		c.Settings = make(map[string]string)
	}
	c.Settings[settingArrival+token] = strconv.FormatInt(int64(g.clock.Now()), 10)
}

// canaryArrived returns when a canary came in; 0 if it did not, or if that was dealt
// with.
func (g *Gateway) canaryArrived(token string) (Tick, error) {
	s, err := g.store.Setting(settingArrival + token)
	if err != nil || s == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return g.clock.Now(), nil // it did come in
	}
	return Tick(n), nil
}
