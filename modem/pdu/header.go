package pdu

import (
	"encoding/binary"

	"github.com/warthog618/sms/encoding/tpdu"
)

// Information element identifiers (3GPP TS 23.040 section 9.2.3.24).
const (
	ieConcat8      = 0x00
	ieWaiting      = 0x01
	iePorts8       = 0x04
	iePorts16      = 0x05
	ieConcat16     = 0x08
	ieSingleShift  = 0x24
	ieLockingShift = 0x25
)

// Repairs of user data headers.
const (
	repairNoHeader = "user data header longer than the user data, read as text"
	repairElement  = "user data header: element cut off"
	repairConcat   = "user data header: impossible part number, read as a single message"
)

// A Concat tells which part of which message this is
// (3GPP TS 23.040 sections 9.2.3.24.1 and 9.2.3.24.8).
type Concat struct {
	Ref  uint16
	Wide bool // the reference has 16 bits, and is not comparable with one of 8
	// Part counts from 1 to Total, which is at least 2.
	Part, Total int
}

// Ports are application ports (3GPP TS 23.040 sections 9.2.3.24.3 and
// 9.2.3.24.4): the message is meant for a program, not for a reader.
type Ports struct {
	Dst, Src int
}

// A header is a decoded user data header.
type header struct {
	octets  int // with the length octet; 0 without a header
	concat  *Concat
	ports   *Ports
	waiting []Waiting
	locking int // national language tables, 0 for the default
	shift   int
}

// header decodes the user data header ud starts with. Of a repeated element
// the last counts (3GPP TS 23.040 section 9.2.3.24).
func (r *reader) header(ud []byte) header {
	if len(ud) == 0 || 1+int(ud[0]) > len(ud) {
		r.repaired(repairNoHeader)
		return header{}
	}
	h := header{octets: 1 + int(ud[0])}
	elements, whole := elementsOf(ud[1:h.octets])
	if !whole {
		// Without one good element the flag is more likely wrong than the
		// header.
		if len(elements) == 0 {
			r.repaired(repairNoHeader)
			return header{}
		}
		r.repaired(repairElement)
	}
	for _, e := range elements {
		h.apply(e, r)
	}
	return h
}

// elementsOf cuts a header into its elements and reports whether none is cut
// off.
func elementsOf(octets []byte) (elements tpdu.UserDataHeader, whole bool) {
	for len(octets) > 0 {
		if len(octets) < 2 || 2+int(octets[1]) > len(octets) {
			return elements, false
		}
		end := 2 + int(octets[1])
		elements = append(elements, tpdu.InformationElement{ID: octets[0], Data: octets[2:end]})
		octets = octets[end:]
	}
	return elements, true
}

// apply takes over what one element says. Elements of a wrong length and those
// that only format text are passed over.
func (h *header) apply(e tpdu.InformationElement, r *reader) {
	d := e.Data
	switch {
	case e.ID == ieConcat8 && len(d) == 3:
		h.concat = r.concat(Concat{Ref: uint16(d[0]), Total: int(d[1]), Part: int(d[2])})
	case e.ID == ieConcat16 && len(d) == 4:
		h.concat = r.concat(Concat{Ref: binary.BigEndian.Uint16(d), Wide: true, Total: int(d[2]), Part: int(d[3])})
	case e.ID == iePorts8 && len(d) == 2:
		h.ports = &Ports{Dst: int(d[0]), Src: int(d[1])}
	case e.ID == iePorts16 && len(d) == 4:
		h.ports = &Ports{Dst: int(binary.BigEndian.Uint16(d)), Src: int(binary.BigEndian.Uint16(d[2:]))}
	case e.ID == ieWaiting && len(d) == 2:
		h.waiting = append(h.waiting, waitingOf(d))
	case e.ID == ieSingleShift && len(d) == 1:
		h.shift = int(d[0])
	case e.ID == ieLockingShift && len(d) == 1:
		h.locking = int(d[0])
	}
}

// concat returns c, or nil if it does not describe one part of several.
func (r *reader) concat(c Concat) *Concat {
	if c.Part < 1 || c.Part > c.Total {
		r.repaired(repairConcat)
		return nil
	}
	if c.Total == 1 {
		return nil
	}
	return &c
}
