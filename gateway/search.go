package gateway

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strings"
	"time"
)

// Search selects messages, newest first, that are behind a place in their list and
// contain a text. It returns what it found within a bounded time.
type Search struct {
	Text     string      // in whatever case; empty: any
	State    State       // of outgoing messages; empty: any
	Type     InboundType // of incoming messages; empty: any
	Modem    string      // ID of the modem that brought it, or that sends it or is to; empty: any
	Slot     int         // of Modem, from 1
	From, To time.Time   // by CreatedAt or ArrivedAt, inclusive; zero: open
	Before   Place       // zero: from the newest on
	Limit    int         // at most; 0 or less returns none
	// Patience is for how long to look, about. Zero: until Limit is reached or nothing
	// is left.
	Patience time.Duration
}

// Place is one in a list of messages.
type Place struct {
	At  time.Time
	Seq uint64
}

// IsZero reports whether p is no place.
func (p Place) IsZero() bool { return p.Seq == 0 }

// String returns p in a form for clients, which [ParsePlace] reads.
func (p Place) String() string {
	b := binary.BigEndian.AppendUint64(nil, uint64(p.At.Unix()))
	b = binary.BigEndian.AppendUint32(b, uint32(p.At.Nanosecond()))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(b, p.Seq))
}

// ParsePlace reads what [Place.String] wrote; ok is false if it is anything else.
func ParsePlace(s string) (p Place, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != 8+4+8 {
		return p, false
	}
	nanos := binary.BigEndian.Uint32(b[8:])
	p = Place{time.Unix(int64(binary.BigEndian.Uint64(b)), int64(nanos)).UTC(), binary.BigEndian.Uint64(b[12:])}
	return p, nanos < 1e9 && p.Seq > 0 && p.Seq < math.MaxInt64
}

// Matches reports whether m contains a text, given in lower case: in its own text,
// its ID, or a number.
func (m *Message) Matches(lower string) bool {
	if contains(m.Text, lower) || contains(m.ID, lower) {
		return true
	}
	for i := range m.Recipients {
		if contains(m.Recipients[i].Number, lower) || contains(m.Recipients[i].Address, lower) {
			return true
		}
	}
	return false
}

// Concerns reports whether a modem was the last to send m to a recipient, or is the one
// that is to. slot is its, from 1.
func (m *Message) Concerns(modem string, slot int) bool {
	for i := range m.Recipients {
		r := &m.Recipients[i]
		if r.Modem == modem || r.Modem == "" && (r.Prefer == modem || m.SIM == slot) {
			return true
		}
	}
	return false
}

// Matches reports whether in contains a text, given in lower case: in its own text,
// its ID, or the number or name of its sender.
func (in *Inbound) Matches(lower string) bool {
	return contains(in.Text, lower) || contains(in.From, lower) || contains(in.MessageID(), lower)
}

func contains(s, lower string) bool { return strings.Contains(strings.ToLower(s), lower) }

// SearchMessages returns outgoing messages, and where to look on; zero if there are
// no others.
func (g *Gateway) SearchMessages(s Search) ([]Message, Place, error) {
	return g.store.SearchMessages(s)
}

// SearchInbound returns incoming messages, and where to look on; zero if there are no
// others.
func (g *Gateway) SearchInbound(s Search) ([]Inbound, Place, error) { return g.store.SearchInbound(s) }
