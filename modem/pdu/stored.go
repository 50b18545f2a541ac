package pdu

import (
	"github.com/warthog618/sms/encoding/tpdu"

	"tetherd/gateway/sms"
)

// A Stored is an outgoing message found in a modem's storage: SMS-SUBMIT
// (3GPP TS 23.040 section 9.2.2.2). It was put there by another program or a
// phone's user.
type Stored struct {
	// SMSC is the service centre's number, empty for that of the SIM.
	SMSC string
	// MR is TP-MR as stored; what the modem sends differs.
	MR byte
	To Address
	// PID and DCS are the protocol identifier and data coding scheme.
	PID, DCS byte
	// Class is the message class 0 to 3, or NoClass.
	Class int
	// StatusReport is set if a report was asked for.
	StatusReport bool
	// Concat is nil unless this is one part of several.
	Concat *Concat
	// Ports is nil unless the message is meant for an application.
	Ports *Ports
	Body  sms.Body
	// TPDU holds the octets as stored, up to the end of the user data.
	TPDU []byte
	// Repairs lists in plain words what was wrong and how it was read; nil if
	// nothing was.
	Repairs []string
}

// decodeStored decodes what follows the first octet.
func decodeStored(r *reader, fo tpdu.FirstOctet, smsc string) (*Stored, error) {
	mr, err := r.octet("message reference")
	if err != nil {
		return nil, err
	}
	to, err := r.address("destination address")
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
	if _, err := r.take(validityOctets(fo.VPF()), "validity period"); err != nil {
		return nil, err
	}
	c := r.content(dcs, fo.UDHI())
	return &Stored{
		SMSC:         smsc,
		MR:           mr,
		To:           to,
		PID:          pid,
		DCS:          dcs,
		Class:        c.class,
		StatusReport: fo.SRR(),
		Concat:       c.concat,
		Ports:        c.ports,
		Body:         c.body,
		TPDU:         r.tpdu(),
		Repairs:      r.repairs,
	}, nil
}
