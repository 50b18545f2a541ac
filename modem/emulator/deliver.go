package emulator

import (
	"fmt"
	"time"
	"unicode/utf16"
)

// Deliver describes one SMS-DELIVER to be put on the network with Network.DeliverTPDU.
type Deliver struct {
	From string // number, or a name of up to eleven characters
	PID  byte
	DCS  byte      // chooses the alphabet; 0 is GSM 7 bit without a class
	SCTS time.Time // the zero value is encoded as it stands
	UDH  []byte    // information elements without the length octet; nil for none
	Text string    // for GSM 7 bit and UCS2
	Data []byte    // for 8 bit
	More bool      // TP-MMS says that more messages wait
}

// Encode builds the TPDU, without a service centre field. It fails if the text does not fit
// the alphabet or the part.
func (d Deliver) Encode() ([]byte, error) {
	oa, err := encodeAddress(d.From)
	if err != nil {
		return nil, fmt.Errorf("encode originator: %w", err)
	}
	a := alphabetOf(d.DCS)
	var septets, octets []byte
	switch a {
	case alphabetGSM7:
		var ok bool
		if septets, ok = encodeGSM7(d.Text); !ok {
			return nil, fmt.Errorf("encode text: %w", errAlphabet)
		}
	case alphabetUCS2:
		octets = utf16Octets(utf16.Encode([]rune(d.Text)))
	default:
		octets = d.Data
	}
	return d.encode(oa, septets, octets, a)
}

func (d Deliver) encode(oa, septets, octets []byte, a alphabet) ([]byte, error) {
	ud, err := encodeUserData(d.UDH, septets, octets, a)
	if err != nil {
		return nil, fmt.Errorf("encode user data: %w", err)
	}
	first := byte(mtiDeliver)
	if !d.More {
		first |= bitNoMore
	}
	if len(d.UDH) > 0 {
		first |= bitHeader
	}
	out := append([]byte{first}, oa...)
	out = append(out, d.PID, d.DCS)
	out = append(out, encodeTimestamp(d.SCTS)...)
	return append(out, ud...), nil
}

// TextParts returns the SMS-DELIVER TPDUs of a text: one if it fits, else concatenated
// parts that share ref, with an 8 bit reference up to 255 and a 16 bit one above. The
// alphabet is GSM 7 bit if it has every character of the text, else UCS2. It returns nil
// if the text needs more than 255 parts or from is no address.
func TextParts(from, text string, ref uint16, scts time.Time) [][]byte {
	oa, err := encodeAddress(from)
	if err != nil {
		return nil
	}
	septets, gsm := encodeGSM7(text)
	if gsm {
		return encodeParts(septets, 160, ref, func(head, chunk []byte) ([]byte, error) {
			return Deliver{SCTS: scts, UDH: head}.encode(oa, chunk, nil, alphabetGSM7)
		}, func(last byte) bool { return last == gsm7Escape })
	}
	units := utf16.Encode([]rune(text))
	return encodeParts(units, 70, ref, func(head []byte, chunk []uint16) ([]byte, error) {
		d := Deliver{SCTS: scts, UDH: head, DCS: 0x08}
		return d.encode(oa, nil, utf16Octets(chunk), alphabetUCS2)
	}, func(last uint16) bool { return last&0xfc00 == 0xd800 })
}

// encodeParts cuts units into parts; opens tells that a unit may not be the last of a part.
func encodeParts[U any](units []U, single int, ref uint16, encode func(head []byte, chunk []U) ([]byte, error), opens func(U) bool) [][]byte {
	if len(units) <= single {
		tpdu, err := encode(nil, units)
		if err != nil {
			return nil
		}
		return [][]byte{tpdu}
	}
	// A concatenation element and the length octet take 6 or 7 octets, which is 7 or 8
	// septets, or 3 or 4 UCS2 units (with 16 bit references one octet stays empty).
	room := single - 7
	if single == 70 {
		room = single - 3
	}
	if ref > 0xff {
		room--
	}
	var chunks [][]U
	for len(units) > 0 {
		n := min(room, len(units))
		if n < len(units) && opens(units[n-1]) {
			n--
		}
		chunks, units = append(chunks, units[:n]), units[n:]
	}
	if len(chunks) > 255 {
		return nil
	}
	parts := make([][]byte, 0, len(chunks))
	for i, c := range chunks {
		tpdu, err := encode(concatHeader(ref, i+1, len(chunks)), c)
		if err != nil {
			return nil
		}
		parts = append(parts, tpdu)
	}
	return parts
}

// concatHeader is the header of one part of a concatenated message.
func concatHeader(ref uint16, part, total int) []byte {
	if ref <= 0xff {
		return []byte{ieConcat8, 3, byte(ref), byte(total), byte(part)}
	}
	return []byte{ieConcat16, 4, byte(ref >> 8), byte(ref), byte(total), byte(part)}
}
