package pdu

import (
	"time"

	"github.com/warthog618/sms/encoding/tpdu"

	"tetherd/gateway/sms"
)

// A Deliver is a received message, or one part of it: SMS-DELIVER
// (3GPP TS 23.040 section 9.2.2.1).
type Deliver struct {
	// SMSC is the service centre's number, empty if the modem does not say.
	SMSC string
	From Address
	// SCTS is when the service centre took the message, in the zone it names;
	// the zero time if that is not a time.
	SCTS time.Time
	// PID is the protocol identifier; see Silent and Replace.
	PID byte
	// DCS is the data coding scheme as received.
	DCS byte
	// Class is the message class 0 to 3, or NoClass. Class 0 is a "flash"
	// message, which many modems show but do not store.
	Class int
	// MoreToCome is set while the service centre has more messages waiting
	// (TP-MMS, which says so with a zero).
	MoreToCome bool
	// Concat is nil unless this is one part of several.
	Concat *Concat
	// Ports is nil unless the message is meant for an application.
	Ports *Ports
	// Waiting lists the message waiting indications, that of the data coding
	// scheme first.
	Waiting []Waiting
	Body    sms.Body
	// TPDU holds the octets as received, up to the end of the user data.
	TPDU []byte
	// Repairs lists in plain words what was wrong and how it was read; nil if
	// nothing was.
	Repairs []string
}

// pidSilent marks a short message type 0; the seven values after it mark one
// that replaces another (3GPP TS 23.040 section 9.2.3.9).
const (
	pidSilent   = 0x40
	pidReplace7 = 0x47
)

// Silent tells a short message type 0, which must be acknowledged and then
// forgotten without a word to anyone.
func (d *Deliver) Silent() bool { return d.PID == pidSilent }

// Replace returns the number 1 to 7 of a replace short message type: the
// message takes the place of an earlier one with the same number and sender.
// It returns 0 for any other message.
func (d *Deliver) Replace() int {
	if d.PID <= pidSilent || d.PID > pidReplace7 {
		return 0
	}
	return int(d.PID - pidSilent)
}

// decodeDeliver decodes what follows the first octet.
func decodeDeliver(r *reader, fo tpdu.FirstOctet, smsc string) (*Deliver, error) {
	from, err := r.address("originating address")
	if err != nil {
		return nil, err
	}
	pid, err := r.octet("protocol identifier")
	if err != nil {
		return nil, err
	}
	dcs, err := r.octet("data coding scheme")
	if err != nil {
		return nil, err
	}
	scts, err := r.timestamp("service centre time stamp", repairSCTS)
	if err != nil {
		return nil, err
	}
	c := r.content(dcs, fo.UDHI())
	return &Deliver{
		SMSC:       smsc,
		From:       from,
		SCTS:       scts,
		PID:        pid,
		DCS:        dcs,
		Class:      c.class,
		MoreToCome: !fo.MMS(),
		Concat:     c.concat,
		Ports:      c.ports,
		Waiting:    c.waiting,
		Body:       c.body,
		TPDU:       r.tpdu(),
		Repairs:    r.repairs,
	}, nil
}
