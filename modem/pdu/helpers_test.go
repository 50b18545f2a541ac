package pdu_test

import (
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"tetherd/gateway/sms"
	"tetherd/modem/pdu"
)

// Fields shared by the vectors.
const (
	smscField = "0791947101670000" // +491710760000
	oaField   = "0B919471325476F8" // +49172345678
	sctsField = "52013171035480"   // 2025-10-13 17:30:45 +02:00
)

func sctsTime() time.Time {
	return time.Date(2025, 10, 13, 17, 30, 45, 0, time.FixedZone("", 2*3600))
}

// octets decodes hexadecimal digits of a vector.
func octets(t testing.TB, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatalf("vector %q: %v", digits, err)
	}
	return b
}

// pack packs septets bit by bit, the first bit after skip zero bits.
func pack(skip int, septets ...byte) []byte {
	bits := make([]byte, (skip+7*len(septets)+7)/8)
	for i, septet := range septets {
		for b := range 7 {
			at := skip + 7*i + b
			bits[at/8] |= septet >> b & 1 << (at % 8)
		}
	}
	return bits
}

// septetUD returns TP-UDL and TP-UD of septets after a header given in
// hexadecimal digits, length octet included, or "".
func septetUD(t testing.TB, header string, septets ...byte) string {
	t.Helper()
	h := octets(t, header)
	headerSeptets := (8*len(h) + 6) / 7
	body := pack(7*headerSeptets-8*len(h), septets...)
	return fmt.Sprintf("%02X%X%X", headerSeptets+len(septets), h, body)
}

// octetUD returns TP-UDL and TP-UD of hexadecimal digits.
func octetUD(content string) string {
	return fmt.Sprintf("%02X%s", len(content)/2, content)
}

// deliverPDU returns an SMS-DELIVER from the usual sender.
func deliverPDU(first, dcs byte, ud string) string {
	return fmt.Sprintf("%s%02X%s00%02X%s%s", smscField, first, oaField, dcs, sctsField, ud)
}

// mustDeliver decodes an SMS-DELIVER.
func mustDeliver(t testing.TB, hexPDU string) *pdu.Deliver {
	t.Helper()
	m, err := pdu.Decode(hexPDU)
	if err != nil {
		t.Fatalf("Decode(%s): %v", hexPDU, err)
	}
	d, ok := m.(*pdu.Deliver)
	if !ok {
		t.Fatalf("Decode(%s) is a %T, want a *Deliver", hexPDU, m)
	}
	return d
}

// text returns the text of one body.
func text(b sms.Body) string { return sms.Join([]sms.Body{b}) }

// septetsOf returns the septets of a text that fits the default alphabet.
func septetsOf(t testing.TB, text string) []byte {
	t.Helper()
	septets, ok := sms.GSM7Septets(text)
	if !ok {
		t.Fatalf("%q is not GSM-7", text)
	}
	return septets
}

// checkRepairs fails unless the repairs are the one wanted, or none for "".
func checkRepairs(t testing.TB, got []string, want string) {
	t.Helper()
	switch {
	case want == "" && got != nil:
		t.Errorf("Repairs = %q, want none", got)
	case want != "" && (len(got) != 1 || got[0] != want):
		t.Errorf("Repairs = %q, want %q", got, want)
	}
}
