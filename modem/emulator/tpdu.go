package emulator

import (
	"errors"
	"fmt"
	"time"
)

// Message type indicators (3GPP 23.040 §9.2.3.1) in the direction they are used.
const (
	mtiMask    = 0x03
	mtiDeliver = 0x00
	mtiSubmit  = 0x01
	mtiReport  = 0x02
)

// Bits of the first octet of a TPDU.
const (
	bitNoMore    = 0x04 // TP-MMS: nothing more is waiting
	bitSRR       = 0x20 // TP-SRR of a SUBMIT, TP-SRI of a DELIVER
	bitHeader    = 0x40 // TP-UDHI
	bitReplyPath = 0x80 // TP-RP
)

var errType = errors.New("tpdu is of another type")

// submit is a decoded SMS-SUBMIT (3GPP 23.040 §9.2.2.2).
type submit struct {
	First    byte
	MR       byte
	To       string
	Address  []byte // TP-DA as it was sent
	PID, DCS byte
	Validity []byte // TP-VP, nil if there is none
	UDL      int
	UD       []byte
	Content  userData
}

// decodeSubmit reads an SMS-SUBMIT. It is as strict as a service centre: nothing may be
// missing and nothing may follow.
func decodeSubmit(b []byte) (submit, error) {
	var s submit
	if len(b) < 2 {
		return s, errShort
	}
	s.First, s.MR = b[0], b[1]
	if s.First&mtiMask != mtiSubmit {
		return s, errType
	}
	to, raw, rest, err := decodeAddress(b[2:])
	if err != nil {
		return s, fmt.Errorf("read destination: %w", err)
	}
	if raw[0]%2 == 1 && raw[1]&0x70 != 0x50 && raw[len(raw)-1]>>4 != 0x0f {
		return s, fmt.Errorf("read destination: %w", errAddress) // fill must be ones
	}
	s.To, s.Address = to, raw
	if len(rest) < 2 {
		return s, errShort
	}
	s.PID, s.DCS = rest[0], rest[1]
	rest = rest[2:]
	size := 0
	switch s.First & 0x18 {
	case 0x10:
		size = 1
	case 0x08, 0x18:
		size = timestampOctets
	}
	if len(rest) < size+1 {
		return s, errShort
	}
	if size > 0 {
		s.Validity = rest[:size]
	}
	s.UDL, s.UD = int(rest[size]), rest[size+1:]
	if want := udSize(alphabetOf(s.DCS), s.UDL); len(s.UD) > want {
		return s, errLong
	}
	s.Content, err = decodeUserData(s.First&bitHeader != 0, s.DCS, s.UDL, s.UD)
	if err != nil {
		return s, fmt.Errorf("read user data: %w", err)
	}
	return s, nil
}

// deliver builds the SMS-DELIVER that a submitted message becomes for its recipient.
func (s submit) deliver(from string, at time.Time) ([]byte, error) {
	oa, err := encodeAddress(from)
	if err != nil {
		return nil, fmt.Errorf("encode originator: %w", err)
	}
	first := byte(mtiDeliver|bitNoMore) | s.First&(bitSRR|bitHeader|bitReplyPath)
	out := append([]byte{first}, oa...)
	out = append(out, s.PID, s.DCS)
	out = append(out, encodeTimestamp(at)...)
	out = append(out, byte(s.UDL))
	return append(out, s.UD...), nil
}

// delivery is a decoded SMS-DELIVER (3GPP 23.040 §9.2.2.1).
type delivery struct {
	First    byte
	From     string
	PID, DCS byte
	SCTS     time.Time
	Content  userData
}

// decodeDeliver reads an SMS-DELIVER.
func decodeDeliver(b []byte) (delivery, error) {
	var d delivery
	if len(b) < 1 {
		return d, errShort
	}
	d.First = b[0]
	if d.First&mtiMask != mtiDeliver {
		return d, errType
	}
	from, _, rest, err := decodeAddress(b[1:])
	if err != nil {
		return d, fmt.Errorf("read originator: %w", err)
	}
	d.From = from
	if len(rest) < 2+timestampOctets+1 {
		return d, errShort
	}
	d.PID, d.DCS = rest[0], rest[1]
	d.SCTS, err = decodeTimestamp(rest[2:])
	if err != nil {
		return d, fmt.Errorf("read service centre time stamp: %w", err)
	}
	rest = rest[2+timestampOctets:]
	d.Content, err = decodeUserData(d.First&bitHeader != 0, d.DCS, int(rest[0]), rest[1:])
	if err != nil {
		return d, fmt.Errorf("read user data: %w", err)
	}
	return d, nil
}

// report is an SMS-STATUS-REPORT (3GPP 23.040 §9.2.2.3) without optional fields.
type report struct {
	MR        byte
	Address   []byte // TP-RA as submitted
	SCTS, Out time.Time
	Status    byte
}

// encode builds the TPDU of a report.
func (r report) encode() []byte {
	out := append([]byte{mtiReport | bitNoMore, r.MR}, r.Address...)
	out = append(out, encodeTimestamp(r.SCTS)...)
	out = append(out, encodeTimestamp(r.Out)...)
	return append(out, r.Status)
}

// decodeReport reads the mandatory fields of an SMS-STATUS-REPORT.
func decodeReport(b []byte) (report, error) {
	var r report
	if len(b) < 2 {
		return r, errShort
	}
	if b[0]&mtiMask != mtiReport {
		return r, errType
	}
	r.MR = b[1]
	_, raw, rest, err := decodeAddress(b[2:])
	if err != nil {
		return r, fmt.Errorf("read recipient: %w", err)
	}
	r.Address = raw
	if len(rest) < 2*timestampOctets+1 {
		return r, errShort
	}
	if r.SCTS, err = decodeTimestamp(rest); err != nil {
		return r, fmt.Errorf("read service centre time stamp: %w", err)
	}
	if r.Out, err = decodeTimestamp(rest[timestampOctets:]); err != nil {
		return r, fmt.Errorf("read discharge time: %w", err)
	}
	r.Status = rest[2*timestampOctets]
	return r, nil
}
