package emulator

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func mustHex(t testing.TB, s string) []byte {
	t.Helper()
	b, ok := parseHex([]byte(strings.ReplaceAll(s, " ", "")))
	if !ok {
		t.Fatalf("%q is not hex", s)
	}
	return b
}

func TestGSM7(t *testing.T) {
	for _, tc := range []struct{ text, packed string }{
		{"", ""},
		{"hellohello", "E8329BFD4697D9EC37"}, // 3GPP 23.038 §6.1.2.1
		{"TEST", "D4E2940A"},
		{"@", "00"},
		{"€", "9B32"},
		{"1234567", "31D98C56B3DD00"},
		{"12345678", "31D98C56B3DD70"},
	} {
		septets, ok := encodeGSM7(tc.text)
		if !ok {
			t.Errorf("%q is not encoded", tc.text)
			continue
		}
		if got := upperHex(packSeptets(septets, 0)); got != tc.packed {
			t.Errorf("%q packs to %s, want %s", tc.text, got, tc.packed)
		}
		if got := decodeGSM7(unpackSeptets(mustHex(t, tc.packed), 0, len(septets))); got != tc.text {
			t.Errorf("%s is %q, want %q", tc.packed, got, tc.text)
		}
	}
	if n := utf8.RuneCountInString(gsm7Default); n != 128 {
		t.Errorf("the default alphabet has %d characters, want 128", n)
	}
	for _, text := range []string{"ж", "😀", "ç", "\x1b"} {
		if _, ok := encodeGSM7(text); ok {
			t.Errorf("%q is encoded, it is not in the alphabet", text)
		}
	}
	// What the extension does not define, and an escape without a successor.
	for septets, want := range map[string]string{"\x1bA": "A", "\x1b": " ", "\x1b\x1bA": " A"} {
		if got := decodeGSM7([]byte(septets)); got != want {
			t.Errorf("septets %x are %q, want %q", septets, got, want)
		}
	}
}

func TestAddress(t *testing.T) {
	for _, tc := range []struct{ number, octets string }{
		{"+46708251358", "0B916407281553F8"},
		{"0708251358", "0A817080523185"},
		{"12345", "05812143F5"},
		{"*100#", "0581 1A00FB"},
		{"TEST", "07D0D4E2940A"},
		{"Tetherd", "0DD0D4321D5D969301"},
		{"", "0081"},
	} {
		got, err := encodeAddress(tc.number)
		if err != nil {
			t.Errorf("%q: %v", tc.number, err)
			continue
		}
		want := mustHex(t, tc.octets)
		if !bytes.Equal(got, want) {
			t.Errorf("%q is %X, want %X", tc.number, got, want)
		}
		number, raw, rest, err := decodeAddress(append(got, 0xaa))
		if err != nil || number != tc.number || len(rest) != 1 || !bytes.Equal(raw, got) {
			t.Errorf("%X is %q, rest %X, %v; want %q", got, number, rest, err, tc.number)
		}
	}
	for _, number := range []string{"+123456789012345678901", "Twelve chars", "жук"} {
		if got, err := encodeAddress(number); err == nil {
			t.Errorf("%q is encoded as %X", number, got)
		}
	}
	for _, octets := range []string{"", "05", "058121", "17811111111111111111111111111111", "0381F1F1"} {
		if number, _, _, err := decodeAddress(mustHex(t, octets)); err == nil {
			t.Errorf("%s is %q, want an error", octets, number)
		}
	}
}

func TestSameNumber(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"+491511234567", "00491511234567", true},
		{"+491511234567", "01511234567", true},
		{"+491511234567", "1234567", true},
		{"+491511234567", "234567", false},
		{"+491511234567", "+491511234568", false},
		{"12345", "12345", true},
		{"12345", "012345", false},
		{"Bank", "Bank", true},
		{"Bank", "bank", false},
		{"", "", false},
	} {
		if got := sameNumber(tc.a, tc.b); got != tc.want {
			t.Errorf("%q and %q: %v, want %v", tc.a, tc.b, got, tc.want)
		}
		if got := sameNumber(tc.b, tc.a); got != tc.want {
			t.Errorf("%q and %q: %v, want %v", tc.b, tc.a, got, tc.want)
		}
	}
}

func TestTimestamp(t *testing.T) {
	for _, tc := range []struct {
		zone   int
		octets string
	}{
		{3600, "62111240218440"},
		{-(5*3600 + 1800), "6211124021842A"},
		{12*3600 + 2700, "62111240218415"},
		{0, "62111240218400"},
	} {
		at := time.Date(2026, 11, 21, 4, 12, 48, 0, time.FixedZone("", tc.zone))
		if got := upperHex(encodeTimestamp(at)); got != tc.octets {
			t.Errorf("%v is %s, want %s", at, got, tc.octets)
		}
		if got, err := decodeTimestamp(mustHex(t, tc.octets)); err != nil || !got.Equal(at) {
			t.Errorf("%s is %v, %v, want %v", tc.octets, got, err, at)
		}
	}
	for _, octets := range []string{"", "621112402184", "FFFFFFFFFFFFFF", "6A111240218440"} {
		if got, err := decodeTimestamp(mustHex(t, octets)); err == nil {
			t.Errorf("%q is %v, want an error", octets, got)
		}
	}
}

func TestDecodeSubmit(t *testing.T) {
	for _, tc := range []struct {
		name, tpdu string
		want       submit // of the decoded fields only
	}{
		{
			"gsm 7 bit with relative validity", "11000B916407281553F80000AA0AE8329BFD4697D9EC37",
			submit{First: 0x11, To: "+46708251358", Validity: []byte{0xaa}, UDL: 10, Content: userData{Text: "hellohello"}},
		},
		{
			"report asked, no validity", "210705812143F5000003D4E214",
			submit{First: 0x21, MR: 7, To: "12345", UDL: 3, Content: userData{Text: "TES"}},
		},
		{
			"ucs2, absolute validity", "190005812143F50008" + "62111240218440" + "04 0416D83D",
			submit{First: 0x19, To: "12345", DCS: 8, UDL: 4, Validity: []byte{0x62, 0x11, 0x12, 0x40, 0x21, 0x84, 0x40}, Content: userData{Text: "Ж\uFFFD", UTF16: []uint16{0x0416, 0xd83d}}},
		},
		{
			"8 bit with ports", "410005812143F50004" + "09 0605040B8423F0 0102",
			submit{First: 0x41, To: "12345", DCS: 4, UDL: 9, Content: userData{Data: []byte{1, 2}, Header: []byte{0x05, 0x04, 0x0b, 0x84, 0x23, 0xf0}}},
		},
		{
			"concatenated, 8 bit reference", "410005812143F50000" + "08 050003070201 82",
			submit{First: 0x41, To: "12345", UDL: 8, Content: userData{Text: "A", Header: []byte{0, 3, 7, 2, 1}, Concat: concat{Ref: 7, Part: 1, Total: 2}}},
		},
		{
			"concatenated, 16 bit reference", "410005812143F50000" + "09 06080401020303 41",
			submit{First: 0x41, To: "12345", UDL: 9, Content: userData{Text: "A", Header: []byte{8, 4, 1, 2, 3, 3}, Concat: concat{Ref: 0x102, Part: 3, Total: 3}}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := decodeSubmit(mustHex(t, tc.tpdu))
			if err != nil {
				t.Fatal(err)
			}
			got.Address, got.UD = nil, nil
			if tc.want.Content.UTF16 == nil && tc.want.Content.Text != "" {
				tc.want.Content.UTF16 = utf16.Encode([]rune(tc.want.Content.Text))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("submit (-want +got):\n%s", diff)
			}
		})
	}
	for name, tpdu := range map[string]string{
		"empty":                  "",
		"deliver":                "040005812143F5000003D4E214",
		"no address":             "0100",
		"no user data":           "010005812143F50000",
		"text ends early":        "010005812143F5000003D4E2",
		"octet after the text":   "010005812143F5000003D4E21400",
		"validity is cut":        "190005812143F5000862",
		"header overruns":        "410005812143F5000002 0501",
		"element overruns":       "410005812143F5000407 06000907020100",
		"header beyond the text": "410005812143F5000402 050003070201",
		"fill is not ones":       "01000581214305000003D4E214",
		"letter in the number":   "010005812F43F5000003D4E214",
	} {
		if got, err := decodeSubmit(mustHex(t, tpdu)); err == nil {
			t.Errorf("%s: %+v, want an error", name, got)
		}
	}
}

func TestDecodeDeliver(t *testing.T) {
	// A message often shown in tutorials: type of number 4, a text of ten characters.
	number, tpdu, err := decodeSMSC(mustHex(t, "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"))
	if err != nil || number != "+27381000015" {
		t.Fatalf("service centre is %q, %v", number, err)
	}
	d, err := decodeDeliver(tpdu)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(1999, 3, 29, 15, 16, 59, 0, time.FixedZone("", 2*3600))
	if d.From != "27838890001" || d.Content.Text != "hellohello" || !d.SCTS.Equal(at) {
		t.Errorf("delivery is %+v", d)
	}
}

func TestReportCodec(t *testing.T) {
	at := time.Date(2026, 11, 21, 4, 12, 48, 0, time.FixedZone("", 3600))
	r := report{MR: 200, Address: mustHex(t, "0B916407281553F8"), SCTS: at, Out: at.Add(time.Minute), Status: 0x30}
	want := "06C80B916407281553F8" + "62111240218440" + "62111240318440" + "30"
	if got := upperHex(r.encode()); got != want {
		t.Errorf("report is %s, want %s", got, want)
	}
	got, err := decodeReport(r.encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestTextParts(t *testing.T) {
	at := time.Date(2026, 11, 21, 4, 12, 48, 0, time.UTC)
	for _, tc := range []struct {
		name, text string
		ref        uint16
		sizes      []int // characters of the parts in units of their alphabet
	}{
		{"empty", "", 1, []int{0}},
		{"one part", strings.Repeat("a", 160), 1, []int{160}},
		{"two parts", strings.Repeat("a", 161), 1, []int{153, 8}},
		{"wide reference", strings.Repeat("a", 161), 256, []int{152, 9}},
		{"escape stays whole", strings.Repeat("a", 152) + "€" + strings.Repeat("b", 20), 1, []int{152, 22}},
		{"one ucs2 part", strings.Repeat("ж", 70), 1, []int{70}},
		{"two ucs2 parts", strings.Repeat("ж", 71), 1, []int{67, 4}},
		{"wide reference ucs2", strings.Repeat("ж", 71), 0x1234, []int{66, 5}},
		{"surrogates stay whole", strings.Repeat("ж", 66) + "😀" + strings.Repeat("ж", 9), 1, []int{66, 11}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var sizes []int
			var text string
			parts := TextParts("+491511111111", tc.text, tc.ref, at)
			for i, tpdu := range parts {
				d, err := decodeDeliver(tpdu)
				if err != nil {
					t.Fatal(err)
				}
				if want := (concat{Ref: tc.ref, Part: i + 1, Total: len(parts)}); len(parts) > 1 && d.Content.Concat != want {
					t.Errorf("part %d is %+v, want %+v", i, d.Content.Concat, want)
				}
				size := len(d.Content.UTF16)
				if septets, gsm := encodeGSM7(d.Content.Text); gsm {
					size = len(septets)
				}
				sizes = append(sizes, size)
				text += d.Content.Text
			}
			if diff := cmp.Diff(tc.sizes, sizes); diff != "" {
				t.Errorf("sizes (-want +got):\n%s", diff)
			}
			if text != tc.text {
				t.Errorf("text is %q, want %q", text, tc.text)
			}
		})
	}
	if parts := TextParts("x", strings.Repeat("a", 153*255+1), 1, at); parts != nil {
		t.Errorf("%d parts, want none beyond 255", len(parts))
	}
}
