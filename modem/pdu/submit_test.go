package pdu_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tetherd/gateway/sms"
	"tetherd/modem/pdu"
)

func segment(text string) sms.Segment { return sms.Segment{Text: text, Part: 1, Total: 1} }

func ucs2Segment(text string) sms.Segment {
	return sms.Segment{Alphabet: sms.UCS2, Text: text, Part: 1, Total: 1}
}

func TestEncode(t *testing.T) {
	const intl = "+49172345678"
	for _, tt := range []struct {
		name       string
		submit     pdu.Submit
		want       string
		wantLength int
	}{
		{
			"plain",
			pdu.Submit{To: intl, Segment: segment("hellohello")},
			"00" + "0100" + "0B919471325476F8" + "0000" + "0AE8329BFD4697D9EC37", 22,
		},
		{
			"zero total",
			pdu.Submit{To: intl, Segment: sms.Segment{Text: "hellohello"}},
			"00" + "0100" + "0B919471325476F8" + "0000" + "0AE8329BFD4697D9EC37", 22,
		},
		{
			"short code",
			pdu.Submit{To: "1002", Segment: segment("A")},
			"00" + "0100" + "04810120" + "0000" + "0141", 10,
		},
		{
			"national number, odd",
			pdu.Submit{To: "01721", Segment: segment("A")},
			"00" + "0100" + "05811027F1" + "0000" + "0141", 11,
		},
		{
			"every digit",
			pdu.Submit{To: "0123456789*#abC", Segment: segment("A")},
			"00" + "0100" + "0F811032547698BADCFE" + "0000" + "0141", 16,
		},
		{
			"20 digits",
			pdu.Submit{To: "+12345678901234567890", Segment: segment("A")},
			"00" + "0100" + "149121436587092143658709" + "0000" + "0141", 18,
		},
		{
			"service centre",
			pdu.Submit{To: "1002", SMSC: "+491710760000", Segment: segment("A")},
			"0791947101670000" + "0100" + "04810120" + "0000" + "0141", 10,
		},
		{
			"odd service centre of unknown type",
			pdu.Submit{To: "1002", SMSC: "123", Segment: segment("A")},
			"038121F3" + "0100" + "04810120" + "0000" + "0141", 10,
		},
		{
			"report",
			pdu.Submit{To: "1002", Segment: segment("A"), StatusReport: true},
			"00" + "2100" + "04810120" + "0000" + "0141", 10,
		},
		{
			"validity",
			pdu.Submit{To: "1002", Segment: segment("A"), Validity: 4 * 24 * time.Hour},
			"00" + "1100" + "04810120" + "0000" + "AA" + "0141", 11,
		},
		{
			"flash",
			pdu.Submit{To: "1002", Segment: segment("A"), Flash: true},
			"00" + "0100" + "04810120" + "0010" + "0141", 10,
		},
		{
			"flash ucs2",
			pdu.Submit{To: "1002", Segment: ucs2Segment("я"), Flash: true},
			"00" + "0100" + "04810120" + "0018" + "02044F", 11,
		},
		{
			"ucs2",
			pdu.Submit{To: "1002", Segment: ucs2Segment("я👍")},
			"00" + "0100" + "04810120" + "0008" + "06044FD83DDC4D", 15,
		},
		{
			"part of two",
			pdu.Submit{
				To: "1002", Ref: 0x1234, StatusReport: true, Validity: time.Hour,
				Segment: sms.Segment{Text: "ab", Part: 2, Total: 2},
			},
			"00" + "7100" + "04810120" + "0000" + "0B" + "09" + "050003340202" + "C262", 18,
		},
		{
			"part of three, ucs2",
			pdu.Submit{
				To: "1002", Ref: 7, Segment: sms.Segment{Alphabet: sms.UCS2, Text: "я", Part: 1, Total: 3},
			},
			"00" + "4100" + "04810120" + "0008" + "08" + "050003070301" + "044F", 17,
		},
		{
			"data to a port",
			pdu.Submit{
				To: "1002", Segment: sms.Segment{Alphabet: sms.Data8}, Data: []byte{1, 2, 0xff},
				Ports: &pdu.Ports{Dst: 53739, Src: 0},
			},
			"00" + "4100" + "04810120" + "0004" + "0A" + "060504D1EB0000" + "0102FF", 19,
		},
		{
			"data in parts",
			pdu.Submit{
				To: "1002", Ref: 9, Segment: sms.Segment{Alphabet: sms.Data8, Part: 1, Total: 2}, Data: []byte{1},
				Ports: &pdu.Ports{Dst: 2948, Src: 9200},
			},
			"00" + "4100" + "04810120" + "0004" + "0D" + "0B000309020105040B8423F0" + "01", 22,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, length, err := tt.submit.Encode()
			if err != nil {
				t.Fatalf("Encode: %v", err)
			}
			if got != tt.want || length != tt.wantLength {
				t.Errorf("Encode:\ngot  %s, %d\nwant %s, %d", got, length, tt.want, tt.wantLength)
			}
		})
	}
}

func TestEncodeErrors(t *testing.T) {
	ok := pdu.Submit{To: "+49172345678", Segment: segment("A")}
	for _, tt := range []struct {
		name   string
		change func(*pdu.Submit)
		want   string
	}{
		{"no destination", func(s *pdu.Submit) { s.To = "" }, "destination address: number is empty"},
		{"plus alone", func(s *pdu.Submit) { s.To = "+" }, "destination address: number is empty"},
		{"21 digits", func(s *pdu.Submit) { s.To = "123456789012345678901" }, "destination address: number has more than 20 digits"},
		{"letters", func(s *pdu.Submit) { s.To = "tetherd" }, "destination address: number may hold"},
		{"blank", func(s *pdu.Submit) { s.To = "+49 172" }, "destination address: only digits may follow"},
		{"star after plus", func(s *pdu.Submit) { s.To = "+*100#" }, "destination address: only digits may follow"},
		{"plus inside", func(s *pdu.Submit) { s.To = "00+49" }, "destination address: number may hold"},
		{"end of command", func(s *pdu.Submit) { s.To = "123\x1a" }, "destination address: number may hold"},
		{"digits of another script", func(s *pdu.Submit) { s.To = "١٢٣" }, "destination address: number may hold"},
		{"bad service centre", func(s *pdu.Submit) { s.SMSC = "\r\nAT" }, "SMSC address: number may hold"},
		{"character outside GSM-7", func(s *pdu.Submit) { s.Segment.Text = "я" }, "user data: a character"},
		{"161 septets", func(s *pdu.Submit) { s.Segment.Text = strings.Repeat("a", 161) }, "user data: more than the 140 octets"},
		{
			"154 septets in a part",
			func(s *pdu.Submit) { s.Segment = sms.Segment{Text: strings.Repeat("a", 154), Part: 1, Total: 2} },
			"user data: more than the 140 octets",
		},
		{"71 units", func(s *pdu.Submit) { s.Segment = ucs2Segment(strings.Repeat("я", 71)) }, "user data: more than the 140 octets"},
		{
			"134 octets to a port",
			func(s *pdu.Submit) {
				s.Segment.Alphabet, s.Data, s.Ports = sms.Data8, make([]byte, 134), &pdu.Ports{}
			},
			"user data: more than the 140 octets",
		},
		{"part zero", func(s *pdu.Submit) { s.Segment.Total, s.Segment.Part = 2, 0 }, "user data header: part 0 of 2"},
		{"part beyond total", func(s *pdu.Submit) { s.Segment.Total, s.Segment.Part = 2, 3 }, "user data header: part 3 of 2"},
		{"256 parts", func(s *pdu.Submit) { s.Segment.Total = 256 }, "user data header: part 1 of 256"},
		{"port too large", func(s *pdu.Submit) { s.Ports = &pdu.Ports{Dst: 65536} }, "user data header: ports"},
		{"negative port", func(s *pdu.Submit) { s.Ports = &pdu.Ports{Src: -1} }, "user data header: ports"},
		{"unknown alphabet", func(s *pdu.Submit) { s.Segment.Alphabet = 9 }, "data coding scheme: unknown alphabet"},
		{"negative validity", func(s *pdu.Submit) { s.Validity = -time.Second }, "validity period: negative"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := ok
			tt.change(&s)
			got, length, err := s.Encode()
			if err == nil {
				t.Fatalf("Encode = %s, want an error", got)
			}
			if !strings.HasPrefix(err.Error(), "encode "+tt.want) {
				t.Errorf("error %q, want %q", err, "encode "+tt.want)
			}
			if got != "" || length != 0 {
				t.Errorf("Encode = %q, %d with an error", got, length)
			}
			if s.To != "" && s.To != "+" && strings.Contains(err.Error(), s.To) {
				t.Errorf("error %q tells the number", err)
			}
		})
	}
}

func TestEncodeEmptyText(t *testing.T) {
	for _, alphabet := range []sms.Alphabet{sms.GSM7, sms.UCS2} {
		_, _, err := pdu.Submit{To: "1002", Segment: sms.Segment{Alphabet: alphabet}}.Encode()
		if !errors.Is(err, sms.ErrEmpty) {
			t.Errorf("Encode of no text in %v: got %v, want ErrEmpty", alphabet, err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	s := pdu.Submit{
		To: "+49172345678", StatusReport: true, Validity: 72 * time.Hour, Ref: 5,
		Segment: sms.Segment{Text: strings.Repeat("a", 153), Part: 1, Total: 2},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}
