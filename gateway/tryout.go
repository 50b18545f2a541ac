package gateway

import (
	"slices"
	"strings"
	"time"
)

// Sample describes something that could happen, to see where it would go.
type Sample struct {
	Event EventType // empty: EventReceived
	Phone string    // of the other side
	Text  string
	Modem string    // ID, also with "dev_" in front, or the gateway's; empty: of none
	At    time.Time // zero: now
}

// Tryout is what would become of a [Sample].
type Tryout struct {
	Matched []Forward // that want it, in their order
	Posts   []TryPost // webhooks that would be told
	// Alert is set if the admins would be told, unless they have been often enough.
	Alert bool
	// Exclusive is set if the webhooks that are registered for such events would not be
	// told.
	Exclusive bool
}

// TryPost is a webhook that would be told.
type TryPost struct {
	Endpoint Endpoint
	Via      string // Forward.ID; empty: it is registered for such events
}

// Try returns what would become of s. Nothing is sent or stored. The error is
// [Invalid], and names the field of s.
func (g *Gateway) Try(s Sample) (out Tryout, err error) {
	h, err := g.sample(s)
	if err != nil {
		return out, err
	}
	to := g.fanOut(h, nil)
	for _, f := range to.matched {
		out.Matched = append(out.Matched, *f)
		out.Alert = out.Alert || f.NotifyAdmin && len(g.AdminNumbers) > 0 && !g.echoes(h)
	}
	for _, p := range to.posts {
		try := TryPost{Endpoint: *p.endpoint}
		if p.via != nil {
			try.Via = p.via.ID
		}
		out.Posts = append(out.Posts, try)
	}
	out.Exclusive = to.exclusive
	return out, nil
}

// sample makes s something that happened.
func (g *Gateway) sample(s Sample) (*happening, error) {
	h := &happening{at: s.At, certain: !s.At.IsZero()}
	if h.at.IsZero() {
		h.at = g.now()
	}
	slot := 0
	modem := s.Modem
	if modem == g.device {
		modem = ""
	}
	if modem != "" {
		l := g.byModem[modem]
		if bare, ok := strings.CutPrefix(modem, foreignDevice); ok && l == nil {
			l = g.byModem[bare]
		}
		if l == nil {
			return nil, Invalidf("deviceId %q is no modem, nor this gateway: leave it out, or see /modems", s.Modem)
		}
		modem, slot = l.modem.ID(), l.slot
	}
	own := g.ownNumber(slot)
	progress := MessageProgress{Recipient: s.Phone, Sender: own, SIM: slot, Modem: modem, At: h.at}
	switch s.Event {
	case "", EventReceived:
		h.payload = MessageReceived{Sender: s.Phone, Recipient: own, SIM: slot, Modem: modem, Text: s.Text, ReceivedAt: h.at}
	case EventDataReceived:
		h.payload = DataReceived{Sender: s.Phone, Recipient: own, SIM: slot, Modem: modem, ReceivedAt: h.at}
	case EventMMSReceived:
		h.payload = MMSReceived{Sender: s.Phone, Recipient: own, SIM: slot, Modem: modem, Subject: s.Text, ReceivedAt: h.at}
	case EventCallReceived:
		h.payload = CallReceived{Caller: s.Phone, SIM: slot, Modem: modem, At: h.at}
	case EventSent:
		h.payload = MessageSent{MessageProgress: progress, Parts: 1}
	case EventDelivered:
		h.payload = MessageDelivered{MessageProgress: progress}
	case EventFailed:
		h.payload = MessageFailed{MessageProgress: progress}
	case EventCancelled:
		h.payload = MessageCancelled{progress}
	case EventDeviceOnline:
		h.payload = DeviceOnline{SIM: slot, Modem: modem, At: h.at}
	case EventDeviceOffline:
		h.payload = DeviceOffline{SIM: slot, Modem: modem, At: h.at}
	case EventBalanceLow:
		h.payload = BalanceLow{SIM: slot, Modem: modem, Text: s.Text, At: h.at}
	case EventCanaryFailed:
		h.payload = CanaryFailed{CanaryNotice{SIM: slot, Modem: modem, At: h.at}}
	case EventCanaryRecovered:
		h.payload = CanaryRecovered{CanaryNotice{SIM: slot, Modem: modem, At: h.at}}
	default:
		return nil, Invalidf("event %q cannot be tried: use one of a message, a call or a modem, such as %s", s.Event, EventReceived)
	}
	if slices.Contains([]EventType{EventSent, EventDelivered, EventFailed, EventCancelled}, s.Event) {
		h.message = &Message{Text: s.Text}
	}
	return h, nil
}
