package invariant

import (
	"fmt"
	"slices"

	"tetherd/gateway"
)

// Violations returns a sentence for every broken promise, none if all were kept.
func (r *Run) Violations() []string {
	c := checker{Run: r, end: make(map[string]Observation), handed: make(map[PDU][]Handed)}
	for _, o := range r.Observations {
		c.end[o.Message] = o
	}
	for _, h := range r.Ledger {
		c.handed[h.PDU] = append(c.handed[h.PDU], h)
	}
	c.kept()
	c.taken()
	c.once()
	c.told()
	c.hits()
	c.forward()
	c.bounded()
	c.timed()
	c.held()
	c.paired()
	c.parts()
	c.recovered()
	for i := range c.Transcripts {
		c.line(&c.Transcripts[i])
	}
	if c.PUKs > 0 {
		c.fail("M4: a PUK was tried %d times", c.PUKs)
	}
	slices.Sort(c.out)
	return c.out
}

type checker struct {
	*Run
	end    map[string]Observation
	handed map[PDU][]Handed
	out    []string
}

func (c *checker) fail(format string, args ...any) {
	c.out = append(c.out, fmt.Sprintf(format, args...))
}

// kept checks that every promised message exists and ended as the ledger says.
func (c *checker) kept() {
	for _, p := range c.Promises {
		end, ok := c.end[p.Message]
		if !ok {
			c.fail("I1: message %s was accepted and is gone", p.Message)
			continue
		}
		for _, to := range p.Recipients {
			c.ended(p, to, end)
		}
	}
}

func (c *checker) ended(p Promise, to string, end Observation) {
	left := 0
	for part := 1; part <= p.Parts; part++ {
		if len(c.handed[PDU{p.Message, to, part}]) > 0 {
			left++
		}
	}
	if s := end.States[to]; p.Sent && !c.Open && s != gateway.Sent && s != gateway.Delivered {
		c.fail("I1: message %s to %s is %s (%s), nothing stood in its way", p.Message, to, s, end.Codes[to])
	}
	switch s := end.States[to]; s {
	case gateway.Sent, gateway.Delivered:
		if left < p.Parts {
			c.fail("I1: message %s to %s is %s, the network has %d of %d parts", p.Message, to, s, left, p.Parts)
		}
		if s == gateway.Sent && p.Report && !c.Open {
			c.fail("I1: message %s to %s has no delivery report", p.Message, to)
		}
	case gateway.Failed, gateway.Cancelled:
		if left == p.Parts && end.Codes[to] != "UNKNOWN" && s != gateway.Failed {
			c.fail("I5: message %s to %s is %s, the network has all of it", p.Message, to, s)
		}
	default:
		if !c.Open {
			c.fail("I1: message %s to %s is still %q", p.Message, to, s)
		}
	}
}

// taken checks that every arrival is in the inbox as often as it was sent.
func (c *checker) taken() {
	count := make(map[string]int)
	for _, text := range c.Inbox {
		count[text]++
	}
	for _, a := range c.Arrivals {
		if n := count[a.Text]; n > a.Copies || n < a.Copies && !c.Open && !a.AtRisk {
			c.fail("I2: incoming %q is in the inbox %d times, it was sent %d times", a.Text, n, a.Copies)
		}
		delete(count, a.Text)
	}
	for text := range count {
		c.fail("I2: the inbox has %q, which nobody sent", text)
	}
}

// once checks that a PDU was handed over again only when its outcome was not
// known, and that the message is then marked.
func (c *checker) once() {
	for pdu, hs := range c.handed {
		if len(hs) < 2 {
			continue
		}
		if !c.Resends {
			c.fail("I3: %v was sent %d times, the policy forbids it", pdu, len(hs))
		}
		if !c.end[pdu.Message].Marked[pdu.Recipient] {
			c.fail("I3: %v was sent %d times and is not marked as a possible duplicate", pdu, len(hs))
		}
		for i := 1; i < len(hs); i++ {
			for _, re := range c.Reopenings {
				if re.At.After(hs[i-1].At) && re.At.Before(hs[i].At) && re.Accepted[pdu] {
					c.fail("I3: %v was sent again although the store held its outcome", pdu)
				}
			}
		}
	}
}

// told checks that every change of state and every arrival reached the receiver
// at least once, each always under one delivery ID.
func (c *checker) told() {
	type fact struct {
		t       gateway.EventType
		message string
		to      string
	}
	ids := make(map[fact]map[string]bool)
	owner := make(map[string]fact)
	texts := make(map[string]map[string]bool)
	for _, p := range c.Posts {
		f := fact{p.Type, p.MessageID, p.Recipient}
		add(ids, f, p.DeliveryID)
		if o, ok := owner[p.DeliveryID]; ok && o != f {
			c.fail("I4: delivery %s stands for both %v and %v", p.DeliveryID, o, f)
		}
		owner[p.DeliveryID] = f
		if p.Type == gateway.EventReceived {
			add(texts, p.Text, p.DeliveryID)
		}
	}
	for f, set := range ids {
		if len(set) > 1 {
			c.fail("I4: %s of %s to %q has %d delivery ids, want 1", f.t, f.message, f.to, len(set))
		}
	}
	if c.Open {
		return
	}
	for _, p := range c.Promises {
		for to, s := range c.end[p.Message].States {
			for _, t := range eventsOf(s) {
				if slices.Contains(c.Subscribed, t) && len(ids[fact{t, p.Message, to}]) == 0 {
					c.fail("I4: %s of %s to %s never came", t, p.Message, to)
				}
			}
		}
	}
	if slices.Contains(c.Subscribed, gateway.EventReceived) {
		for _, a := range c.Arrivals {
			if n := len(texts[a.Text]); n > a.Copies || n < a.Copies && !a.AtRisk {
				c.fail("I4: %s of %q came under %d ids, want %d", gateway.EventReceived, a.Text, n, a.Copies)
			}
		}
	}
}

// eventsOf returns the events that must have been sent by the time a recipient
// is in state s. A failure may come with or without having been sent before.
func eventsOf(s gateway.State) []gateway.EventType {
	switch s {
	case gateway.Sent:
		return []gateway.EventType{gateway.EventSent}
	case gateway.Delivered:
		return []gateway.EventType{gateway.EventSent, gateway.EventDelivered}
	case gateway.Failed:
		return []gateway.EventType{gateway.EventFailed}
	case gateway.Cancelled:
		return []gateway.EventType{gateway.EventCancelled}
	}
	return nil
}

// forward checks that no recipient left a final state or went back further than
// from Processed to Pending, and that first times stayed.
func (c *checker) forward() {
	rank := map[gateway.State]int{gateway.Pending: 0, gateway.Processed: 0, gateway.Sent: 1, gateway.Delivered: 2, gateway.Failed: 2, gateway.Cancelled: 2}
	last := make(map[string]Observation)
	for _, o := range c.Observations {
		before, ok := last[o.Message]
		last[o.Message] = o
		if !ok {
			continue
		}
		for to, was := range before.States {
			if now := o.States[to]; rank[now] < rank[was] || was.Final() && now != was {
				c.fail("I5: message %s to %s went from %s to %s", o.Message, to, was, now)
			}
		}
		for s, at := range before.First {
			if !o.First[s].Equal(at) {
				c.fail("I5: message %s: first time of %s changed from %v to %v", o.Message, s, at, o.First[s])
			}
		}
	}
}

func add[K comparable](m map[K]map[string]bool, k K, v string) {
	if m[k] == nil {
		m[k] = make(map[string]bool)
	}
	m[k][v] = true
}
