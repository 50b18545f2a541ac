package emulator

import (
	"bytes"
	"math/rand"
	"time"
)

// Malformed returns a catalogue of TPDUs that break the rules of 3GPP 23.040 in ways that
// have been met, and in some that have not. A receiver must survive each and lose none of
// the messages around it.
func Malformed(at time.Time) []Delivery {
	oa := []byte{5, toaUnknown, 0x21, 0x43, 0xf5}
	scts := encodeTimestamp(at)
	// build puts a DELIVER together from parts that need not fit.
	build := func(first byte, oa []byte, pid, dcs byte, scts []byte, udl int, ud ...byte) []byte {
		out := append([]byte{first}, oa...)
		out = append(append(out, pid, dcs), scts...)
		return append(append(out, byte(udl)), ud...)
	}
	plain := build(bitNoMore, oa, 0, 0, scts, 2, 0x4f, 0x05) // "O" and a rest
	random := make([]byte, 150)
	rand.New(rand.NewSource(1)).Read(random)
	random[0] &^= mtiMask
	report := report{MR: 7, Address: oa, SCTS: at, Out: at}.encode()
	padded := append(bytes.Clone(report), bytes.Repeat([]byte{0xff}, 164-len(report))...)
	badOut := bytes.Clone(report)
	copy(badOut[len(badOut)-8:], bytes.Repeat([]byte{0xff}, timestampOctets))
	one := func(name, about string, tpdu []byte) Delivery {
		return Delivery{Name: name, About: about, TPDUs: [][]byte{tpdu}}
	}
	return []Delivery{
		one("no-octets", "no octet at all", []byte{}),
		one("one-octet", "nothing but the first octet", plain[:1]),
		one("cut-address", "it ends within the originator", plain[:4]),
		one("cut-timestamp", "it ends within the time stamp", plain[:10]),
		one("cut-user-data", "it ends within the user data", build(bitNoMore, oa, 0, 0, scts, 20, 0x4f, 0x05)),
		one("extra-octets", "thirty octets follow the user data", append(bytes.Clone(plain), make([]byte, 30)...)),
		one("long-address", "an originator of 255 digits", build(bitNoMore, append([]byte{255, toaInternational}, oa[2:]...), 0, 0, scts, 0)),
		one("empty-address", "an originator of no digits", build(bitNoMore, []byte{0, toaUnknown}, 0, 0, scts, 1, 0x4f)),
		one("address-length-with-fill", "the length of the originator counts the fill", build(bitNoMore, []byte{6, toaUnknown, 0x21, 0x43, 0xf5}, 0, 0, scts, 1, 0x4f)),
		one("address-fill", "a fill that is not F", build(bitNoMore, []byte{5, toaUnknown, 0x21, 0x43, 0x05}, 0, 0, scts, 1, 0x4f)),
		one("address-escape", "a name with an escape in it", build(bitNoMore, []byte{4, toaAlphanumeric, 0x1b, 0x0d}, 0, 0, scts, 1, 0x4f)),
		one("timestamp-hex", "a time stamp that is not decimal", build(bitNoMore, oa, 0, 0, bytes.Repeat([]byte{0xab}, 7), 1, 0x4f)),
		one("timestamp-zero", "a time stamp of zeros", build(bitNoMore, oa, 0, 0, make([]byte, 7), 1, 0x4f)),
		one("timestamp-ones", "a time stamp of ones", build(bitNoMore, oa, 0, 0, bytes.Repeat([]byte{0xff}, 7), 1, 0x4f)),
		one("scheme-reserved", "a coding scheme of a reserved group", build(bitNoMore, oa, 0, 0x80, scts, 1, 0x4f)),
		one("scheme-f8", "UCS2 under a class with its reserved bit", build(bitNoMore, oa, 0, 0xf9, scts, 4, 0x04, 0x36, 0x04, 0x36)),
		one("compressed", "compressed text", build(bitNoMore, oa, 0, 0x20, scts, 4, 1, 2, 3, 4)),
		one("ucs2-odd", "UCS2 of an odd number of octets", build(bitNoMore, oa, 0, 0x08, scts, 3, 0x04, 0x36, 0x04)),
		one("ucs2-lone-surrogate", "half a character", build(bitNoMore, oa, 0, 0x08, scts, 4, 0xd8, 0x3d, 0x00, 0x41)),
		one("ucs2-byte-order", "a byte order mark", build(bitNoMore, oa, 0, 0x08, scts, 4, 0xfe, 0xff, 0x00, 0x41)),
		one("spare-septet", "a filling septet that is a carriage return", build(bitNoMore, oa, 0, 0, scts, 7, 0xe8, 0x32, 0x9b, 0xfd, 0x46, 0x97, 0x1b)),
		one("header-overruns", "a header longer than the user data", build(bitNoMore|bitHeader, oa, 0, 0, scts, 5, 0x40, 0, 3, 1, 2)),
		one("header-empty", "a header of no elements", build(bitNoMore|bitHeader, oa, 0, 4, scts, 2, 0x00, 0x41)),
		one("header-missing", "a header announced and no user data", build(bitNoMore|bitHeader, oa, 0, 0, scts, 0)),
		one("element-overruns", "an element longer than its header", build(bitNoMore|bitHeader, oa, 0, 4, scts, 6, 4, 0, 9, 1, 2, 0x41)),
		one("element-short", "a concatenation element of two octets", build(bitNoMore|bitHeader, oa, 0, 4, scts, 6, 4, 0, 2, 1, 2, 0x41)),
		one("too-long", "user data of 200 octets", build(bitNoMore, oa, 0, 4, scts, 200, make([]byte, 200)...)),
		one("reserved-type", "a TPDU of the reserved type", append([]byte{0x03}, plain[1:]...)),
		one("zeros", "nothing but zeros", make([]byte, 40)),
		one("ones", "nothing but ones", bytes.Repeat([]byte{0xff}, 40)),
		one("random", "nothing but chance", random),
		one("report-padded", "a report padded with ones as on a SIM", padded),
		one("report-cut", "a report that ends before its status", report[:len(report)-1]),
		one("report-discharge", "a report without a time of discharge", badOut),
		one("report-unknown", "a report about a message nobody sent", report),
	}
}
