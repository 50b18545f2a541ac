package modem

import (
	"errors"
	"strconv"
	"time"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// submit hands a part to the modem and answers it. Its error ends the session.
func (s *session) submit(p *part) error {
	c := s.conn
	switch {
	case c.restarted.Load():
		p.answer <- failed(notSent("The modem restarted.", nil))
		return errRebooted
	case p.state.Load() == partAbandoned:
		return nil
	}
	if p.more {
		if err := s.keepLink(); err != nil {
			p.answer <- failed(notSent("The modem was lost before the message was handed over.", err))
			return err
		}
	}
	s.takeLate() // from here on it is about this part
	at, lost := slot{}, s.clearSpent()
	if lost == nil {
		at, lost = s.write(p)
	}
	if lost != nil {
		p.answer <- failed(notSent("The modem was lost before the message was handed over.", lost))
		return lost
	}
	if p.state.Load() == partAbandoned && !at.taken {
		return nil
	}
	var out line.Outcome
	var err error
	if at.taken {
		out, err = s.sendStored(p, at)
	} else {
		out, err = s.sendDirect(p)
	}
	a := s.judge(err, out)
	lost = s.settle(p, at, &a, err, out)
	if at.taken && (a.err == nil || a.err.Fate != gateway.Unknown) {
		s.m.spent = append(s.m.spent, at)
	}
	if lost == nil && (!p.more || a.err != nil) {
		lost = s.releaseLink()
	}
	return lost
}

// sendDirect hands a part over and has it sent in one step (3GPP TS 27.005 §3.5.1,
// +CMGS).
func (s *session) sendDirect(p *part) (line.Outcome, error) {
	c := s.conn
	c.line.Begin(line.Command{
		Prefix:  []string{"+CMGS:"},
		Prompt:  promptLimit,
		Timeout: s.resultLimit(),
		Lone:    loneLimit,
		Submits: true,
		Permit: func() bool {
			permitted := !c.restarted.Load() && p.state.CompareAndSwap(partOpen, partCommitted)
			if permitted {
				s.m.dog.commit(s.resultLimit())
			}
			return permitted
		},
	})
	_, err := c.engine.SMSCommand("+CMGS="+strconv.Itoa(p.length), p.digits, noTimeout)
	return c.line.End(), err
}

// resultLimit is how long a PDU may take to be answered. Its last third is for an
// answer that is late; nothing is written then either.
func (s *session) resultLimit() time.Duration {
	limit := max(s.m.o.ResultTimeout, s.profile.resultAtLeast)
	return limit + limit/3
}

// settle gathers what more there is to know about a part, answers it, and brings
// the line back in step. Its error ends the session.
func (s *session) settle(p *part, at slot, a *answer, err error, out line.Outcome) error {
	c := s.conn
	if out.Aborted && p.state.Load() == partAbandoned {
		// Not a restart: nobody waited any more, and the prompt was left.
		c.unheard = 0
		return unlessFatal(c.resync())
	}
	if out.TimedOut && out.Committed {
		// The answer may come while the line is brought back in step.
		lost := unlessFatal(c.conclude("sending a message", err, out))
		late := s.takeLate()
		if mr, ok := parseMR(late); ok && a.err != nil {
			*a = answer{mr: mr, evidence: evidence("late: " + late)}
		}
		if lost == nil && at.taken && a.err != nil {
			lost = s.consult(at, a)
		}
		s.tell(p, *a)
		return lost
	}
	var lost error
	if r, ok := refused(err); ok && a.err != nil && !out.TimedOut && !out.Aborted {
		var said string
		if out.Committed {
			said, lost = s.explain()
		}
		a.err.Evidence = evidence(out.Answer, out.Final, said)
		if lost == nil && at.taken && a.err.Fate == gateway.Unknown {
			lost = s.consult(at, a)
		}
		if lost == nil && a.err != nil && r.misread() {
			if lost = s.mend(); errors.Is(lost, errReconfigure) {
				a.err.Action = gateway.Wait // the fault is not the message's
				if !out.Committed {
					a.err.Fate = gateway.NotSent
				}
			}
		}
	}
	s.tell(p, *a)
	if lost != nil {
		return lost
	}
	return unlessFatal(c.conclude("sending a message", err, out))
}

// tell answers a part, after what follows for the modem is known: who is told that
// it was refused must not find the modem ready when it is to rest.
func (s *session) tell(p *part, a answer) {
	s.m.dog.sent(a.err)
	s.learn(p, a.err)
	p.answer <- a
}

// mend looks after an error whether the modem still has our settings, once until
// something was sent.
func (s *session) mend() error {
	if s.mended {
		return nil
	}
	s.mended = true
	return s.verify()
}

// judge says what became of a PDU.
func (s *session) judge(err error, out line.Outcome) answer {
	if out.Committed {
		if mr, ok := parseMR(out.Answer); ok {
			return answer{mr: mr, evidence: evidence(out.Answer)} // the reference alone is proof
		}
	}
	r, isRefusal := refused(err)
	switch {
	case out.Committed && err == nil:
		return answer{mr: -1, evidence: evidence(out.Final)} // some modems leave the reference out
	case out.Aborted, out.TimedOut:
		isRefusal = false // the engine's error is made up
	case isRefusal && r.cause().verdict == accepted && out.Committed:
		return answer{mr: -1, evidence: evidence(out.Final)}
	}
	switch {
	case isRefusal && out.Committed && r.badValidity():
		return failed(r.sendError(true, errors.Join(errValidity, err)))
	case isRefusal:
		return failed(r.sendError(out.Committed, err))
	case out.Committed && out.TimedOut:
		return failed(unknown("The modem did not answer in time.", errTimeout))
	case out.Committed && out.Aborted:
		return failed(unknown("The modem restarted before it answered.", errRebooted))
	case out.Committed:
		return failed(unknown("The modem was lost before it answered.", s.conn.gone(err)))
	case out.Aborted:
		return failed(notSent("The modem restarted before the message was handed over.", errRebooted))
	case out.TimedOut:
		return failed(notSent("The modem did not ask for the message.", errTimeout))
	case err == nil:
		return failed(notSent("The modem did not ask for the message.", errNoAnswer))
	}
	return failed(notSent("The modem was lost before the message was handed over.", s.conn.gone(err)))
}
