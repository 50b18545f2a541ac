package format

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// diff fails the test if got is not what is wanted.
func diff(t testing.TB, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}
