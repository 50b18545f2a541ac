package pdu

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/warthog618/sms/encoding/tpdu"
)

// ErrTruncated is wrapped by the errors of Decode when the PDU ends before a field
// without which the rest is useless.
var ErrTruncated = errors.New("PDU ends early")

// A Message is a *Deliver, a *StatusReport or a *Stored.
type Message interface {
	// message keeps the set closed.
	message()
}

func (*Deliver) message()      {}
func (*StatusReport) message() {}
func (*Stored) message()       {}

// Repairs of the layers below the TPDU.
const (
	repairNotHex   = "octets after a character that is not hexadecimal dropped"
	repairHalf     = "half an octet at the end dropped"
	repairReserved = "reserved message type read as SMS-DELIVER"
)

// Decode decodes a PDU as a modem prints it: the SMSC field and a TPDU in
// hexadecimal digits of either case. White space around it is ignored.
//
// The type follows from TP-MTI as for a message on its way to the mobile (3GPP
// TS 23.040 section 9.2.3.1). The value that would be an SMS-SUBMIT-REPORT in
// that direction, which no modem stores or prints, is read as the SMS-SUBMIT it
// is in a storage, and the reserved value as SMS-DELIVER.
func Decode(hexPDU string) (Message, error) {
	r, smsc, err := open(hexPDU)
	if err != nil {
		return nil, err
	}
	first, err := r.octet("first octet")
	if err != nil {
		return nil, err
	}
	switch fo := tpdu.FirstOctet(first); fo.MTI() {
	case tpdu.MtSubmit:
		return nilOnError(decodeStored(r, fo, smsc))
	case tpdu.MtCommand:
		return nilOnError(decodeStatusReport(r, fo, smsc))
	case tpdu.MtReserved:
		r.repaired(repairReserved)
		return nilOnError(decodeDeliver(r, fo, smsc))
	default:
		return nilOnError(decodeDeliver(r, fo, smsc))
	}
}

// Sound reports whether a PDU can be decoded without any repair. A flaw may be the
// sender's, or mean that the PDU was not read as it is.
func Sound(hexPDU string) bool {
	repairs, ok := repairsOf(hexPDU)
	return ok && len(repairs) == 0
}

// Fits reports whether the fields of a PDU take up all of it and want no more: whatever
// else may be wrong with it, no octet is missing.
func Fits(hexPDU string) bool {
	repairs, ok := repairsOf(hexPDU)
	return ok && !slices.ContainsFunc(repairs, func(r string) bool {
		switch r {
		case repairNotHex, repairHalf, repairNoLength, repairShort, repairExtra, repairPI, repairReportUD:
			return true
		}
		return false
	})
}

// repairsOf returns how a PDU had to be repaired; ok is false if it cannot be decoded.
func repairsOf(hexPDU string) (repairs []string, ok bool) {
	switch m, _ := Decode(hexPDU); m := m.(type) {
	case *Deliver:
		return m.Repairs, true
	case *StatusReport:
		return m.Repairs, true
	case *Stored:
		return m.Repairs, true
	}
	return nil, false
}

// nilOnError returns a nil interface with an error, not one that holds a nil
// pointer.
func nilOnError[M Message](m M, err error) (Message, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// open returns a reader placed at the TPDU and the number of the service
// centre.
func open(hexPDU string) (r *reader, smsc string, err error) {
	r = &reader{}
	r.octets, err = octetsOf(strings.TrimSpace(hexPDU), r)
	if err != nil {
		return nil, "", err
	}
	smsc, err = r.smsc()
	if err != nil {
		return nil, "", err
	}
	r.start = r.next
	return r, smsc, nil
}

// octetsOf decodes the hexadecimal digits text starts with.
func octetsOf(text string, r *reader) ([]byte, error) {
	digits := len(text)
	if i := strings.IndexFunc(text, notHex); i >= 0 {
		digits = i
		r.repaired(repairNotHex)
	}
	if digits%2 != 0 {
		digits--
		r.repaired(repairHalf)
	}
	octets, err := hex.DecodeString(text[:digits])
	if err != nil {
		return nil, fmt.Errorf("decode hexadecimal digits: %w", err)
	}
	return octets, nil
}

func notHex(c rune) bool {
	return (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F')
}
