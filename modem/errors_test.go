package modem

import "testing"

func TestCodeIn(t *testing.T) {
	tests := []struct {
		family, text string
		want         int // -1 if there is none
	}{
		{"CMS", "38", 38},
		{"CMS", " 500 ", 500},
		{"CMS", "500 (unknown error)", 500},
		{"CMS", "332,1", 332},
		{"CMS", "network timeout", 332},
		{"CMS", "Network timeout.", 332},
		{"CMS", `"SIM busy"`, 314},
		{"CME", "SIM busy", 14},
		{"CME", "network timeout", 31},
		{"CME", "(U)SIM PIN required", 11},
		{"CMS", "something of its own", -1},
		{"CMS", "-5", -1},
		{"CMS", "", -1},
		{"CMS", "99999999999999999999", -1},
	}
	for _, tt := range tests {
		got, ok := codeIn(tt.family, tt.text)
		if ok != (tt.want >= 0) || ok && got != tt.want {
			t.Errorf("codeIn(%s, %q) = %d, %v; want %d", tt.family, tt.text, got, ok, tt.want)
		}
	}
}
