package gateway

import (
	"strings"
	"time"
)

// Conversation is what was exchanged through one modem with one other side, as it
// stood when an event of it happened.
type Conversation struct {
	ID        string    `json:"id"`                // UUID, the same for ever
	Country   string    `json:"country,omitempty"` // of the other side, ISO 3166-1 alpha-2; empty if its number does not tell
	CreatedAt time.Time `json:"created"`           // of the first message
	LastAt    time.Time `json:"last"`              // of the latest one
	Messages  int       `json:"messages"`          // in both directions; 0 if it has not begun, or was forgotten
}

// Talk says to which conversation an event belongs. The store keeps the rest.
type Talk struct {
	ID      string // Conversation.ID
	Country string // Conversation.Country
	Modem   string // ID
	Peer    string // number of the other side, as it is dialled, or its name in lower case
	Said    bool   // the event tells of a message that came or went, and not of what became of it
}

// Affinity returns the key under which [Reader.Affinity] finds the conversation;
// empty if the other side cannot be answered.
func (t *Talk) Affinity() string { return affinityKey(t.Peer) }

// maxPeer bounds the names of senders that are no number: networks deliver eleven
// characters.
const maxPeer = 64 // bytes

// talk returns to which conversation an event with the given payload belongs; nil
// if to none.
func (g *Gateway) talk(p Payload) *Talk {
	t, peer, read := Talk{Modem: modemOf(p)}, "", dial
	switch p := p.(type) {
	case MessageReceived:
		peer, t.Said = p.Sender, true
	case DataReceived:
		peer, t.Said = p.Sender, true
	case MMSReceived:
		peer, t.Said = p.Sender, true
	case MessageMatched:
		peer = p.Sender
	case MessageSent:
		peer, read, t.Said = p.Recipient, dialAnyway, true
	case MessageDelivered:
		peer, read = p.Recipient, dialAnyway
	case MessageFailed:
		peer, read = p.Recipient, dialAnyway
	case MessageCancelled:
		peer, read = p.Recipient, dialAnyway
	case OptedOut:
		peer = p.Number
	case OptedIn:
		peer = p.Number
	}
	if t.Modem == "" || peer == "" {
		return nil
	}
	if number, err := read(peer, g.Region); err == nil {
		t.Peer, t.Country = number, CountryOf(number)
	} else {
		t.Peer = strings.ToLower(peer[:min(len(peer), maxPeer)])
	}
	t.ID = UUID(g.device, "conversation", t.Modem, t.Peer)
	return &t
}

// dialAnyway returns what was dialled for a number that was sent to, which need not
// have been checked.
func dialAnyway(number, region string) (string, error) {
	if s, err := dial(number, region); err == nil {
		return s, nil
	}
	return dialUnchecked(number)
}
