package emulator

import (
	"errors"
	"unicode/utf16"
)

// alphabet is the coding of a TP-UD, taken from the TP-DCS.
type alphabet byte

const (
	alphabetGSM7 alphabet = iota
	alphabet8Bit
	alphabetUCS2
)

// Information elements of a user data header (3GPP 23.040 §9.2.3.24).
const (
	ieConcat8  = 0x00
	ieConcat16 = 0x08
	iePorts16  = 0x05
)

// wapPushPort is where WAP pushes, and with them notifications of multimedia messages, go.
const wapPushPort = 2948

// udOctets is the room of a TP-UD.
const udOctets = 140

var (
	errHeader   = errors.New("user data header overruns the user data")
	errUserData = errors.New("user data is longer than 140 octets")
)

// alphabetOf reads the alphabet of a data coding scheme (3GPP 23.038 §4).
func alphabetOf(dcs byte) alphabet {
	switch {
	case dcs&0x80 == 0: // general data coding and automatic deletion
		switch dcs >> 2 & 0x03 {
		case 1:
			return alphabet8Bit
		case 2:
			return alphabetUCS2
		}
	case dcs&0xf0 == 0xe0: // message waiting, UCS2
		return alphabetUCS2
	case dcs&0xf0 == 0xf0 && dcs&0x04 != 0: // data coding and message class
		return alphabet8Bit
	}
	return alphabetGSM7
}

// classOf reads the message class of a data coding scheme, -1 if it has none.
func classOf(dcs byte) int {
	if dcs&0x90 == 0x10 || dcs&0xf0 == 0xf0 {
		return int(dcs & 0x03)
	}
	return -1
}

// userData is a decoded TP-UD.
type userData struct {
	Header []byte   // information elements without the length octet
	Data   []byte   // octets of an 8 bit message after the header
	Text   string   // of GSM 7 bit and UCS2 messages
	UTF16  []uint16 // code units of the text; those of UCS2 exactly as sent
	Concat concat
}

// concat is the place of a part in its message; Total is 0 if the part stands alone.
type concat struct {
	Ref         uint16
	Part, Total int
}

// udSize is the number of octets a TP-UD with this length field takes.
func udSize(a alphabet, udl int) int {
	if a == alphabetGSM7 {
		return (udl*7 + 7) / 8
	}
	return udl
}

// decodeUserData reads a TP-UD whose length field says udl.
func decodeUserData(hasHeader bool, dcs byte, udl int, ud []byte) (userData, error) {
	var u userData
	a := alphabetOf(dcs)
	if len(ud) > udOctets {
		return u, errUserData
	}
	if len(ud) < udSize(a, udl) {
		return u, errShort
	}
	head := 0
	if hasHeader {
		if len(ud) == 0 || int(ud[0])+1 > len(ud) {
			return u, errHeader
		}
		head = int(ud[0]) + 1
		u.Header = ud[1:head]
		c, err := decodeConcat(u.Header)
		if err != nil {
			return u, err
		}
		u.Concat = c
	}
	if a != alphabetGSM7 && head > udl {
		return u, errHeader
	}
	switch a {
	case alphabetGSM7:
		skip := (head*8 + 6) / 7
		if skip > udl {
			return u, errHeader
		}
		u.Text = decodeGSM7(unpackSeptets(ud, skip, udl))
		u.UTF16 = utf16.Encode([]rune(u.Text))
	case alphabetUCS2:
		body := ud[head:udl]
		for i := 0; i+1 < len(body); i += 2 {
			u.UTF16 = append(u.UTF16, uint16(body[i])<<8|uint16(body[i+1]))
		}
		u.Text = string(utf16.Decode(u.UTF16))
	default:
		u.Data = ud[head:udl]
	}
	return u, nil
}

// decodeConcat looks for the concatenation element of a header.
func decodeConcat(header []byte) (concat, error) {
	var c concat
	for len(header) > 0 {
		if len(header) < 2 || len(header) < 2+int(header[1]) {
			return c, errHeader
		}
		id, v := header[0], header[2:2+int(header[1])]
		switch {
		case id == ieConcat8 && len(v) == 3:
			c = concat{Ref: uint16(v[0]), Total: int(v[1]), Part: int(v[2])}
		case id == ieConcat16 && len(v) == 4:
			c = concat{Ref: uint16(v[0])<<8 | uint16(v[1]), Total: int(v[2]), Part: int(v[3])}
		}
		header = header[2+len(v):]
	}
	return c, nil
}

// encodeUserData builds TP-UDL and TP-UD. header has no length octet; nil means none.
func encodeUserData(header, septets, octets []byte, a alphabet) ([]byte, error) {
	var ud []byte
	if len(header) > 0 {
		ud = append([]byte{byte(len(header))}, header...)
	}
	udl := 0
	if a == alphabetGSM7 {
		skip := (len(ud)*8 + 6) / 7
		udl = skip + len(septets)
		packed := packSeptets(septets, skip)
		copy(packed, ud)
		ud = packed
	} else {
		ud = append(ud, octets...)
		udl = len(ud)
	}
	if len(ud) > udOctets || len(header) > udOctets-1 {
		return nil, errUserData
	}
	return append([]byte{byte(udl)}, ud...), nil
}

// utf16Octets is the big endian form of code units.
func utf16Octets(units []uint16) []byte {
	out := make([]byte, 0, 2*len(units))
	for _, u := range units {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}

// hasPort tells whether a header addresses an application port (3GPP 23.040 §9.2.3.24.4).
func hasPort(header []byte, port int) bool {
	for len(header) >= 2 && len(header) >= 2+int(header[1]) {
		v := header[2 : 2+int(header[1])]
		if header[0] == iePorts16 && len(v) == 4 && int(v[0])<<8|int(v[1]) == port {
			return true
		}
		header = header[2+len(v):]
	}
	return false
}
