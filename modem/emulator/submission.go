package emulator

import (
	"slices"
	"time"
)

// Submission is one message the network accepted.
type Submission struct {
	Seq          int // from 1
	At           time.Time
	Modem        string // name of the modem that sent it
	From, To     string
	MR           byte // as the modem assigned it
	TPDU         []byte
	SMSC         string // service centre it was sent through
	PID, DCS     byte
	Text         string   // decoded text of this part; "" for 8 bit data
	UTF16        []uint16 // its code units, for UCS2 exactly as sent
	Data         []byte   // of an 8 bit message
	UDH          []byte   // information elements of the header
	Ref          uint16
	Part, Total  int // 1 of 1 for a message that stands alone
	StatusReport bool
	Answered     bool // whether the modem got to write the message reference
}

// transmission is a submit on its way: the rule is fixed when the radio starts.
type transmission struct {
	msg  submit
	rule Rule
	wait time.Duration
}

// outcome is the network's answer to a transmission.
type outcome struct {
	seq    int // of the Submission; 0 if it was not accepted
	code   int
	cme    bool
	silent bool
}

// Ledger returns everything the network accepted, in order.
func (n *Network) Ledger() []Submission {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.ledger)
}

// transmit starts a submit: it fixes the rule and the radio time.
func (n *Network) transmit(msg submit) transmission {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.rules.take(msg.To)
	return transmission{msg: msg, rule: r, wait: delay(n.opt.SubmitDelay) + r.Delay}
}

// submit ends the radio time: the network decides. tpdu carries the modem's reference.
func (n *Network) submit(m *Modem, smsc string, mr byte, tpdu []byte, t transmission) outcome {
	if t.rule.Silent {
		return outcome{silent: true}
	}
	if t.rule.Code != 0 && !t.rule.Accept {
		return outcome{code: t.rule.Code, cme: t.rule.CME}
	}
	n.submitting.Lock()
	defer n.submitting.Unlock()
	sub := n.accept(m, smsc, mr, tpdu, t)
	for _, hook := range n.hooks {
		hook(sub)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.forward(m, sub, t)
	return outcome{seq: sub.Seq, silent: t.rule.AcceptSilently, code: t.rule.Code, cme: t.rule.CME}
}

// accept enters a message in the ledger.
func (n *Network) accept(m *Modem, smsc string, mr byte, tpdu []byte, t transmission) Submission {
	c := t.msg.Content
	sub := Submission{
		At: time.Now(), Modem: m.opt.Name, From: m.opt.Number, To: t.msg.To, MR: mr, TPDU: tpdu,
		SMSC: smsc, PID: t.msg.PID, DCS: t.msg.DCS, Text: c.Text, UTF16: c.UTF16, Data: c.Data,
		UDH: c.Header, Ref: c.Concat.Ref, Part: c.Concat.Part, Total: c.Concat.Total,
		StatusReport: t.msg.First&bitSRR != 0,
	}
	if sub.Total == 0 {
		sub.Part, sub.Total = 1, 1
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	sub.Seq = len(n.ledger) + 1
	n.ledger = append(n.ledger, sub)
	return sub
}

// forward delivers an accepted message to the modem that has its number, if there is one,
// and arranges the reports. The caller holds mu.
func (n *Network) forward(from *Modem, sub Submission, t transmission) {
	asked := sub.StatusReport && !t.rule.NoReport
	states := t.rule.ReportStatus
	to := n.modem(sub.To)
	if len(states) > 0 && states[len(states)-1] >= 0x20 {
		to = nil
	}
	rep := t.reports(sub)
	if t.rule.Undelivered {
		if asked {
			n.report(from, []byte{0x30}, rep, t.rule.ReportFirst)
			n.agenda.after(t.msg.validity(sub.At), func() { n.report(from, []byte{0x46}, rep, true) })
		}
		return
	}
	var accepted func()
	if len(states) == 0 {
		states = []byte{0x00}
		if to != nil && asked && !t.rule.ReportFirst {
			asked = false
			accepted = func() { n.report(from, t.twice(states), rep, false) }
		}
	}
	if asked {
		n.report(from, t.twice(states), rep, t.rule.ReportFirst)
	}
	if to == nil {
		return
	}
	tpdu, err := t.msg.deliver(sub.From, sub.At)
	if err != nil {
		return // a modem without a proper number cannot originate what others receive
	}
	rec := &InboundRecord{To: to.opt.Number, TPDU: tpdu, accepted: accepted, expires: sub.At.Add(t.msg.validity(sub.At))}
	if accepted != nil {
		rec.expired = func() { n.report(from, []byte{0x46}, rep, false) }
	}
	n.send(to, rec)
}

// reporting is how the reports of one submission are made.
type reporting struct {
	of    func(status byte) report
	delay time.Duration // on top of that of the network
}

// reports tells how to report about a submission.
func (t transmission) reports(sub Submission) reporting {
	address := t.msg.Address
	if other, err := encodeAddress(t.rule.ReportAddress); t.rule.ReportAddress != "" && err == nil {
		address = other
	}
	return reporting{delay: t.rule.ReportDelay, of: func(status byte) report {
		return report{MR: sub.MR + t.rule.ReportShift, Address: address, SCTS: sub.At, Out: time.Now(), Status: status}
	}}
}

// twice doubles every status if the rule wants that.
func (t transmission) twice(states []byte) []byte {
	if !t.rule.ReportTwice {
		return states
	}
	var out []byte
	for _, s := range states {
		out = append(out, s, s)
	}
	return out
}

// report schedules a sequence of status reports, the first at once if first is set. The
// caller holds mu.
func (n *Network) report(m *Modem, states []byte, rep reporting, first bool) {
	if len(states) == 0 {
		return
	}
	wait := delay(n.opt.ReportDelay) + rep.delay
	if first {
		wait = 0
	}
	n.agenda.after(wait, func() {
		n.enqueue(m, &InboundRecord{To: m.opt.Number, TPDU: rep.of(states[0]).encode(), Report: true, Offered: time.Now()})
		n.report(m, states[1:], rep, false)
	})
}

// answered records that a modem wrote the reference of a submission.
func (n *Network) answered(seq int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ledger[seq-1].Answered = true
}
