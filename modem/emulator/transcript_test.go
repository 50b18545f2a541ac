package emulator

import (
	"strings"
	"testing"
)

func TestTranscriptIsBounded(t *testing.T) {
	tr := NewTranscript(3)
	for _, l := range []string{"a", "b", "c", "d", strings.Repeat("x", 5000)} {
		tr.Record('>', []byte(l))
	}
	var got []string
	for _, e := range tr.Entries() {
		got = append(got, e.Text)
	}
	if len(got) != 3 || got[0] != "c" || got[1] != "d" || len(got[2]) != maxEntry {
		t.Errorf("kept %d entries beginning with %q, want the last three, cut", len(got), got[0])
	}
}
