package pdu

import (
	"bytes"
	"encoding/binary"

	"github.com/warthog618/sms/encoding/gsm7"

	"tetherd/gateway/sms"
)

// Repairs of user data.
const (
	repairNoLength  = "user data missing"
	repairShort     = "user data shorter than its length"
	repairExtra     = "octets after the user data dropped"
	repairPadding   = "padding after the last septet is not zero"
	repairOddUCS2   = "odd number of octets of UCS-2, last one dropped"
	repairGuess     = "reserved data coding scheme, alphabet guessed from the length"
	repairUndefined = "compressed text kept as data"
)

// A content is what the user data of a message and its coding say.
type content struct {
	class   int
	concat  *Concat
	ports   *Ports
	waiting []Waiting
	body    sms.Body
}

// content reads TP-UDL and TP-UD, the last fields of a TPDU, as coded by dcs.
// Whatever is wrong with them is repaired.
func (r *reader) content(dcs byte, hasHeader bool) content {
	s := schemeOf(dcs)
	if s.reserved {
		r.repaired(repairReservedDCS)
	}
	c := content{class: s.class}
	if s.waiting != nil {
		c.waiting = []Waiting{*s.waiting}
	}
	if r.rest() == 0 {
		r.repaired(repairNoLength)
		c.body.Alphabet = s.alphabet
		return c
	}
	length := int(r.octets[r.next])
	r.next++
	if s.guess {
		s.alphabet = r.guess(length)
	}
	// Compressed text counts octets, whatever its alphabet
	// (3GPP TS 23.040 section 9.2.3.16).
	if s.compressed {
		s.alphabet = sms.Data8
		r.repaired(repairUndefined)
	}
	ud, length := r.userData(s.alphabet, length)
	var h header
	if hasHeader {
		h = r.header(ud)
	}
	c.concat, c.ports = h.concat, h.ports
	c.waiting = append(c.waiting, h.waiting...)
	c.body = r.body(s.alphabet, ud, length, h)
	return c
}

// guess tells the alphabet of a message whose coding claims GSM7 with a
// reserved bit set, from its length and the octets that follow.
func (r *reader) guess(length int) sms.Alphabet {
	r.repaired(repairGuess)
	rest := r.rest()
	switch {
	case rest < length:
		// Fewer octets than that can only be packed septets.
		return sms.GSM7
	case length%2 == 0:
		return sms.UCS2
	default:
		return sms.Data8
	}
}

// userData takes the octets of the user data and returns them with their
// length in units of TP-UDL: septets for GSM7, octets otherwise.
func (r *reader) userData(alphabet sms.Alphabet, length int) (ud []byte, units int) {
	octets := length
	if alphabet == sms.GSM7 {
		octets = (length*7 + 7) / 8
	}
	rest := r.rest()
	if rest < octets {
		r.repaired(repairShort)
		octets = rest
		length = rest
		if alphabet == sms.GSM7 {
			length = rest * 8 / 7
		}
	}
	if rest > octets {
		r.repaired(repairExtra)
	}
	ud = r.octets[r.next : r.next+octets]
	r.next += octets
	return ud, length
}

// body decodes what follows the header in ud.
func (r *reader) body(alphabet sms.Alphabet, ud []byte, length int, h header) sms.Body {
	b := sms.Body{Alphabet: alphabet}
	payload := ud[h.octets:]
	switch alphabet {
	case sms.Data8:
		b.Data = bytes.Clone(payload)
	case sms.UCS2:
		if len(payload)%2 != 0 {
			r.repaired(repairOddUCS2)
			payload = payload[:len(payload)-1]
		}
		b.UTF16 = make([]uint16, len(payload)/2)
		for i := range b.UTF16 {
			b.UTF16[i] = binary.BigEndian.Uint16(payload[2*i:])
		}
	default:
		septets := r.septets(payload, length, h.octets)
		if h.locking == 0 && h.shift == 0 {
			b.Text = sms.GSM7Text(septets)
		} else {
			b.Text = languageText(septets, h.locking, h.shift)
		}
	}
	return b
}

// septets unpacks the text after a header of that many octets; length counts
// the septets of both.
func (r *reader) septets(payload []byte, length, header int) []byte {
	fillBits := fillBits(header)
	length = max(0, length-(header*8+fillBits)/7)
	septets := gsm7.Unpack7Bit(payload, fillBits)
	if len(septets) <= length {
		return septets
	}
	// Seven free bits look like one more septet.
	for _, s := range septets[length:] {
		if s != 0 {
			r.repaired(repairPadding)
		}
	}
	return septets[:length]
}
