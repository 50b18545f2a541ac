package sms_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/warthog618/sms/encoding/gsm7/charset"

	"tetherd/gateway/sms"
)

// TestGSM7Tables compares every code point with an independent table.
func TestGSM7Tables(t *testing.T) {
	basic, ext := charset.DefaultDecoder(), charset.DefaultExtDecoder()
	want := map[rune][]byte{}
	for septet, r := range basic {
		if septet != 0x1b {
			want[r] = []byte{septet}
		}
	}
	for septet, r := range ext {
		// The table has a line feed at 1B 0D, where 23.038 has a control
		// character without a symbol.
		if septet != 0x0d {
			want[r] = []byte{0x1b, septet}
		}
	}
	if got := len(want); got != 127+10 {
		t.Fatalf("reference table has %d characters, want %d", got, 127+10)
	}
	for r := rune(0); r < 0x11000; r++ {
		if r >= 0xd800 && r < 0xe000 {
			continue
		}
		got, ok := sms.GSM7Septets(string(r))
		if _, known := want[r]; ok != known || !bytes.Equal(got, want[r]) {
			t.Errorf("GSM7Septets(%U) = %x, %t, want %x", r, got, ok, want[r])
		}
		if ok && sms.GSM7Text(got) != string(r) {
			t.Errorf("GSM7Text(%x) = %q, want %q", got, sms.GSM7Text(got), r)
		}
	}
}

func TestGSM7Septets(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []byte
		wantOK     bool
	}{
		{"empty", "", []byte{}, true},
		{"plain", "Hi@", []byte{'H', 'i', 0}, true},
		{"extension", "{€}", []byte{0x1b, 0x28, 0x1b, 0x65, 0x1b, 0x29}, true},
		{"line ends", "\r\n\f", []byte{0x0d, 0x0a, 0x1b, 0x0a}, true},
		{"escape itself", "\x1b", nil, false},
		{"backtick", "`", nil, false},
		{"small c cedilla", "ç", nil, false},
		{"emoji", "ok👍", nil, false},
		{"invalid UTF-8", "a\xff", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := sms.GSM7Septets(tt.text)
			if ok != tt.wantOK {
				t.Errorf("GSM7Septets(%q) reports %t, want %t", tt.text, ok, tt.wantOK)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("GSM7Septets(%q) (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestGSM7Text(t *testing.T) {
	for _, tt := range []struct {
		name    string
		septets []byte
		want    string
	}{
		{"empty", nil, ""},
		{"greek", []byte{0x10, 0x12, 0x15}, "ΔΦΩ"},
		{"unknown extension", []byte{'a', 0x1b, 'b', 'c'}, "abc"},
		{"second control character", []byte{0x1b, 0x0d}, "\r"},
		{"double escape", []byte{'a', 0x1b, 0x1b, 'b'}, "a b"},
		{"escape at the end", []byte{'a', 0x1b}, "a "},
		{"bit 7 set", []byte{0x80 | 'x'}, "x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sms.GSM7Text(tt.septets); got != tt.want {
				t.Errorf("GSM7Text(%x) = %q, want %q", tt.septets, got, tt.want)
			}
		})
	}
}
