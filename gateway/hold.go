package gateway

// Hold is why a modem that could send must not, such as a limit that is reached.
// The zero Hold lets it send.
type Hold struct {
	// Reason is one sentence for people that says what is waited for: it is shown
	// with each message that waits for it. It must not be empty, or there is no hold.
	Reason string
	// Until is when to ask again; 0 is when the gateway is kicked.
	Until Tick
}

// held asks what may hold a modem back and returns the first answer.
func (g *Gateway) held(st ModemStatus) (h Hold, held bool) {
	for _, ask := range g.Holds {
		if h := ask(st); h.Reason != "" {
			return h, true
		}
	}
	return Hold{}, false
}
