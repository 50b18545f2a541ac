package invariant

import (
	"slices"
	"time"
)

// Owed is a delivery whose event was accepted: its commit returned without error.
type Owed struct {
	Webhook    string // ID
	EventID    string
	DeliveryID string
}

// Hit is a request as the receiver of a webhook saw it.
type Hit struct {
	At         time.Time
	Webhook    string
	EventID    string // of the header Webhook-Event-Id
	DeliveryID string // of Webhook-Id
	Sequence   uint64 // of Webhook-Sequence; 0 if it was not looked at
	Body       string // or a digest of it
	OK         bool   // the receiver answered with 2xx
}

// Settled is what the store knew to be at its end when it was opened: nothing of it
// may be attempted afterwards.
type Settled struct {
	At         time.Time
	Deliveries map[string]bool // IDs
}

// hits checks what receivers saw of single deliveries.
func (c *checker) hits() {
	type pair struct{ webhook, event string }
	ids := make(map[pair]string)
	bodies := make(map[string]string)
	owners := make(map[string]pair)
	reached := make(map[string]bool)
	last := make(map[string]uint64)
	settled := make(map[string]time.Time)
	for _, s := range c.Settled {
		for id := range s.Deliveries {
			if at, ok := settled[id]; !ok || s.At.Before(at) {
				settled[id] = s.At
			}
		}
	}
	for _, h := range c.Hits {
		p := pair{h.Webhook, h.EventID}
		if id, ok := ids[p]; ok && id != h.DeliveryID {
			c.fail("I4: event %s came to %s as %s and as %s", h.EventID, h.Webhook, id, h.DeliveryID)
		}
		ids[p] = h.DeliveryID
		if o, ok := owners[h.DeliveryID]; ok && o != p {
			c.fail("I4: delivery %s stands for both %v and %v", h.DeliveryID, o, p)
		}
		owners[h.DeliveryID] = p
		if b, ok := bodies[h.DeliveryID]; ok && b != h.Body {
			c.fail("I4: delivery %s has two bodies", h.DeliveryID)
		}
		bodies[h.DeliveryID] = h.Body
		if at, ok := settled[h.DeliveryID]; ok && h.At.After(at) {
			c.fail("I4: delivery %s was attempted after its end was stored", h.DeliveryID)
		}
		if h.OK {
			reached[h.DeliveryID] = true
			if slices.Contains(c.InOrder, h.Webhook) {
				if h.Sequence < last[h.Webhook] {
					c.fail("I4: %s, which wants order, got event %d after %d", h.Webhook, h.Sequence, last[h.Webhook])
				}
				last[h.Webhook] = max(last[h.Webhook], h.Sequence)
			}
		}
	}
	if c.Open {
		return
	}
	for _, o := range c.Owed {
		if !reached[o.DeliveryID] {
			c.fail("I4: event %s never reached %s", o.EventID, o.Webhook)
		}
	}
}
