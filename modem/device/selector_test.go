package device_test

import (
	"strings"
	"testing"

	"tetherd/modem/device"
)

func TestParseUSB(t *testing.T) {
	tests := []struct {
		in   string
		want device.USB
		err  string // a part of it
	}{
		{"2c7c:0125", device.USB{Vendor: 0x2c7c, Product: 0x125}, ""},
		{"2C7C:0125:02", device.USB{Vendor: 0x2c7c, Product: 0x125, Interface: 2, HasInterface: true}, ""},
		{"12d1:1506:00@1-1.2", device.USB{Vendor: 0x12d1, Product: 0x1506, HasInterface: true, At: "1-1.2"}, ""},
		{"12d1:1506@AB:CD@1", device.USB{Vendor: 0x12d1, Product: 0x1506, At: "AB:CD@1"}, ""},
		{"", device.USB{}, "VENDOR:PRODUCT"},
		{"2c7c", device.USB{}, "VENDOR:PRODUCT"},
		{"2c7c:0125:02:03", device.USB{}, "VENDOR:PRODUCT"},
		{"2c7c:125", device.USB{}, "four hexadecimal digits"},
		{"0x2c7c:0125", device.USB{}, "four hexadecimal digits"},
		{"2c7g:0125", device.USB{}, "four hexadecimal digits"},
		{"+c7c:0125", device.USB{}, "four hexadecimal digits"},
		{"2c7c:0125:2", device.USB{}, "two hexadecimal digits"},
		{"2c7c:0125@", device.USB{}, "behind the @"},
		{"2c7c:0125@a b", device.USB{}, "behind the @"},
		{"2c7c:0125@a\r", device.USB{}, "behind the @"},
		{"0000:0125", device.USB{}, "vendor 0000"},
	}
	for _, tt := range tests {
		got, err := device.ParseUSB(tt.in)
		switch {
		case tt.err == "" && (err != nil || got != tt.want):
			t.Errorf("ParseUSB(%q) = %+v, %v; want %+v", tt.in, got, err, tt.want)
		case tt.err == "" && !strings.EqualFold(got.String(), tt.in):
			t.Errorf("String of %q is %q", tt.in, got)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("ParseUSB(%q): %v, want %q", tt.in, err, tt.err)
		}
	}
}

func FuzzParseUSB(f *testing.F) {
	f.Add("2c7c:0125:02@1-1.2")
	f.Fuzz(func(t *testing.T, in string) {
		u, err := device.ParseUSB(in)
		if err != nil {
			return
		}
		if again, err := device.ParseUSB(u.String()); err != nil || again != u {
			t.Errorf("%q is read as %+v, written as %q and read as %+v, %v", in, u, u, again, err)
		}
	})
}

func TestParseIMEI(t *testing.T) {
	tests := []struct{ in, want, err string }{
		{"490154203237518", "490154203237518", ""},
		{"49-015420-323751-8", "490154203237518", ""},
		{"490154203237519", "", "mistyped"},
		{"4901542032375180", "", "IMEISV"},
		{"49015420323751", "", "14 digits"},
		{"", "", "0 digits"},
		{"49015420323751a", "", "nothing else"},
		{"490154203237518\r", "", "nothing else"},
	}
	for _, tt := range tests {
		got, err := device.ParseIMEI(tt.in)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("ParseIMEI(%q) = %q, %v; want %q, %q", tt.in, got, err, tt.want, tt.err)
		}
	}
}
