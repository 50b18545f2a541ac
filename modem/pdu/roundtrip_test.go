package pdu_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/pdumode"
	"github.com/warthog618/sms/encoding/tpdu"
	"pgregory.net/rapid"

	"tetherd/gateway/sms"
	"tetherd/modem/pdu"
)

// texts generates messages whose special characters fall on every boundary.
func texts() *rapid.Generator[string] {
	gsm := rapid.StringOfN(rapid.RuneFrom([]rune("ab@ Ωñ\n€{~")), 1, 500, -1)
	emoji := rapid.StringOfN(rapid.RuneFrom([]rune("aя€👍🇩")), 1, 300, -1)
	return rapid.OneOf(gsm, emoji, rapid.StringN(1, 200, -1))
}

// readBack decodes an SMS-SUBMIT, which must need no repair.
func readBack(t *rapid.T, hexPDU string) *pdu.Stored {
	m, err := pdu.Decode(hexPDU)
	got, ok := m.(*pdu.Stored)
	if err != nil || !ok || got.Repairs != nil {
		t.Fatalf("Decode = %+v, %v", m, err)
	}
	return got
}

// strictUnits decodes an SMS-SUBMIT with a decoder that is not ours and
// returns its text in UTF-16 units.
func strictUnits(t *rapid.T, hexPDU string, length int) (tpdu.TPDU, []uint16) {
	p, err := pdumode.UnmarshalHexString(hexPDU)
	if err != nil {
		t.Fatalf("strict decoder: %v", err)
	}
	if len(p.TPDU) != length {
		t.Fatalf("length is %d, TPDU has %d octets", length, len(p.TPDU))
	}
	d := tpdu.TPDU{Direction: tpdu.MO}
	if err := d.UnmarshalBinary(p.TPDU); err != nil {
		t.Fatalf("strict decoder: %v", err)
	}
	alphabet, err := d.Alphabet()
	if err != nil {
		t.Fatalf("strict decoder: %v", err)
	}
	if alphabet == tpdu.AlphaUCS2 {
		units := make([]uint16, len(d.UD)/2)
		for i := range units {
			units[i] = uint16(d.UD[2*i])<<8 | uint16(d.UD[2*i+1])
		}
		return d, units
	}
	text, err := gsm7.Decode(d.UD, gsm7.Strict)
	if err != nil {
		t.Fatalf("strict decoder: %v", err)
	}
	return d, utf16.Encode([]rune(string(text)))
}

// TestEncodedTextArrives: what Split and Encode make of a text, an independent
// decoder and our own turn back into it.
func TestEncodedTextArrives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := texts().Draw(t, "text")
		ref := rapid.Uint16().Draw(t, "ref")
		segments, err := sms.Split(want, sms.MaxParts)
		if err != nil {
			t.Fatalf("Split: %v", err)
		}
		var strict []uint16
		var bodies []sms.Body
		for _, s := range segments {
			hexPDU, length, err := pdu.Submit{To: "+49172345678", Segment: s, Ref: ref}.Encode()
			if err != nil {
				t.Fatalf("Encode: %v", err)
			}
			d, units := strictUnits(t, hexPDU, length)
			strict = append(strict, units...)
			total, part, mref, ok := d.ConcatInfo()
			if ok != (s.Total > 1) || ok && (total != s.Total || part != s.Part || mref != int(ref&0xff)) {
				t.Fatalf("strict decoder: part %d of %d, reference %d, %t", part, total, mref, ok)
			}
			if d.DA.Number() != "+49172345678" {
				t.Fatalf("strict decoder: destination %q", d.DA.Number())
			}
			bodies = append(bodies, readBack(t, hexPDU).Body)
		}
		if got := string(utf16.Decode(strict)); got != want {
			t.Fatalf("strict decoder: %q, want %q", got, want)
		}
		// Join drops a byte order mark, which no reader would miss.
		if got := sms.Join(bodies); got != strings.TrimPrefix(want, "\ufeff") {
			t.Fatalf("Join: %q, want %q", got, want)
		}
	})
}

// TestDecodeAgreesWithStrictDecoder: whatever a strict encoder makes is read
// without a repair and with equal fields.
func TestDecodeAgreesWithStrictDecoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[0-9*#]{1,20}`).Draw(t, "number")
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab@Ω€яñ")), 0, 60, -1).Draw(t, "text")
		header := tpdu.UserDataHeader{{ID: 0x08, Data: []byte{1, 2, 3, 2}}}
		d, err := tpdu.NewDeliver()
		if err != nil {
			t.Fatalf("NewDeliver: %v", err)
		}
		d.OA.TOA, d.OA.Addr = 0x81, number
		d.SCTS = tpdu.Timestamp{Time: sctsTime()}
		ud, _, alphabet := tpdu.EncodeUserData([]byte(text))
		if alphabet == tpdu.AlphaUCS2 {
			d.SetDCS(byte(tpdu.DcsUCS2Data))
		}
		d.SetUD(ud)
		withHeader := rapid.Bool().Draw(t, "header") && len(ud) > 0
		if withHeader {
			d.SetUDH(header)
		}
		b, err := d.MarshalBinary()
		if err != nil {
			t.Fatalf("MarshalBinary: %v", err)
		}
		p := pdumode.PDU{TPDU: b}
		hexPDU, err := p.MarshalHexString()
		if err != nil {
			t.Fatalf("MarshalHexString: %v", err)
		}
		m, err := pdu.Decode(hexPDU)
		if err != nil {
			t.Fatalf("Decode: %v", err)
		}
		got := m.(*pdu.Deliver)
		if got.From.Number != number || !got.SCTS.Equal(sctsTime()) || got.Repairs != nil {
			t.Fatalf("Decode = %+v", got)
		}
		if joined := sms.Join([]sms.Body{got.Body}); joined != text {
			t.Fatalf("text %q, want %q", joined, text)
		}
		if (got.Concat != nil) != withHeader || withHeader && *got.Concat != (pdu.Concat{Ref: 0x0102, Wide: true, Part: 2, Total: 3}) {
			t.Fatalf("Concat = %+v", got.Concat)
		}
	})
}
