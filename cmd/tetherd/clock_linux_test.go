package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestClockSource(t *testing.T) {
	floor := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	src := clockSource(floor)
	boot, id := src.Boot()
	later, id2 := src.Boot()
	if boot <= 0 || later < boot || id == "" || id != id2 {
		t.Errorf("Boot = %s of %q, then %s of %q", boot, id, later, id2)
	}
	if b, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil && strings.TrimSpace(string(b)) != id {
		t.Errorf("boot is identified as %q, want the kernel's %q", id, b)
	}
	if !src.Floor.Equal(floor) {
		t.Errorf("floor is %s, want %s", src.Floor, floor)
	}
	// Whether the clock is synchronised depends on the machine; asking must work.
	_ = src.Synced()
}
