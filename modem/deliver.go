package modem

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/cause"
	"tetherd/modem/pdu"
)

// origin says on which SIM something arrived.
type origin struct {
	sim string // identity
	own string // number
}

func (s *session) origin() origin { return origin{s.simID, s.own} }

// deliver hands a received PDU to the inbox. stored is false for a PDU that did not
// come from the network and is left where it is. A PDU that cannot be decoded is
// stored as it is.
func (m *Modem) deliver(ctx context.Context, from origin, digits string) (stored bool, err error) {
	isReport := false
	defer func() {
		if stored && err == nil {
			m.dog.heard(isReport)
		}
	}()
	msg, err := pdu.Decode(digits)
	if err != nil {
		m.log.Warn().Err(err).Msg("received PDU cannot be decoded: storing it as it is")
		return true, m.o.Inbox.Receive(ctx, m.undecoded(from, digits, err))
	}
	switch d := msg.(type) {
	case *pdu.Deliver:
		return true, m.o.Inbox.Receive(ctx, m.fragment(from, d))
	case *pdu.StatusReport:
		if d.Qualifier {
			return true, nil // it answers an SMS-COMMAND, and we send none
		}
		isReport = true
		return true, m.o.Inbox.Report(ctx, m.report(from, d))
	case *pdu.Stored:
		return false, nil
	}
	return false, fmt.Errorf("deliver pdu: unknown kind %T", msg)
}

func (m *Modem) fragment(from origin, d *pdu.Deliver) gateway.Fragment {
	f := gateway.Fragment{
		SIMID: from.sim, Modem: m.o.Name, SIM: m.o.Slot, Own: from.own,
		From: d.From.Number, TOA: d.From.TOA, SCTS: d.SCTS, At: time.Now(),
		Body: d.Body, Class: d.Class, PID: d.PID, DCS: d.DCS, TPDU: d.TPDU, Notes: d.Repairs,
	}
	for _, w := range d.Waiting {
		f.Waiting = append(f.Waiting, gateway.Waiting{Kind: w.Kind.String(), Active: w.Active, Store: w.Store, Count: w.Count})
	}
	if c := d.Concat; c != nil {
		f.Concat = &gateway.Concat{Ref: c.Ref, Wide: c.Wide, Part: c.Part, Total: c.Total}
	}
	if p := d.Ports; p != nil {
		f.Ports = &gateway.Ports{Dst: uint16(p.Dst), Src: uint16(p.Src)}
	}
	return f
}

func (m *Modem) report(from origin, d *pdu.StatusReport) gateway.Report {
	status := cause.Lookup(cause.ST, int(d.Status))
	r := gateway.Report{
		SIMID: from.sim, Modem: m.o.Name, MR: int(d.MR), Recipient: d.Recipient.Number,
		Status: d.Status, Text: status.Text,
		SCTS: d.SCTS, Discharge: d.Discharge, At: time.Now(), TPDU: d.TPDU,
	}
	switch status.Class {
	case cause.Delivered:
		r.Outcome = gateway.WasDelivered
	case cause.Pending:
		r.Outcome = gateway.StillTrying
	default:
		r.Outcome = gateway.WasNot
	}
	return r
}

// undecoded keeps a PDU that cannot be read. Its octets include the SMSC field,
// whose end cannot be trusted.
func (m *Modem) undecoded(from origin, digits string, fault error) gateway.Fragment {
	raw, err := hex.DecodeString(digits[:len(digits)&^1])
	if err != nil {
		raw = []byte(digits)
	}
	return gateway.Fragment{
		SIMID: from.sim, Modem: m.o.Name, SIM: m.o.Slot, Own: from.own, At: time.Now(),
		Class: pdu.NoClass, TPDU: raw, Notes: []string{"not decoded: " + fault.Error()}, Undecoded: true,
	}
}

// isReport reports whether digits are a status report that can be read.
func isReport(digits string) bool {
	msg, err := pdu.Decode(digits)
	if err != nil {
		return false
	}
	_, ok := msg.(*pdu.StatusReport)
	return ok
}
