package modem

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEvidence(t *testing.T) {
	tests := []struct {
		name string
		said []string
		want string
	}{
		{"nothing", nil, ""},
		{"one", []string{"+CMGS: 12"}, "+CMGS: 12"},
		{"two, one empty", []string{"+CMS ERROR: 38", "", "+CEER: Network out of order"}, "+CMS ERROR: 38; +CEER: Network out of order"},
		{"acknowledgement", []string{"+CMGS: 12,00010062315012345678"}, "+CMGS: 12,…"},
		{"time", []string{`+CMGS: 12,"26/11/21,07:00:00+04"`}, `+CMGS: 12,"26/11/21,07:00:00+04"`},
		{"number", []string{"+CEER: +4915212345678 is barred"}, "+CEER: … is barred"},
		{"PDU", []string{"at 0001AB000B919451214365F7."}, "at …."},
		{"not text", []string{"\xff\xfe"}, "?"},
	}
	for _, tt := range tests {
		if got := evidence(tt.said...); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := evidence(strings.Repeat("ä ö", 300)); len(got) > maxEvidence || !utf8.ValidString(got) || len(got) < maxEvidence-3 {
		t.Errorf("long: %d octets, %q", len(got), got)
	}
}
