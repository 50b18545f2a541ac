package gateway

import (
	"fmt"
	"maps"
	"slices"
)

// exportBytes bounds the content of the messages in one event.
const exportBytes = 256 << 10

// emitAgain adds an event of something that was told of before. Routes that tell the
// admins do not.
func (g *Gateway) emitAgain(c *Change, subject string, p Payload, posts []post) {
	e := Emission{Event: Event{ID: NewID(), At: g.now(), Subject: subject, Payload: p}, Talk: g.talk(p)}
	if e.Talk != nil {
		e.Talk.Said = false
	}
	for _, to := range posts {
		e.Deliveries = append(e.Deliveries, Delivery{
			ID: NewID(), Endpoint: to.endpoint.Num, Subject: subject, Rev: to.endpoint.Rev, Due: g.clock.Now(),
		})
	}
	c.Emissions = append(c.Emissions, e)
}

// emitBatches adds events that tell of several messages each, of one kind, in their
// order. A webhook with a filter gets one with what it wants of them.
func (g *Gateway) emitBatches(c *Change, payloads []Payload) {
	for len(payloads) > 0 {
		var same, others []Payload
		size := 0
		for _, p := range payloads {
			if p.EventType() != payloads[0].EventType() || len(same) > 0 && size+weight(p) > exportBytes {
				others = append(others, p)
				continue
			}
			same, size = append(same, p), size+weight(p)
		}
		g.emitBatch(c, same)
		payloads = others
	}
}

// emitBatch adds the events for messages of one kind, one for all webhooks that want
// the same of them.
func (g *Gateway) emitBatch(c *Change, singles []Payload) {
	type share struct {
		to    []post
		wants []Payload
	}
	wanted := make(map[uint32][]int) // indices in singles by Endpoint.Num
	posts := make(map[uint32]post)
	for i := range singles {
		for _, p := range g.fanOut(&happening{at: g.now(), payload: batch(singles[i : i+1])}, nil).posts {
			wanted[p.endpoint.Num] = append(wanted[p.endpoint.Num], i)
			posts[p.endpoint.Num] = p
		}
	}
	var shares []*share
	byWants := make(map[string]*share)
	for _, num := range slices.Sorted(maps.Keys(posts)) {
		key := fmt.Sprint(wanted[num])
		s := byWants[key]
		if s == nil {
			s = &share{}
			for _, i := range wanted[num] {
				s.wants = append(s.wants, singles[i])
			}
			byWants[key], shares = s, append(shares, s)
		}
		s.to = append(s.to, posts[num])
	}
	if len(shares) == 0 {
		shares = append(shares, &share{wants: singles}) // for those who ask for events themselves
	}
	for _, s := range shares {
		g.emitAgain(c, "", batch(s.wants), s.to)
	}
}

// weight is about how many bytes of content a message has.
func weight(p Payload) int {
	switch p := p.(type) {
	case MessageReceived:
		return len(p.Text)
	case DataReceived:
		return len(p.Data)
	case MMSReceived:
		return len(p.Subject)
	}
	return 0
}

// messageID returns the MessageID of an incoming message.
func messageID(p Payload) string {
	switch p := p.(type) {
	case MessageReceived:
		return p.MessageID
	case DataReceived:
		return p.MessageID
	case MMSReceived:
		return p.MessageID
	}
	return ""
}
