package gateway_test

import (
	"strings"
	"testing"

	"tetherd/gateway"
)

func TestRedactedURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.org/a/b":              "https://example.org/a/b",
		"https://example.org":                  "https://example.org",
		"https://u:p@example.org/a":            "https://***@example.org/a",
		"https://a@b@example.org":              "https://***@example.org",
		"https://example.org/?key=s&b=&c=1#x":  "https://example.org/?key=***&b=&c=***#***",
		"https://example.org?token":            "https://example.org?***",
		"https://example.org/?":                "https://example.org/?",
		"https://example.org/a@b?x=https://h/": "https://example.org/a@b?x=***",
		"https://example.org/?k=a=b&k=c":       "https://example.org/?k=***&k=***",
		"u:p@example.org/?k=v":                 "***@example.org/?k=***",
		"":                                     "",
	} {
		got := gateway.RedactedURL(raw)
		if got != want {
			t.Errorf("%s: got %s, want %s", raw, got, want)
		}
		if back, err := gateway.RestoredURL(got, raw); back != raw || err != nil {
			t.Errorf("restore %s: got %s, %v, want %s", got, back, err, raw)
		}
	}
}

func TestRestoredURL(t *testing.T) {
	const stored = "https://u:p@old.example/a?key=s&key=t&b=2"
	for given, want := range map[string]string{
		"https://new.example/":                        "https://new.example/",
		"https://***@new.example/c?b=***&key=***":     "https://u:p@new.example/c?b=2&key=s",
		"https://new.example/?key=new&key=***&d=open": "https://new.example/?key=new&key=t&d=open",
	} {
		if got, err := gateway.RestoredURL(given, stored); got != want || err != nil {
			t.Errorf("%s: got %s, %v, want %s", given, got, err, want)
		}
	}
	for given, want := range map[string]string{
		"https://new.example/?other=***":     `url has *** in place of the value of "other", and nothing is stored for it: write the value itself`,
		"https://h/?key=***&key=***&key=***": `url has *** in place of the value of "key", and nothing`,
		"https://h/?***":                     "url has *** in place of the value of the query, and nothing",
		"https://h/#***":                     "url has *** in place of the part behind #, and nothing",
	} {
		got, err := gateway.RestoredURL(given, stored)
		if gateway.CodeOf(err) != gateway.Invalid || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %s, %v, want %s", given, got, err, want)
		}
	}
	if _, err := gateway.RestoredURL("https://***@h/", "https://h/"); gateway.CodeOf(err) != gateway.Invalid {
		t.Errorf("got %v, want an error for a user that is not stored", err)
	}
}

// What is redacted has nothing of the secrets, and can be restored.
func FuzzRedactedURL(f *testing.F) {
	f.Add("https://u:SECRET@example.org/a?b=SECRET&SECRET#SECRET")
	f.Add("https://example.org/?=SECRET")
	f.Fuzz(func(t *testing.T, raw string) {
		red := gateway.RedactedURL(raw)
		if back, err := gateway.RestoredURL(red, raw); err != nil || back != raw {
			t.Errorf("restore %q: got %q, %v, want %q", red, back, err, raw)
		}
		if _, query, _ := strings.Cut(raw, "?"); strings.Contains(query, "SECRET") {
			_, shown, _ := strings.Cut(red, "?")
			for _, p := range strings.Split(shown, "&") {
				if _, value, ok := strings.Cut(p, "="); ok && strings.Contains(value, "SECRET") {
					t.Errorf("%q is shown as %q", raw, red)
				}
			}
		}
	})
}
