package store

import (
	"strings"
	"testing"
)

func TestWatchdogRecord(t *testing.T) {
	db := openTest(t)
	if b, err := db.Watchdog("office"); b != nil || err != nil {
		t.Fatalf("got %q, %v before anything was recorded", b, err)
	}
	for _, want := range []string{"one", "two"} {
		if err := db.RecordWatchdog(t.Context(), "office", []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Watchdog("office"); string(got) != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	if b, err := db.Watchdog("shed"); b != nil || err != nil {
		t.Errorf("got %q, %v for another modem", b, err)
	}
	if err := db.RecordWatchdog(t.Context(), strings.Repeat("x", maxKey), nil); err == nil {
		t.Error("a name that is too long was taken")
	}
}
