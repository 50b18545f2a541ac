package sms_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/sms"
)

func TestMeasureText(t *testing.T) {
	a := strings.Repeat
	for _, tt := range []struct {
		name, text string
		want       sms.Measure
	}{
		{"empty", "", sms.Measure{PerPart: 160, Left: 160}},
		{"short", "abc€", sms.Measure{Units: 5, Parts: 1, PerPart: 160, Left: 155}},
		{"full", a("a", 160), sms.Measure{Units: 160, Parts: 1, PerPart: 160}},
		{"two parts", a("a", 161), sms.Measure{Units: 161, Parts: 2, PerPart: 153, Left: 145}},
		{"escape moved on", a("a", 152) + a("€", 5), sms.Measure{Units: 162, Parts: 2, PerPart: 153, Left: 143}},
		{"beyond the protocol", a("a", 153*256), sms.Measure{Units: 153 * 256, Parts: 256, PerPart: 153}},
		{
			"offending", "ab`cç`👍",
			sms.Measure{Alphabet: sms.UCS2, Units: 8, Parts: 1, PerPart: 70, Left: 62, Offending: []rune("`ç👍")},
		},
		{
			"many offending", "абвгдежзийк",
			sms.Measure{Alphabet: sms.UCS2, Units: 11, Parts: 1, PerPart: 70, Left: 59, Offending: []rune("абвгдежз")},
		},
		{
			"invalid UTF-8", "a\xff",
			sms.Measure{Alphabet: sms.UCS2, Units: 2, Parts: 1, PerPart: 70, Left: 68, Offending: []rune("\ufffd")},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, sms.MeasureText(tt.text)); diff != "" {
				t.Errorf("MeasureText (-want +got):\n%s", diff)
			}
		})
	}
}
