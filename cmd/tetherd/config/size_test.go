package config

import "testing"

func TestParseSize(t *testing.T) {
	tests := []struct {
		text string
		want int64
		ok   bool
	}{
		{"100MiB", 100 << 20, true},
		{"512 KiB", 512 << 10, true},
		{"2GiB", 2 << 30, true},
		{"9999999999GiB", 0, false},
		{"100", 0, false},
		{"100MB", 0, false},
		{"-1MiB", 0, false},
		{"1.5MiB", 0, false},
		{"", 0, false},
	}
	for _, tt := range tests {
		if got, ok := parseSize(tt.text); got != tt.want || ok != tt.ok {
			t.Errorf("%q: got %d, %v, want %d, %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
	for want, bytes := range map[string]int64{"1MiB": 1 << 20, "64GiB": 64 << 30, "1025MiB": 1025 << 20} {
		if got := formatSize(bytes); got != want {
			t.Errorf("%d: got %s, want %s", bytes, got, want)
		}
	}
}
