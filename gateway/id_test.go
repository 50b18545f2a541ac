package gateway_test

import (
	"regexp"
	"testing"

	"tetherd/gateway"
)

func TestNewID(t *testing.T) {
	form := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]{20}$`)
	seen := make(map[string]bool)
	for range 10_000 {
		id := gateway.NewID()
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("%q is not a new identifier", id)
		}
		seen[id] = true
	}
}
