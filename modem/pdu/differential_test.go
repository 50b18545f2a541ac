package pdu_test

import (
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/warthog618/sms/encoding/gsm7/charset"
	"github.com/warthog618/sms/encoding/tpdu"
	"pgregory.net/rapid"

	"tetherd/gateway/sms"
	"tetherd/modem/emulator"
	"tetherd/modem/pdu"
)

// TestDecodeAgreesWithEmulator: texts of any alphabet, cut and packed by the
// emulator's encoder, which shares nothing with this package, come out again.
func TestDecodeAgreesWithEmulator(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := texts().Draw(t, "text")
		from := rapid.SampledFrom([]string{"+49172345678", "22333", "sipgate", "*100#"}).Draw(t, "from")
		ref := rapid.Uint16Range(0, 255).Draw(t, "ref")
		parts := emulator.TextParts(from, want, ref, sctsTime())
		if parts == nil {
			t.Skip("the emulator does not encode it")
		}
		bodies := make([]sms.Body, len(parts))
		for i, octets := range parts {
			m, err := pdu.Decode("00" + hex.EncodeToString(octets))
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			d := m.(*pdu.Deliver)
			if d.Repairs != nil || d.From.Number != from || !d.SCTS.Equal(sctsTime()) {
				t.Fatalf("Decode = %+v", d)
			}
			if wantPart := len(parts) > 1; (d.Concat != nil) != wantPart ||
				wantPart && *d.Concat != (pdu.Concat{Ref: ref, Part: i + 1, Total: len(parts)}) {
				t.Fatalf("Concat = %+v, want part %d of %d", d.Concat, i+1, len(parts))
			}
			bodies[i] = d.Body
		}
		// Join drops a byte order mark, which no reader would miss.
		if len(want) >= 3 && want[:3] == "\ufeff" {
			want = want[3:]
		}
		if got := sms.Join(bodies); got != want {
			t.Fatalf("text %q, want %q", got, want)
		}
	})
}

// TestDecodeEveryLanguage: random texts of each national table, encoded here by
// looking characters up and packing bits, come out again, with the tables named
// by either element or both, and after headers of every length.
func TestDecodeEveryLanguage(t *testing.T) {
	for id := 1; id < charset.End; id++ {
		t.Run(fmt.Sprint(id), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				locking, shift := rapid.Bool().Draw(t, "locking"), rapid.Bool().Draw(t, "shift")
				base, ext := charset.NewDecoder(charset.Default), charset.NewExtDecoder(charset.Default)
				header := ""
				if locking {
					base = charset.NewDecoder(id)
					header += fmt.Sprintf("2501%02X", id)
				}
				if shift {
					ext = charset.NewExtDecoder(id)
					header += fmt.Sprintf("2401%02X", id)
				}
				for range rapid.IntRange(0, 6).Draw(t, "padding elements") {
					header += "7F00" // an element nobody knows
				}
				want := ""
				var septets []byte
				for range rapid.IntRange(0, 40).Draw(t, "characters") {
					s := rapid.ByteRange(0, 127).Draw(t, "septet")
					if r, ok := ext[s]; ok && s != '\r' && s != '\n' && s != 0x1b && rapid.Bool().Draw(t, "extended") {
						septets = append(septets, 0x1b, s)
						want += string(r)
					} else if r, ok := base[s]; ok && s != 0x1b {
						septets = append(septets, s)
						want += string(r)
					}
				}
				udh := ""
				first := byte(0x04)
				if header != "" {
					udh = fmt.Sprintf("%02X%s", len(header)/2, header)
					first = 0x44
				}
				b, err := hex.DecodeString(udh)
				if err != nil {
					t.Fatal(err)
				}
				fill := (8*len(b) + 6) / 7
				ud := fmt.Sprintf("%02X%s%X", fill+len(septets), udh, pack(7*fill-8*len(b), septets...))
				m, err := pdu.Decode(deliverPDU(first, 0x00, ud))
				if err != nil {
					t.Fatalf("Decode: %v", err)
				}
				d := m.(*pdu.Deliver)
				if got := text(d.Body); got != want || d.Repairs != nil {
					t.Fatalf("text %q, repaired by %q, want %q", got, d.Repairs, want)
				}
			})
		})
	}
}

// TestEncodedFieldsArrive: every field of a submit is read again as it was
// given, whatever else is set.
func TestEncodedFieldsArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := pdu.Submit{
			To:           rapid.StringMatching(`\+[1-9][0-9]{1,18}|[0-9*#]{1,20}`).Draw(t, "to"),
			Ref:          rapid.Uint16().Draw(t, "ref"),
			StatusReport: rapid.Bool().Draw(t, "report"),
			Flash:        rapid.Bool().Draw(t, "flash"),
			Validity:     time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "minutes")) * time.Minute,
			Segment:      sms.Segment{Part: 1, Total: 1},
		}
		if rapid.Bool().Draw(t, "concatenated") {
			s.Segment.Total = rapid.IntRange(2, 255).Draw(t, "total")
			s.Segment.Part = rapid.IntRange(1, s.Segment.Total).Draw(t, "part")
		}
		if rapid.Bool().Draw(t, "ports") {
			s.Ports = &pdu.Ports{Dst: int(rapid.Uint16().Draw(t, "dst")), Src: int(rapid.Uint16().Draw(t, "src"))}
		}
		if rapid.Bool().Draw(t, "with SMSC") {
			s.SMSC = rapid.StringMatching(`\+[1-9][0-9]{3,18}`).Draw(t, "smsc")
		}
		wantData := []byte(nil)
		switch rapid.IntRange(0, 2).Draw(t, "alphabet") {
		case 0:
			s.Segment.Text = rapid.StringOfN(rapid.RuneFrom([]rune("ab@ Ωñ€{")), 1, 60, -1).Draw(t, "text")
		case 1:
			s.Segment.Alphabet = sms.UCS2
			s.Segment.Text = rapid.StringOfN(rapid.RuneFrom([]rune("aя€👍")), 1, 30, -1).Draw(t, "text")
		default:
			s.Segment.Alphabet = sms.Data8
			s.Data = rapid.SliceOfN(rapid.Byte(), 1, 128).Draw(t, "data")
			wantData = s.Data
		}
		hexPDU, length, err := s.Encode()
		if err != nil {
			t.Fatalf("Encode %+v: %v", s, err)
		}
		got := readBack(t, hexPDU)
		if len(got.TPDU) != length || got.SMSC != s.SMSC || got.To.Number != s.To || got.StatusReport != s.StatusReport {
			t.Fatalf("Decode = %+v of %+v", got, s)
		}
		if diff := cmp.Diff(s.Ports, got.Ports); diff != "" {
			t.Fatalf("Ports (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(wantData, got.Body.Data); diff != "" {
			t.Fatalf("Data (-want +got):\n%s", diff)
		}
		if wantData == nil && text(got.Body) != s.Segment.Text {
			t.Fatalf("text %q, want %q", text(got.Body), s.Segment.Text)
		}
		var concat *pdu.Concat
		if s.Segment.Total > 1 {
			concat = &pdu.Concat{Ref: s.Ref & 0xff, Part: s.Segment.Part, Total: s.Segment.Total}
		}
		if diff := cmp.Diff(concat, got.Concat); diff != "" {
			t.Fatalf("Concat (-want +got):\n%s", diff)
		}
		class := pdu.NoClass
		if s.Flash {
			class = 0
		}
		if got.Class != class {
			t.Fatalf("class %d, want %d", got.Class, class)
		}
		// The strict decoder reads the validity period, which is of no use in a storage.
		d := tpdu.TPDU{Direction: tpdu.MO}
		if err := d.UnmarshalBinary(got.TPDU); err != nil {
			t.Fatalf("strict decoder: %v", err)
		}
		vp := d.VP.Duration
		if short := vp < s.Validity && s.Validity <= pdu.MaxValidity; short || (s.Validity == 0) != (vp == 0) {
			t.Fatalf("validity %v, want %v or a little more", vp, s.Validity)
		}
	})
}
