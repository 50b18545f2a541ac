package pdu

import (
	"github.com/warthog618/sms/encoding/tpdu"

	"tetherd/gateway/sms"
)

// NoClass is the Class of a message that names none. Class 0 is shown at once
// and need not be stored, 1 is meant for the equipment, 2 for the SIM and 3 for
// the terminal behind it (3GPP TS 23.038 section 4).
const NoClass = -1

// repairReservedDCS is noted for the coding groups 1000 to 1011.
const repairReservedDCS = "reserved data coding scheme read as GSM 7-bit text"

// A scheme is a decoded TP-DCS (3GPP TS 23.038 section 4).
type scheme struct {
	alphabet   sms.Alphabet
	class      int
	compressed bool
	waiting    *Waiting
	// guess is set for F8 to FB, whose reserved bit real devices set for
	// UCS-2: only the length tells.
	guess bool
	// reserved is set for coding groups without a meaning.
	reserved bool
}

// schemeOf decodes a TP-DCS.
func schemeOf(octet byte) scheme {
	dcs := tpdu.DCS(octet)
	s := scheme{class: NoClass, compressed: dcs.Compressed()}
	alphabet, err := dcs.Alphabet()
	s.reserved = err != nil
	switch alphabet {
	case tpdu.AlphaUCS2:
		s.alphabet = sms.UCS2
	case tpdu.Alpha8Bit:
		s.alphabet = sms.Data8
	}
	if class, err := dcs.Class(); err == nil && class != tpdu.MClassUnknown {
		s.class = int(class)
	}
	s.guess = octet&0xfc == 0xf8
	// 1100 discards the message after the indication, 1101 and 1110 store it.
	if group := octet & 0xf0; group == 0xc0 || group == 0xd0 || group == 0xe0 {
		s.waiting = &Waiting{
			Kind:   WaitingKind(octet & 0x03),
			Active: octet&0x08 != 0,
			Store:  group != 0xc0,
			Count:  -1,
		}
	}
	return s
}
