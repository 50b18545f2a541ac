package emulator

import (
	"slices"
	"time"
)

// InboundRecord is the network's account of one TPDU delivered to a modem: a message or a
// status report.
type InboundRecord struct {
	Seq     int    // from 1, in the order modems accepted them
	To      string // number of the modem
	TPDU    []byte // without the service centre field
	Report  bool   // an SMS-STATUS-REPORT
	Offered time.Time
	Stored  time.Time // when the modem accepted it; zero while it waits
	Mem     string    // storage it went to, "" if it was routed to the host
	Index   int       // in Mem
	Direct  bool      // routed to the host in +CMT or +CDS
	Deleted time.Time // when +CMGD removed it; zero while it is stored
	Tries   int       // attempts to deliver it

	expires  time.Time // the network gives up; zero is never
	expired  func()    // called with Network.mu held when it has
	accepted func()    // called with Network.mu held when the modem has it
}

// route is what waits for one modem, oldest first. Only the head is offered.
type route struct {
	queue   []*InboundRecord
	pumping bool
	unacked bool // the head was handed over and waits for the host's acknowledgement
}

// disposition is a modem's answer to an offered TPDU.
type disposition int

const (
	taken       disposition = iota // stored or routed
	unreachable                    // off, without coverage or without a SIM
	memoryFull
	awaitingAck // routed; the host has to send +CNMA
)

// Inbound returns the account of everything modems accepted, in order.
func (n *Network) Inbound() []InboundRecord {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]InboundRecord, 0, len(n.inbound))
	for _, r := range n.inbound {
		c := *r
		c.TPDU, c.accepted, c.expired = slices.Clone(r.TPDU), nil, nil
		out = append(out, c)
	}
	return out
}

// Waiting tells how many TPDUs the network keeps for a number because its modem is away,
// full or owes an acknowledgement. Those that are not due yet do not count.
func (n *Network) Waiting(to string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if m := n.modem(to); m != nil {
		return len(n.routes[m].queue)
	}
	return 0
}

// enqueue puts a due record at the end of a modem's route. The caller holds mu.
func (n *Network) enqueue(m *Modem, rec *InboundRecord) {
	r := n.routes[m]
	r.queue = append(r.queue, rec)
	n.pump(m)
	if !rec.expires.IsZero() && slices.Contains(r.queue, rec) {
		n.agenda.after(time.Until(rec.expires), func() { n.expire(r, rec) })
	}
}

// expire drops a record that waited longer than it is valid, unless it was handed over
// and only its acknowledgement is missing.
func (n *Network) expire(r *route, rec *InboundRecord) {
	i := slices.Index(r.queue, rec)
	if i < 0 || i == 0 && r.unacked {
		return
	}
	r.queue = slices.Delete(slices.Clone(r.queue), i, i+1)
	if rec.expired != nil {
		rec.expired()
	}
}

// wake offers what waits for a modem: it is back, has coverage, or has room.
func (n *Network) wake(m *Modem) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pump(m)
}

// pump offers the head of a modem's route until the modem takes no more. The caller holds
// mu. What an acceptance brings about (reports to the same modem) joins the running pump.
func (n *Network) pump(m *Modem) {
	r := n.routes[m]
	if r.pumping {
		return
	}
	r.pumping = true
	defer func() { r.pumping = false }()
	for len(r.queue) > 0 && !r.unacked {
		head := r.queue[0]
		head.Tries++
		switch m.receive(head) {
		case taken:
			n.settle(r)
		case awaitingAck:
			r.unacked = true
		default:
			return
		}
	}
}

// settle records that the head of a route was accepted and drops it.
func (n *Network) settle(r *route) {
	head := r.queue[0]
	r.queue = r.queue[1:]
	n.offered++
	head.Seq = n.offered
	head.Stored = time.Now()
	n.inbound = append(n.inbound, head)
	if head.accepted != nil {
		head.accepted()
	}
}

// acknowledge ends the wait for +CNMA. A refused or missed acknowledgement leaves the
// record with the network, which offers it again after RetryDelay.
func (n *Network) acknowledge(m *Modem, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.routes[m]
	if !r.unacked {
		return
	}
	if ok {
		r.unacked = false
		n.settle(r)
		n.pump(m)
		return
	}
	n.agenda.after(n.opt.RetryDelay, func() {
		r.unacked = false
		n.pump(m)
	})
}

// deleted records that +CMGD removed records, and offers what waits for the room.
func (n *Network) deleted(m *Modem, recs []*InboundRecord) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	for _, r := range recs {
		r.Deleted = now
	}
	n.pump(m)
}
