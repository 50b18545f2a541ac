package gateway

import (
	"math"
	"testing"
)

func TestParseAmount(t *testing.T) {
	for in, want := range map[string]float64{
		"12": 12, "12.34": 12.34, "12,34": 12.34, "1,234.56": 1234.56, "1.234,56": 1234.56, "1 234,56": 1234.56,
		"1\u00a0234,5": 1234.5, "1'234.50": 1234.5, "1,234": 1234, "1.234.567": 1234567, "1,234,567.8": 1234567.8,
		"0.125": 0.125, "0,125": 0.125, ".5": 0.5, "-3.50": -3.5, "−3,50": -3.5, "+7": 7, "12.": 12, "0": 0, "00012.50": 12.5,
	} {
		if got, ok := parseAmount(in); !ok || math.Abs(got-want) > 1e-9 {
			t.Errorf("parseAmount(%q) = %v, %v; want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "EUR", "1e5", "0x10", "inf", "NaN", "12 EUR", "1-2", ".", ",", "1_000"} {
		if got, ok := parseAmount(in); ok {
			t.Errorf("parseAmount(%q) = %v", in, got)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"1.234,56", "-", ".,", "9999999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, ok := parseAmount(s); ok && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Errorf("parseAmount(%q) = %v", s, v)
		}
	})
}
