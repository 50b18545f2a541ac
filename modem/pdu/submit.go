package pdu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unicode/utf16"

	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/tpdu"

	"tetherd/gateway/sms"
)

// A Submit is a message to be sent, or one part of it: SMS-SUBMIT
// (3GPP TS 23.040 section 9.2.2.2).
type Submit struct {
	// To is the destination: "+" and digits is an international number, and
	// anything else a number of unknown type (a short code or a national
	// number) of digits, "*", "#" and "a" to "c". 1 to 20 digits.
	To string
	// SMSC is the number of the service centre to use, written like To. Empty
	// means the one set in the modem or on the SIM.
	SMSC string
	// Segment is the text, which must not be empty. A Total of 0 or 1 means no
	// concatenation header. For sms.Data8 its Text is not used: see Data.
	Segment sms.Segment
	// Data is the content if the segment's alphabet is sms.Data8: at most 140
	// octets, or 133 after a header with Ports, 134 after one with a
	// concatenation reference and 128 after one with both.
	Data []byte
	// Ports addresses an application; nil for none.
	Ports *Ports
	// Ref is the concatenation reference, equal for all parts of a message and
	// different for the next to the same recipient. The low 8 bits are used.
	Ref uint16
	// StatusReport asks the service centre for a report.
	StatusReport bool
	// Validity is how long the service centre tries to deliver; 0 leaves that
	// to it. It is rounded up to the next period the field can express, and
	// down to MaxValidity. The shortest period is 5 minutes.
	Validity time.Duration
	// Flash makes it a class 0 message, shown at once and usually not kept.
	Flash bool
}

// maxUserData is the size of TP-UD in octets (3GPP TS 23.040 section 9.2.2.2).
const maxUserData = 140

// Errors of user data to be encoded. They do not repeat the text.
var (
	errNotGSM7  = errors.New("a character is not in the GSM 7-bit alphabet")
	errTooLong  = fmt.Errorf("more than the %d octets of a message", maxUserData)
	errAlphabet = errors.New("unknown alphabet")
)

// Encode returns the PDU for +CMGS or +CMGW in upper-case hexadecimal digits,
// SMSC field first, and the length these commands want to know: octets of the
// TPDU, without the SMSC field. An error names the field it is about.
func (s Submit) Encode() (hexPDU string, length int, err error) {
	smsc := []byte{0}
	if s.SMSC != "" {
		toa, value, _, err := encodeAddress(s.SMSC)
		if err != nil {
			return "", 0, fmt.Errorf("encode SMSC address: %w", err)
		}
		smsc = append([]byte{byte(1 + len(value)), toa}, value...)
	}
	octets, err := s.tpdu()
	if err != nil {
		return "", 0, err
	}
	return fmt.Sprintf("%X%X", smsc, octets), len(octets), nil
}

// tpdu returns the TPDU. TP-MR is 0: the modem sets its own.
func (s Submit) tpdu() ([]byte, error) {
	toa, to, digits, err := encodeAddress(s.To)
	if err != nil {
		return nil, fmt.Errorf("encode destination address: %w", err)
	}
	dcs, err := s.dcs()
	if err != nil {
		return nil, fmt.Errorf("encode data coding scheme: %w", err)
	}
	header, err := s.header()
	if err != nil {
		return nil, fmt.Errorf("encode user data header: %w", err)
	}
	userData, err := s.userData(header)
	if err != nil {
		return nil, fmt.Errorf("encode user data: %w", err)
	}
	if s.Validity < 0 {
		return nil, errors.New("encode validity period: negative")
	}
	first := tpdu.FirstOctet(tpdu.MtSubmit)
	if s.StatusReport {
		first |= tpdu.FoSRR
	}
	if len(header) > 0 {
		first |= tpdu.FoUDHI
	}
	if s.Validity > 0 {
		first = first.WithVPF(tpdu.VpfRelative)
	}
	b := []byte{byte(first), 0, byte(digits), toa}
	b = append(b, to...)
	b = append(b, 0, byte(dcs))
	if s.Validity > 0 {
		b = append(b, relativeValidity(s.Validity))
	}
	return append(b, userData...), nil
}

// dcs returns the data coding scheme: general group, no class but for flash.
func (s Submit) dcs() (tpdu.DCS, error) {
	alphabet := tpdu.Alpha7Bit
	switch s.Segment.Alphabet {
	case sms.GSM7:
	case sms.UCS2:
		alphabet = tpdu.AlphaUCS2
	case sms.Data8:
		alphabet = tpdu.Alpha8Bit
	default:
		return 0, errAlphabet
	}
	dcs, err := tpdu.DCS(0).WithAlphabet(alphabet)
	if err != nil || !s.Flash {
		return dcs, err
	}
	return dcs.WithClass(tpdu.MClass0)
}

// header returns the user data header with its length, empty if there is
// nothing to say.
func (s Submit) header() ([]byte, error) {
	var elements tpdu.UserDataHeader
	if part, total := s.Segment.Part, s.Segment.Total; total > 1 {
		if total > sms.MaxParts || part < 1 || part > total {
			return nil, fmt.Errorf("part %d of %d is impossible", part, total)
		}
		elements = append(elements, tpdu.InformationElement{
			ID:   ieConcat8,
			Data: []byte{byte(s.Ref), byte(total), byte(part)},
		})
	}
	if p := s.Ports; p != nil {
		if p.Dst < 0 || p.Dst > 0xffff || p.Src < 0 || p.Src > 0xffff {
			return nil, errors.New("ports are numbers from 0 to 65535")
		}
		ports := binary.BigEndian.AppendUint16(nil, uint16(p.Dst))
		ports = binary.BigEndian.AppendUint16(ports, uint16(p.Src))
		elements = append(elements, tpdu.InformationElement{ID: iePorts16, Data: ports})
	}
	return elements.MarshalBinary()
}

// userData returns TP-UDL and TP-UD.
func (s Submit) userData(header []byte) ([]byte, error) {
	if s.Segment.Text == "" && s.Segment.Alphabet != sms.Data8 {
		return nil, sms.ErrEmpty
	}
	length := len(header)
	var payload []byte
	switch s.Segment.Alphabet {
	case sms.UCS2:
		for _, unit := range utf16.Encode([]rune(s.Segment.Text)) {
			payload = binary.BigEndian.AppendUint16(payload, unit)
		}
		length += len(payload)
	case sms.Data8:
		payload = s.Data
		length += len(payload)
	default:
		septets, ok := sms.GSM7Septets(s.Segment.Text)
		if !ok {
			return nil, errNotGSM7
		}
		fillBits := fillBits(len(header))
		payload = gsm7.Pack7Bit(septets, fillBits)
		length = (8*len(header)+fillBits)/7 + len(septets)
	}
	if len(header)+len(payload) > maxUserData {
		return nil, errTooLong
	}
	ud := append([]byte{byte(length)}, header...)
	return append(ud, payload...), nil
}

// fillBits returns how many bits bring text after a header of that many octets
// to a septet boundary (3GPP TS 23.040 section 9.2.3.24).
func fillBits(header int) int {
	return (7 - 8*header%7) % 7
}
