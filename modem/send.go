package modem

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"tetherd/gateway"
	"tetherd/modem/pdu"
)

// link joins Send to a session.
type link struct {
	parts   chan *part    // unbuffered; written by Send, read by serve
	errands chan *errand  // unbuffered; written by errand, read by serve
	acks    chan struct{} // written by the intake, read by serve: a direct message was taken in
	waiting atomic.Int32  // calls of Send that want to hand over a part
	done    chan struct{} // closed when the session takes no more
}

// The states of a part, of which only the first can be left.
const (
	partOpen      = iota // nothing of it can have left
	partCommitted        // its Ctrl-Z may have been written
	partAbandoned        // nobody waits for it any more, and nothing of it has left
)

// part is one PDU on its way through a session.
type part struct {
	to     string
	digits string
	length int
	more   bool // another part of the message follows
	state  atomic.Int32
	answer chan answer // capacity 1; written by the session, read by Send
}

// answer is what became of a part.
type answer struct {
	mr       int // -1 if it is not known, or the part was not accepted
	evidence string
	err      *gateway.SendError
}

// Send hands over the segments of o from o.From on. See [gateway.Modem].
func (m *Modem) Send(ctx context.Context, o gateway.Outgoing, sent func(gateway.SentPart) error) error {
	select {
	case m.sending <- struct{}{}:
		defer func() { <-m.sending }()
	case <-ctx.Done():
		return notSent("The gateway is stopping.", ctx.Err())
	}
	for i := o.From; i < len(o.Segments); i++ {
		a := m.sendPart(ctx, o, i)
		if a.err != nil && o.Validity > 0 && errors.Is(a.err, errValidity) {
			o.Validity = 0
			a = m.sendPart(ctx, o, i)
		}
		if a.err != nil {
			m.recordFault(&o, i, a.err)
			return a.err
		}
		if err := sent(gateway.SentPart{Index: i, MR: a.mr, Evidence: a.evidence}); err != nil {
			return err
		}
	}
	return nil
}

// sendPart hands over one segment.
func (m *Modem) sendPart(ctx context.Context, o gateway.Outgoing, i int) answer {
	l, noVP, fault := m.ready()
	if fault != nil {
		return failed(fault)
	}
	if noVP {
		o.Validity = 0
	}
	digits, length, err := m.encode(o, i)
	if err != nil {
		return failed(&gateway.SendError{
			Fate: gateway.NotSent, Action: gateway.Fail, Code: "PDU", Text: "The message cannot be encoded: " + err.Error() + ".", Err: err,
		})
	}
	p := &part{to: o.To, digits: digits, length: length, more: i+1 < len(o.Segments), answer: make(chan answer, 1)}
	l.waiting.Add(1)
	select {
	case l.parts <- p: // and the session counts it down
	case <-l.done:
		return failed(notSent("The modem was lost before the message was handed over.", nil))
	case <-ctx.Done():
		l.waiting.Add(-1)
		return failed(notSent("The gateway is stopping.", ctx.Err()))
	}
	select {
	case a := <-p.answer:
		return a
	case <-ctx.Done():
		if p.state.CompareAndSwap(partOpen, partAbandoned) {
			return failed(notSent("The gateway is stopping.", ctx.Err()))
		}
	}
	// It was committed. An answer that is there already counts.
	select {
	case a := <-p.answer:
		return a
	default:
		return failed(unknown("The gateway stopped before the modem answered.", ctx.Err()))
	}
}

// encode returns the PDU of a segment and its length as +CMGS wants to know it.
func (m *Modem) encode(o gateway.Outgoing, i int) (digits string, length int, err error) {
	if !dialable(o.To) {
		return "", 0, errDestination
	}
	s := pdu.Submit{
		To: o.To, SMSC: m.o.SMSC, Segment: o.Segments[i], Ref: o.Ref,
		StatusReport: o.DeliveryReport, Validity: o.Validity, Data: o.Data, Flash: o.Flash,
	}
	if o.SMSC != "" {
		s.SMSC = o.SMSC
	}
	if p := o.Ports; p != nil {
		s.Ports = &pdu.Ports{Dst: int(p.Dst), Src: int(p.Src)}
	}
	return s.Encode()
}

// dialable tells numbers, of which the encoder checks the rest, from names: those
// can be originators only, and some of their letters would pass for digits.
func dialable(to string) bool {
	return strings.Trim(strings.TrimPrefix(to, "+"), "0123456789*#") == ""
}

// ready returns the way to a session that can send now, and whether its service
// centre refuses validity periods.
func (m *Modem) ready() (l *link, noVP bool, fault *gateway.SendError) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.link == nil || m.status.State != gateway.ModemReady {
		return nil, false, notSent("The modem is not ready. "+m.status.Reason, nil)
	}
	return m.link, m.noVP != "" && m.noVP == m.status.SIMID, nil
}

// failed returns the answer for a part that was not accepted.
func failed(err *gateway.SendError) answer { return answer{mr: -1, err: err} }

func notSent(text string, err error) *gateway.SendError {
	return &gateway.SendError{Fate: gateway.NotSent, Action: gateway.Wait, Text: text, Err: err}
}

func unknown(text string, err error) *gateway.SendError {
	return &gateway.SendError{Fate: gateway.Unknown, Text: text, Err: err}
}
