package pdu_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/sms"
	"tetherd/modem/pdu"
)

// FuzzDecode: any line a modem may print is decoded or refused, always alike,
// and what was decoded can be recognised when it is read again.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"",
		deliverPDU(0x04, 0x00, "0AE8329BFD4697D9EC37"),
		deliverPDU(0x44, 0x08, octetUD("050003010201044FD83D")),
		deliverPDU(0x44, 0x00, "0C"+"06250101240101"+"C3E0B0"),
		deliverPDU(0x04, 0xf9, octetUD("0422043504410442")) + "FFFF",
		deliverPDU(0x44, 0x04, octetUD("0B00030702010504D1EB000001")),
		smscField + "04" + "0DD0F334FC1CA69701" + "0000" + sctsField + "00",
		smscField + reportDigits + "FFFFFFFF",
		smscField + reportDigits + "07000005E8329BFD06",
		"0011000B919471325476F80000AA0AE8329BFD4697D9EC37",
		"0041000481012000040A060504D1EB00000102FF",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		m, err := pdu.Decode(line)
		again, errAgain := pdu.Decode(line)
		if diff := cmp.Diff(m, again); diff != "" || (err == nil) != (errAgain == nil) {
			t.Fatalf("decoded twice, %v and %v (-first +second):\n%s", err, errAgain, diff)
		}
		if err != nil {
			if m != nil {
				t.Fatalf("Decode = %+v with error %v", m, err)
			}
			return
		}
		checkMessage(t, line, m)
	})
}

// checkMessage fails unless m keeps what the package promises of a message
// decoded from line.
func checkMessage(t *testing.T, line string, m pdu.Message) {
	t.Helper()
	var tpdu []byte
	var repairs []string
	var body sms.Body
	var concat *pdu.Concat
	switch m := m.(type) {
	case *pdu.Deliver:
		tpdu, repairs, body, concat = m.TPDU, m.Repairs, m.Body, m.Concat
		m.SMSC, m.Repairs = "", nil
	case *pdu.Stored:
		tpdu, repairs, body, concat = m.TPDU, m.Repairs, m.Body, m.Concat
		m.SMSC, m.Repairs = "", nil
	case *pdu.StatusReport:
		tpdu, repairs = m.TPDU, m.Repairs
		m.SMSC, m.Repairs = "", nil
	}
	if !utf8.ValidString(body.Text) || !utf8.ValidString(sms.Join([]sms.Body{body})) {
		t.Fatalf("text %q is not UTF-8", body.Text)
	}
	if concat != nil && (concat.Total < 2 || concat.Part < 1 || concat.Part > concat.Total) {
		t.Fatalf("Concat = %+v", concat)
	}
	if len(tpdu) == 0 || !strings.Contains(strings.ToUpper(line), strings.ToUpper(hex.EncodeToString(tpdu))) {
		t.Fatalf("TPDU %X is not in the line", tpdu)
	}
	if slices.Contains(repairs, "") {
		t.Fatalf("Repairs = %q", repairs)
	}
	m2, err := pdu.Decode("00" + hex.EncodeToString(tpdu))
	if err != nil {
		t.Fatalf("decode TPDU alone: %v", err)
	}
	switch m2 := m2.(type) {
	case *pdu.Deliver:
		m2.Repairs = nil
	case *pdu.Stored:
		m2.Repairs = nil
	case *pdu.StatusReport:
		m2.Repairs = nil
	}
	if diff := cmp.Diff(m, m2); diff != "" {
		t.Fatalf("message and its TPDU alone (-message +TPDU):\n%s", diff)
	}
}

// TestEveryPrefix: a PDU cut anywhere is refused or decoded, and what is
// decoded of it is a prefix.
func TestEveryPrefix(t *testing.T) {
	for _, whole := range []string{
		deliverPDU(0x44, 0x08, octetUD("050003010201044FD83DDC4D")),
		deliverPDU(0x44, 0x00, "0C"+"06250101240101"+"C3E0B0"),
		smscField + reportDigits + "07000005E8329BFD06",
		"0051000481012000" + "08AA" + octetUD("050003010201044F"),
	} {
		all := octets(t, whole)
		decoded := 0
		for n := range len(all) + 1 {
			m, err := pdu.Decode(hex.EncodeToString(all[:n]))
			if err != nil {
				continue
			}
			decoded++
			checkMessage(t, hex.EncodeToString(all[:n]), m)
		}
		if decoded == 0 {
			t.Errorf("no prefix of %s is decoded", whole)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, bb := range []struct{ name, line string }{
		{"gsm7", deliverPDU(0x44, 0x00, "A0050003010201"+strings.Repeat("6D", 134))},
		{"ucs2", deliverPDU(0x44, 0x08, octetUD("050003010201"+strings.Repeat("044F", 67)))},
		{"report", smscField + reportDigits},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := pdu.Decode(bb.line); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
