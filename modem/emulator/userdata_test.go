package emulator

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestDataCoding(t *testing.T) {
	for _, tc := range []struct {
		dcs   byte
		want  alphabet
		class int
	}{
		{0x00, alphabetGSM7, -1},
		{0x04, alphabet8Bit, -1},
		{0x08, alphabetUCS2, -1},
		{0x10, alphabetGSM7, 0},
		{0x15, alphabet8Bit, 1},
		{0x1a, alphabetUCS2, 2},
		{0x50, alphabetGSM7, 0}, // automatic deletion
		{0xc8, alphabetGSM7, -1},
		{0xd0, alphabetGSM7, -1},
		{0xe0, alphabetUCS2, -1},
		{0xf0, alphabetGSM7, 0},
		{0xf5, alphabet8Bit, 1},
	} {
		if got, class := alphabetOf(tc.dcs), classOf(tc.dcs); got != tc.want || class != tc.class {
			t.Errorf("%02X is alphabet %d, class %d; want %d and %d", tc.dcs, got, class, tc.want, tc.class)
		}
	}
}

func TestDeliverEncode(t *testing.T) {
	at := time.Date(2026, 11, 21, 4, 12, 48, 0, time.UTC)
	for _, tc := range []struct {
		name string
		d    Deliver
		want string // "" is an error
	}{
		{"text", Deliver{From: "12345", Text: "TES"}, "0405812143F50000" + "62111240218400" + "03D4E214"},
		{"ucs2, more waiting", Deliver{From: "12345", DCS: 8, Text: "Ж", More: true}, "0005812143F50008" + "62111240218400" + "020416"},
		{"ports", Deliver{From: "12345", DCS: 4, UDH: []byte{5, 4, 0x0b, 0x84, 0x23, 0xf0}, Data: []byte{1}}, "4405812143F50004" + "62111240218400" + "080605040B8423F001"},
		{"wrong alphabet", Deliver{From: "12345", Text: "Ж"}, ""},
		{"too long", Deliver{From: "12345", DCS: 4, Data: make([]byte, 141)}, ""},
		{"no originator", Deliver{From: "жук"}, ""},
	} {
		tc.d.SCTS = at
		got, err := tc.d.Encode()
		if (err != nil) != (tc.want == "") || upperHex(got) != tc.want {
			t.Errorf("%s: %X, %v, want %s", tc.name, got, err, tc.want)
		}
	}
}

func TestDeleteFlags(t *testing.T) {
	// One message in each state: 0 unread, 1 read, 2 unsent, 3 sent.
	for flag, left := range map[int][]int{0: {1, 2, 3}, 1: {0, 2, 3}, 2: {0, 2}, 3: {0}, 4: nil} {
		synctest.Test(t, func(t *testing.T) {
			m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
			h := attachHost(t, m)
			h.setUp()
			pdu, size := submitPDU(t, "12345", "x", false)
			for stat := range 4 {
				h.ask(fmt.Sprintf("AT+CMGW=%d,%d\r", size, stat))
				h.ask(pdu + "\x1a")
			}
			h.must(fmt.Sprintf("AT+CMGD=1,%d", flag))
			var got []int
			for _, r := range m.Stored() {
				got = append(got, r.Stat)
			}
			if fmt.Sprint(got) != fmt.Sprint(left) {
				t.Errorf("flag %d leaves %v, want %v", flag, got, left)
			}
		})
	}
}
