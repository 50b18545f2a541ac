package modem

import (
	"errors"
	"strconv"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// submit hands a part to the modem (3GPP TS 27.005 §3.5.1, +CMGS in PDU mode)
// and answers it. Its error ends the session.
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
	limit := max(s.m.o.ResultTimeout, s.profile.resultAtLeast)
	c.line.Begin(line.Command{
		Prefix: []string{"+CMGS:"},
		Prompt: promptLimit,
		// The last third is for an answer that is late; nothing is written then either.
		Timeout: limit + limit/3,
		Lone:    loneLimit,
		Permit: func() bool {
			permitted := !c.restarted.Load() && p.state.CompareAndSwap(partOpen, partCommitted)
			if permitted {
				s.m.dog.commit(limit)
			}
			return permitted
		},
	})
	_, err := c.engine.SMSCommand("+CMGS="+strconv.Itoa(p.length), p.digits, noTimeout)
	out := c.line.End()
	a := s.judge(err, out)
	fate := s.settle(p, &a, err, out)
	if fate == nil && (!p.more || a.err != nil) {
		fate = s.releaseLink()
	}
	return fate
}

// settle gathers what more there is to know about a part, answers it, and brings
// the line back in step. Its error ends the session.
func (s *session) settle(p *part, a *answer, err error, out line.Outcome) error {
	c := s.conn
	if out.Aborted && p.state.Load() == partAbandoned {
		// Not a restart: nobody waited any more, and the prompt was left.
		c.unheard = 0
		return unlessFatal(c.resync())
	}
	if out.TimedOut && out.Committed {
		// The answer may come while the line is brought back in step.
		lost := c.conclude("AT+CMGS", err, out)
		if mr, ok := parseCMGS(s.takeLate()); ok && a.err != nil {
			*a = answer{mr: mr, evidence: evidence("late: +CMGS: " + strconv.Itoa(mr))}
		}
		s.tell(p, *a)
		return unlessFatal(lost)
	}
	var lost error
	if r, ok := refused(err); ok && a.err != nil && !out.TimedOut && !out.Aborted {
		var said string
		if out.Committed {
			said, lost = s.explain()
		}
		a.err.Evidence = evidence(out.Answer, out.Final, said)
		if lost == nil && r.misread() {
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
	return unlessFatal(c.conclude("AT+CMGS", err, out))
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
		if mr, ok := parseCMGS(out.Answer); ok {
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
