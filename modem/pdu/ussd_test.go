package pdu_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/warthog618/sms/encoding/gsm7"

	"tetherd/gateway/sms"
	"tetherd/modem/pdu"
)

// ucs2Digits returns a text in hexadecimal digits of UCS-2.
func ucs2Digits(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

func packedDigits(t testing.TB, text string) string {
	t.Helper()
	return fmt.Sprintf("%X", gsm7.Pack7BitUSSD(septetsOf(t, text), 0))
}

func TestEncodeUSSD(t *testing.T) {
	for _, tt := range []struct {
		text, plain, unpacked string // unpacked is what the packed form holds
	}{
		{"*100#", "*100#", "*100#"},
		{"1", "1", "1"},
		{"*99#1*2", "*99#1*2", "*99#1*2\r"}, // filled up, 3GPP TS 23.038 section 6.1.2.3.1
		{"12345678", "12345678", "12345678"},
		{"5 €", "5 €", "5 €"},
	} {
		if got, err := pdu.EncodeUSSD(tt.text, false); err != nil || got != tt.plain {
			t.Errorf("EncodeUSSD(%q) = %q, %v; want %q", tt.text, got, err, tt.plain)
		}
		packed, err := pdu.EncodeUSSD(tt.text, true)
		if err != nil {
			t.Errorf("EncodeUSSD(%q, packed): %v", tt.text, err)
			continue
		}
		unpacked := strings.TrimRight(sms.GSM7Text(gsm7.Unpack7Bit(octets(t, packed), 0)), "@")
		if unpacked != tt.unpacked {
			t.Errorf("EncodeUSSD(%q, packed) = %s, which holds %q, want %q", tt.text, packed, unpacked, tt.unpacked)
		}
	}
	if got, _ := pdu.EncodeUSSD("*100#", true); got != "AA180C3602" {
		t.Errorf("*100# packed is %s", got)
	}
	for _, packed := range []bool{false, true} {
		if got, err := pdu.EncodeUSSD("я", packed); err == nil {
			t.Errorf("EncodeUSSD of Cyrillic = %q", got)
		}
	}
}

func TestDecodeUSSD(t *testing.T) {
	const balance = "Your balance is 12.34 EUR.\nValid until 31.12.2027"
	const russian = "Баланс: 12,34 руб."
	for _, tt := range []struct {
		name, in string
		dcs      int
		want     string
	}{
		{"as it is", balance, 15, balance},
		{"as it is, no coding scheme", "3 EUR", -1, "3 EUR"},
		{"a short number", "12", 15, "12"},
		{"an odd number of digits", "123", 15, "123"},
		{"packed", packedDigits(t, balance), 15, balance},
		{"packed, lower case", strings.ToLower(packedDigits(t, balance)), 15, balance},
		{"packed with the extension table", packedDigits(t, "[5 €] is what is left on your card"), 15, "[5 €] is what is left on your card"},
		{"packed, eight septets", packedDigits(t, "12345678"), 15, "12345678"},
		{"packed, seven septets and a CR", packedDigits(t, "1234567"), 15, "1234567"},
		{"packed and padded", packedDigits(t, balance) + "FFFFFF", 15, balance},
		{"UCS-2", ucs2Digits(balance), 72, balance},
		{"UCS-2 that claims to be GSM 7-bit", ucs2Digits(balance), 15, balance},
		{"UCS-2, Cyrillic", ucs2Digits(russian), 72, russian},
		{"UCS-2, Cyrillic, labelled 15", ucs2Digits(russian), 15, russian},
		{"UCS-2, Chinese", ucs2Digits("您的余额是十元"), 72, "您的余额是十元"},
		{"UCS-2 and padded", ucs2Digits(balance) + "FFFF", 72, balance},
		{"UCS-2, one character", "0033", 15, "3"},
		{"not UTF-8", "3 \xff EUR", 15, "3 \ufffd EUR"},
		{"empty", "", 15, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := pdu.DecodeUSSD(tt.in, tt.dcs); got != tt.want {
				t.Errorf("DecodeUSSD(%q, %d) = %q, want %q", tt.in, tt.dcs, got, tt.want)
			}
		})
	}
}

func FuzzDecodeUSSD(f *testing.F) {
	f.Add("AA180C3602", 15)
	f.Add(ucs2Digits("Баланс"), 72)
	f.Add("plain", -1)
	f.Add("FFFFFFFF", 255)
	f.Fuzz(func(t *testing.T, s string, dcs int) {
		if got := pdu.DecodeUSSD(s, dcs); !utf8.ValidString(got) || len(got) > 6*len(s)+6 {
			t.Errorf("DecodeUSSD(%q, %d) = %q", s, dcs, got)
		}
	})
}
