package sms_test

import (
	"encoding/json"
	"testing"

	"tetherd/gateway/sms"
)

func TestAlphabetText(t *testing.T) {
	for _, tt := range []struct {
		alphabet sms.Alphabet
		want     string
	}{
		{sms.GSM7, "gsm7"},
		{sms.UCS2, "ucs2"},
		{sms.Data8, "data"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			if got := tt.alphabet.String(); got != tt.want {
				t.Errorf("String() = %q, want %q", got, tt.want)
			}
			text, err := tt.alphabet.MarshalText()
			if err != nil || string(text) != tt.want {
				t.Errorf("MarshalText() = %q, %v, want %q", text, err, tt.want)
			}
			got := sms.Alphabet(99)
			if err := got.UnmarshalText(text); err != nil || got != tt.alphabet {
				t.Errorf("UnmarshalText(%q) = %v, %v, want %v", text, got, err, tt.alphabet)
			}
		})
	}
}

func TestAlphabetRefusesUnknown(t *testing.T) {
	if got, want := sms.Alphabet(7).String(), "alphabet(7)"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if text, err := sms.Alphabet(7).MarshalText(); err == nil {
		t.Errorf("MarshalText() = %q, want an error", text)
	}
	var a sms.Alphabet
	if err := json.Unmarshal([]byte(`"latin1"`), &a); err == nil {
		t.Errorf("Unmarshal(latin1) = %v, want an error", a)
	}
}
