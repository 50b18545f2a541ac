package format

import (
	"testing"

	"tetherd/webhook/receivers"
)

// jsonAgain returns what JavaScript's JSON.stringify(JSON.parse(b)) returns, said by
// an implementation that shares nothing with the encoder it is to judge.
func jsonAgain(t testing.TB, b []byte) string {
	t.Helper()
	again, err := receivers.Reserialise(b)
	if err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return again
}
