package modem

import (
	"context"
	"errors"
	"strconv"
	"time"

	"tetherd/gateway"
	"tetherd/modem/line"
	"tetherd/modem/pdu"
)

// Outbox tells whose the outgoing messages in a modem's storage are.
type Outbox interface {
	// Leftover takes in what one of them tells. An error leaves it where it is.
	Leftover(ctx context.Context, l gateway.Leftover) (gateway.Claim, error)
}

// slot is a record that a part was written to before it was sent. The zero value is
// none.
type slot struct {
	place
	digits string
	taken  bool
}

// write puts a part into the storage for messages to be sent (3GPP TS 27.005 §3.5.3,
// +CMGW). Without a slot the part is sent directly. An error ends the session.
func (s *session) write(p *part) (slot, error) {
	if !s.m.o.SendStored || s.noStore || s.boxes.second == "" {
		return slot{}, nil
	}
	c := s.conn
	c.line.Begin(line.Command{
		Prefix: []string{"+CMGW:"}, Prompt: promptLimit, Timeout: storeLimit, Lone: loneLimit,
		Permit: func() bool { return !c.restarted.Load() && p.state.Load() == partOpen },
	})
	_, err := c.engine.SMSCommand("+CMGW="+strconv.Itoa(p.length), p.digits, noTimeout)
	out := c.line.End()
	if out.Aborted && p.state.Load() == partAbandoned {
		c.unheard = 0
		return slot{}, unlessFatal(c.resync())
	}
	err = c.conclude("AT+CMGW", err, out)
	if fatal(err) {
		return slot{}, err
	}
	if rest, ok := value([]string{out.Answer}, "+CMGW:"); ok && out.Committed {
		if index, ok := nth(fields(rest), 0).number(); ok {
			return slot{place{s.simID, s.boxes.second, index}, p.digits, true}, nil
		}
	}
	if _, refusal := refused(err); refusal && !isRefusal(err, cmsMemoryFailure, cmsMemoryFull) {
		s.noStore = true // it knows no such thing
	}
	s.log.Warn().Err(err).Str("storage", s.boxes.second).Msg("cannot store a message before it is sent: sending it directly")
	return slot{}, nil
}

// sendStored has the modem send the record (3GPP TS 27.005 §3.5.2, +CMSS).
func (s *session) sendStored(p *part, at slot) (line.Outcome, error) {
	if s.conn.restarted.Load() || !p.state.CompareAndSwap(partOpen, partCommitted) {
		return line.Outcome{Aborted: true}, line.ErrAborted
	}
	s.m.dog.commit(s.resultLimit())
	s.conn.line.Begin(line.Command{
		Prefix: []string{"+CMSS:"}, Timeout: s.resultLimit(), Lone: loneLimit, Submits: true,
	})
	_, err := s.conn.engine.Command("+CMSS="+strconv.Itoa(at.index), noTimeout)
	out := s.conn.line.End()
	out.Committed = true
	return out, err
}

// consult looks whether the modem noted that it sent the record of a part whose
// outcome is unknown. An error ends the session.
func (s *session) consult(at slot, a *answer) error {
	e, ok, err := s.readSlot(at)
	if err != nil || !ok {
		return err
	}
	switch {
	case e.stat == statSent:
		*a = answer{mr: -1, evidence: evidence("stored as sent")}
	case e.stat == statUnsent && s.profile.trustUnsent:
		a.err = notSent("The modem did not send the message.", a.err)
		a.err.Action, a.err.Evidence = gateway.Retry, evidence("stored as not sent")
	}
	return nil
}

// readSlot reads a record, if it is still the one that was written.
func (s *session) readSlot(at slot) (e entry, ok bool, err error) {
	if at.sim != s.simID {
		return entry{}, false, nil
	}
	if _, _, err := s.enter(at.mem); err != nil {
		if fatal(err) || errors.Is(err, errReconfigure) {
			return entry{}, false, err
		}
		return entry{}, false, nil
	}
	e, ok, _, err = s.read(at.index)
	return e, ok && sameSubmit(e.pdu, at.digits), err
}

// clearSpent deletes the records of parts whose outcome the caller knows and has
// stored: those from before the part that comes now. An error ends the session.
func (s *session) clearSpent() error {
	spent := s.m.spent
	s.m.spent = nil
	for _, at := range spent {
		_, ok, err := s.readSlot(at)
		if err == nil && ok {
			err = unlessFatal(s.conn.set("+CMGD="+strconv.Itoa(at.index), storeLimit))
		}
		if err != nil {
			return err
		}
	}
	return nil // what could not be deleted is found by a sweep
}

// leftover deals with an outgoing message found in a storage: one of ours may be
// evidence, and is deleted once it has told what it can. An error ends the session.
func (s *session) leftover(ctx context.Context, mem string, l listing, e entry) (recordFate, error) {
	if !s.m.o.SendStored || e.pdu == "" {
		return s.spare(mem, l, e)
	}
	where := place{s.simID, mem, e.index}
	if s.m.strange[where] == e.pdu {
		return s.spare(mem, l, e)
	}
	if !e.whole() {
		again, sure, err := s.readSure(mem, e)
		if err != nil || !sure {
			return stays, err
		}
		e, l = again, listing{at: time.Now(), sure: true}
	}
	msg, err := pdu.Decode(e.pdu)
	found, isSubmit := msg.(*pdu.Stored)
	claim := gateway.Foreign
	if err == nil && isSubmit {
		if claim, err = s.claim(ctx, found, e.stat); err != nil {
			s.log.Error().Err(err).Msg("cannot take in what a stored outgoing message tells: trying again later")
			return stays, nil
		}
	}
	switch claim {
	case gateway.Spent:
		return s.remove(mem, l, e, true)
	case gateway.Undecided:
		return stays, nil
	}
	s.m.strange[where] = e.pdu
	return s.spare(mem, l, e)
}

// claim asks whose a stored outgoing message is.
func (s *session) claim(ctx context.Context, found *pdu.Stored, stat int) (gateway.Claim, error) {
	l := gateway.Leftover{
		SIMID: s.simID, To: found.To.Number, Body: found.Body,
		Sent: stat == statSent, Unsent: stat == statUnsent && s.profile.trustUnsent,
	}
	if c := found.Concat; c != nil {
		l.Concat = &gateway.Concat{Ref: c.Ref, Wide: c.Wide, Part: c.Part, Total: c.Total}
	}
	return s.m.o.Outbox.Leftover(ctx, l)
}

// sameSubmit tells whether two PDUs are the same message. A modem may print another
// service centre than was written, and notes the TP-MR it sent it with.
func sameSubmit(a, b string) bool {
	one, err1 := pdu.Decode(a)
	two, err2 := pdu.Decode(b)
	x, ok1 := one.(*pdu.Stored)
	y, ok2 := two.(*pdu.Stored)
	if err1 != nil || err2 != nil || !ok1 || !ok2 || len(x.TPDU) != len(y.TPDU) {
		return false
	}
	for i := range x.TPDU {
		if i != tpMR && x.TPDU[i] != y.TPDU[i] {
			return false
		}
	}
	return true
}

// tpMR is where TP-MR stands in an SMS-SUBMIT (3GPP TS 23.040 §9.2.2.2).
const tpMR = 1
