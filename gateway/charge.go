package gateway

import (
	"hash/fnv"
	"time"

	"tetherd/gateway/rolling"
)

// ChargeAge is for how long a [Charge] is kept at least: longer than any month.
const ChargeAge = 32 * 24 * time.Hour

// Charge is an attempt to send to a recipient, as it counts towards limits. It is
// stored with the intent, and again with the outcome. It holds no number and no text.
type Charge struct {
	Num uint64 `json:"-"` // order, from 1; given by the gateway
	// At is when the modem was done with it; while Open is set, when it began.
	At       Tick          `json:"t"`
	Open     bool          `json:"o,omitempty"`
	Month    int           `json:"m"` // number of the month by the wall clock: 12*year + month
	Modem    string        `json:"d"` // Modem.ID
	Message  uint64        `json:"s"` // Message.Seq
	Priority int8          `json:"p,omitempty"`
	To       uint64        `json:"a"` // hash of the number as dialled
	Content  uint64        `json:"c"` // hash of what is sent
	Parts    int           `json:"n"` // SMS that left or may have left; none: the row is deleted
	Cost     Money         `json:"e,omitempty"`
	Rest     time.Duration `json:"r,omitempty"` // pause of the modem after it
}

// end notes that the attempt is over and so many parts may have left.
func (c *Charge) end(left int, now rolling.Point) {
	c.Cost = c.Cost * Money(left) / Money(max(c.Parts, 1))
	c.Open, c.At, c.Month, c.Parts = false, Tick(now.Tick), now.Month, left
}

// hashOf returns a number that tells texts apart, and from which none can be told.
func hashOf(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		h.Write([]byte(p)) // it never fails
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// content returns what tells m from a message with other content.
func (m *Message) content() uint64 {
	if m.Data != nil {
		return hashOf("data", string(m.Data))
	}
	return hashOf("text", m.Text)
}
