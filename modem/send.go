package modem

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"tetherd/gateway"
	"tetherd/modem/line"
	"tetherd/modem/pdu"
)

// link joins Send to a session.
type link struct {
	parts   chan *part    // unbuffered; written by Send, read by serve
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
	state  atomic.Int32
	answer chan answer // capacity 1; written by the session, read by Send
}

// answer is what became of a part.
type answer struct {
	mr  int
	err *gateway.SendError
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
		mr, err := m.sendPart(ctx, o, i)
		if err != nil {
			m.recordFault(&o, i, err)
			return err
		}
		if err := sent(gateway.SentPart{Index: i, MR: mr}); err != nil {
			return err
		}
	}
	return nil
}

// sendPart hands over one segment. Its error is a *gateway.SendError.
func (m *Modem) sendPart(ctx context.Context, o gateway.Outgoing, i int) (mr int, err error) {
	l, noVP, fault := m.ready()
	if fault != nil {
		return -1, fault
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
	if noVP {
		s.Validity = 0
	}
	digits, length, err := s.Encode()
	if err != nil {
		return -1, &gateway.SendError{
			Fate: gateway.NotSent, Action: gateway.Fail, Code: "PDU", Text: "The message cannot be encoded: " + err.Error() + ".", Err: err,
		}
	}
	p := &part{to: o.To, digits: digits, length: length, answer: make(chan answer, 1)}
	l.waiting.Add(1)
	select {
	case l.parts <- p: // and the session counts it down
	case <-l.done:
		return -1, notSent("The modem was lost before the message was handed over.", nil)
	case <-ctx.Done():
		l.waiting.Add(-1)
		return -1, notSent("The gateway is stopping.", ctx.Err())
	}
	select {
	case a := <-p.answer:
		if a.err != nil {
			return -1, a.err
		}
		return a.mr, nil
	case <-ctx.Done():
		if p.state.CompareAndSwap(partOpen, partAbandoned) {
			return -1, notSent("The gateway is stopping.", ctx.Err())
		}
	}
	// It was committed. An answer that is there already counts.
	select {
	case a := <-p.answer:
		if a.err != nil {
			return -1, a.err
		}
		return a.mr, nil
	default:
		return -1, unknown("The gateway stopped before the modem answered.", ctx.Err())
	}
}

// ready returns the way to a session that can send now.
func (m *Modem) ready() (l *link, noVP bool, fault error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.link == nil || m.status.State != gateway.ModemReady {
		return nil, false, notSent("The modem is not ready. "+m.status.Reason, nil)
	}
	return m.link, m.noVP, nil
}

func notSent(text string, err error) *gateway.SendError {
	return &gateway.SendError{Fate: gateway.NotSent, Action: gateway.Wait, Text: text, Err: err}
}

func unknown(text string, err error) *gateway.SendError {
	return &gateway.SendError{Fate: gateway.Unknown, Text: text, Err: err}
}

// submit hands a part to the modem (3GPP TS 27.005 §3.5.1, +CMGS in PDU mode)
// and answers it. Its error ends the session.
func (s *session) submit(p *part) error {
	c := s.conn
	if c.restarted.Load() {
		p.answer <- answer{err: notSent("The modem restarted.", nil)}
		return errRebooted
	}
	limit := max(s.m.o.ResultTimeout, s.profile.resultAtLeast)
	c.line.Begin(line.Command{
		Prefix: []string{"+CMGS:"},
		Prompt: promptLimit,
		// The last third is for an answer that is late; nothing is written then either.
		Timeout: limit + limit/3,
		Lone:    loneLimit,
		Permit: func() bool {
			return !c.restarted.Load() && p.state.CompareAndSwap(partOpen, partCommitted)
		},
	})
	_, err := c.engine.SMSCommand("+CMGS="+strconv.Itoa(p.length), p.digits, noTimeout)
	out := c.line.End()
	mr, fault := s.judge(err, out)
	s.learn(p, fault)
	p.answer <- answer{mr, fault}

	abandoned := p.state.Load() == partAbandoned
	if out.Aborted && abandoned {
		// Not a restart: nobody waited any more, and the prompt was left.
		out.Aborted = false
		c.unheard = 0
		return unlessFatal(c.resync())
	}
	return unlessFatal(c.conclude("AT+CMGS", err, out))
}

// judge says what became of a PDU.
func (s *session) judge(err error, out line.Outcome) (mr int, fault *gateway.SendError) {
	if mr, ok := parseCMGS(out.Answer); ok {
		return mr, nil // the reference alone is proof
	}
	r, isRefusal := refused(err)
	switch {
	case out.Committed && err == nil:
		return -1, nil // some modems leave the reference out
	case out.Aborted, out.TimedOut:
		isRefusal = false // the engine's error is made up
	case isRefusal && r.cause().verdict == accepted:
		return -1, nil
	}
	switch {
	case isRefusal:
		return -1, r.sendError(out.Committed, err)
	case out.Committed && out.TimedOut:
		return -1, unknown("The modem did not answer in time.", errTimeout)
	case out.Committed && out.Aborted:
		return -1, unknown("The modem restarted before it answered.", errRebooted)
	case out.Committed:
		return -1, unknown("The modem was lost before it answered.", s.conn.gone(err))
	case out.Aborted:
		return -1, notSent("The modem restarted before the message was handed over.", errRebooted)
	case out.TimedOut:
		return -1, notSent("The modem did not ask for the message.", errTimeout)
	case err == nil:
		return -1, notSent("The modem did not ask for the message.", errNoAnswer)
	}
	return -1, notSent("The modem was lost before the message was handed over.", s.conn.gone(err))
}

// learn draws conclusions for the modem from what became of a part.
func (s *session) learn(p *part, fault *gateway.SendError) {
	m := s.m
	if fault == nil {
		m.rests.proven()
		return
	}
	r, ok := refused(fault.Err)
	if !ok {
		return
	}
	switch c := r.cause(); {
	case r.code == 198 || r.code == 199:
		m.mu.Lock()
		m.noVP = true
		m.mu.Unlock()
	case c.verdict == pause:
		kick(s.check)
		m.rests.begin(time.Now(), c.wait, "Sending rests after an error: "+c.text)
		s.suspect = true
	case c.verdict == again:
		s.suspect = s.suspect || r.code < 0 || r.code == 304 || r.code == 305
		if m.rests.refused(p.to) {
			m.rests.begin(time.Now(), 0, "Sending rests after several messages were refused: "+c.text)
		}
	}
	s.assess()
}
