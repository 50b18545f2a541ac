package emulator

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tetherd/gateway/sms"
	"tetherd/modem/pdu"
)

// FuzzSentParts holds what a preview shows of a text against what a service centre reads
// from the PDUs that are sent: as many parts, of the same texts, in the same alphabet.
func FuzzSentParts(f *testing.F) {
	for _, unit := range []string{"a", "€", "ж", "😀", "👩\u200d👩\u200d👧\u200d👦", "“", "x\u0301", "1½", "\x1b", "\xff", "ＡＢ", "@", "\r\n"} {
		for _, n := range []int{1, 35, 36, 67, 70, 71, 80, 81, 134, 135, 153, 160, 161, 306, 307} {
			f.Add(strings.Repeat(unit, n), "")
			f.Add("a"+strings.Repeat(unit, n), "smart")
		}
	}
	f.Add("plain", "ucs2")
	f.Add("plain", "gsm7")
	f.Fuzz(func(t *testing.T, text, encoding string) {
		e, err := sms.ParseEncoding(encoding)
		if err != nil || !utf8.ValidString(text) {
			return
		}
		segments, err := sms.SplitAs(text, e, sms.MaxParts)
		if err != nil {
			refused := text == "" || isA[*sms.TooLongError](err) || e == sms.GSM7Only && isA[*sms.NotGSM7Error](err)
			if !refused {
				t.Fatalf("split: %v", err)
			}
			return
		}
		whole := ""
		for i, s := range segments {
			d := submitted(t, pdu.Submit{To: "+491511111111", Segment: s, Ref: 7})
			concat := concat{Ref: 7, Part: i + 1, Total: len(segments)}
			if len(segments) == 1 {
				concat.Ref, concat.Part, concat.Total = 0, 0, 0
			}
			if d.Content.Concat != concat {
				t.Fatalf("part %d of %d: got %+v", i+1, len(segments), d.Content.Concat)
			}
			if wide := d.DCS&0x0c == 0x08; wide != (s.Alphabet == sms.UCS2) {
				t.Fatalf("part %d in %s has DCS %02X", i+1, s.Alphabet, d.DCS)
			}
			if d.Content.Text != s.Text {
				t.Fatalf("part %d: sent %q, previewed %q", i+1, d.Content.Text, s.Text)
			}
			units := d.UDL // septets, with the header
			if s.Alphabet == sms.UCS2 {
				units = d.UDL / 2
			}
			if header := len(d.Content.Header); s.Alphabet == sms.UCS2 && header > 0 {
				units -= 3
			} else if header > 0 {
				units -= 7
			}
			if units != s.Units() || s.Left() < 0 {
				t.Fatalf("part %d: %d units were sent, previewed were %d with %d left", i+1, units, s.Units(), s.Left())
			}
			whole += s.Text
		}
		if e != sms.Smart && whole != text || e == sms.Smart && whole != sms.Smarten(text) {
			t.Fatalf("%q became %q", text, whole)
		}
	})
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// submitted returns how a service centre reads a PDU.
func submitted(t *testing.T, s pdu.Submit) submit {
	t.Helper()
	text, length, err := s.Encode()
	if err != nil {
		t.Fatalf("encode %+v: %v", s, err)
	}
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != length+1 {
		t.Fatalf("got %d octets for a length of %d, %v", len(b), length, err)
	}
	d, err := decodeSubmit(slices.Clone(b[1:])) // behind the empty field of the service centre
	if err != nil {
		t.Fatalf("read %s: %v", text, err)
	}
	return d
}
