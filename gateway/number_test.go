package gateway

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

func TestDial(t *testing.T) {
	tests := []struct {
		name, number, region string
		want                 string
		wantErr              string
	}{
		{"international", "+49 151 10000001", "", "+4915110000001", ""},
		{"international with punctuation", "+1 (650) 253-0000", "DE", "+16502530000", ""},
		{"national with region", "0151 10000001", "DE", "+4915110000001", ""},
		{"italian zero stays", "06 69 88 01 23", "IT", "+390669880123", ""},
		{"national without region", "015110000001", "", "015110000001", ""},
		{"00 prefix with region", "0041 79 123 45 67", "DE", "+41791234567", ""},
		{"short code", "72975", "DE", "72975", ""},
		{"short code without region", "72975", "", "72975", ""},
		{"service code", "*100#", "DE", "*100#", ""},
		{"m2m number", "+882 16 5550 0001", "DE", "+8821655500001", ""},
		{"zero of the trunk in brackets", "+49 (0) 151 10000001", "", "+4915110000001", ""},
		{"copied from a contact", "\u202a+49\u00a0151\u200b100\u201100001\u202c", "", "+4915110000001", ""},
		{"full width", "＋４９ １５１ １００００００１", "", "+4915110000001", ""},
		{"arabic digits", "٠٥٠١٢٣٤٥٦٧", "SA", "+966501234567", ""},
		{"eastern arabic digits", "+۹۸ ۹۱۲ ۳۴۵ ۶۷۸۹", "", "+989123456789", ""},
		{"national of eight digits", "40 61 23 45", "NO", "+4740612345", ""},
		{"link", "tel:+49-151-10000001", "", "+4915110000001", ""},
		{"link of letters", "TEL:a", "DE", "", `'a' does not belong`},
		{"link to nothing", "tel:", "DE", "", "does not belong"},
		{"emergency number", "112", "DE", "112", ""},
		{"plus of another number", "+49151+10000001", "DE", "", `'+' does not belong`},
		{"name of a sender", "Vodafone", "DE", "", `'V' does not belong`},
		{"vanity number", "0800-FLOWERS", "US", "", `'F' does not belong`},
		{"letters", "call me", "DE", "", `'c' does not belong`},
		{"line feed", "+4915110000001\r\nAT", "DE", "", "does not belong"},
		{"ctrl-z", "+49151\x1a", "DE", "", "does not belong"},
		{"too short", "+16502", "DE", "", "short"},
		{"too long", "+49151100000011234567", "DE", "", "too long"},
		{"no country", "+999123456789", "DE", "", "country code"},
		{"empty", "", "DE", "", "no digits"},
		{"only plus", "+", "DE", "", "no digits"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dial(tt.number, tt.region)
			switch {
			case tt.wantErr == "" && err != nil:
				t.Errorf("dial(%q, %q): %v", tt.number, tt.region, err)
			case tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)):
				t.Errorf("dial(%q, %q): got %q, %v; want an error with %q", tt.number, tt.region, got, err, tt.wantErr)
			case got != tt.want:
				t.Errorf("dial(%q, %q): got %q, want %q", tt.number, tt.region, got, tt.want)
			}
		})
	}
}

// The examples of every country are dialled as libphonenumber reads them, however they
// are written.
func TestDialExamples(t *testing.T) {
	const countries = 200 // at least
	n := 0
	for region := range phonenumbers.GetSupportedRegions() {
		n++
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE, phonenumbers.TOLL_FREE} {
			example := phonenumbers.GetExampleNumberForType(region, kind)
			if example == nil {
				continue
			}
			want := phonenumbers.Format(example, phonenumbers.E164)
			for _, form := range []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL, phonenumbers.RFC3966} {
				number := phonenumbers.Format(example, form)
				if number == "09 15-2345-6789" {
					continue // mobile numbers of Argentina lose their area code when they are written so
				}
				if got, err := dial(number, region); got != want {
					t.Errorf("%s: %q is dialled as %q, %v, want %q", region, number, got, err, want)
				}
			}
		}
	}
	if n < countries {
		t.Errorf("got %d countries, want %d", n, countries)
	}
}

func TestCountryOf(t *testing.T) {
	for number, want := range map[string]string{
		"+4915110000001": "DE", "+2348012345678": "NG", "+12045550123": "CA", "+15550001111": "US", "+447400123456": "GB", "+4420000": "GB",
		"+8821655500001": "", "+999123": "", "015110000001": "", "vodafone": "", "+": "", "": "",
	} {
		if got := CountryOf(number); got != want {
			t.Errorf("CountryOf(%q) = %q, want %q", number, got, want)
		}
	}
}

func TestDialUnchecked(t *testing.T) {
	tests := map[string]string{"+49 (151) 5": "+491515", "tel:123": "123", "*#06#": "*#06#", "1+2": "12", "＋٤٩151": "+49151", "00 49a": "0049"}
	for number, want := range tests {
		if got, err := dialUnchecked(number); err != nil || got != want {
			t.Errorf("dialUnchecked(%q): got %q, %v; want %q", number, got, err, want)
		}
	}
}

// Whatever a caller gives, nothing but what can be dialled comes out.
func FuzzDial(f *testing.F) {
	for _, s := range []string{"+4915110000001", "0151", "*100#", "12\r34", "\x1a", "٣٤٥"} {
		f.Add(s, "DE", false)
		f.Add(s, "", true)
	}
	f.Fuzz(func(t *testing.T, number, region string, unchecked bool) {
		got, err := dial(number, region)
		if unchecked {
			got, err = dialUnchecked(number)
		}
		if err != nil {
			return
		}
		if strings.Trim(strings.TrimPrefix(got, "+"), "0123456789*#") != "" || strings.Trim(got, "+") == "" {
			t.Errorf("%q is dialled as %q", number, got)
		}
	})
}
