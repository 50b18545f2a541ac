package gateway_test

import (
	"regexp"
	"testing"
	"testing/synctest"
	"time"

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

func TestNewIDsSortByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := ""
		for _, d := range []time.Duration{0, time.Millisecond, time.Second, time.Hour, 365 * 24 * time.Hour, 80 * 365 * 24 * time.Hour} {
			time.Sleep(d)
			id := gateway.NewID()
			if id <= last || id[0] == '-' {
				t.Errorf("after %v: %q does not follow %q", d, id, last)
			}
			last = id
		}
	})
}
