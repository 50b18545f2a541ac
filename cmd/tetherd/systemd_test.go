package main

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"

	"tetherd/gateway"
)

// notifySocket stands in for systemd and returns a function that reads the next
// notification.
func notifySocket(t *testing.T) (next func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return func() string {
		t.Helper()
		buf := make([]byte, 4096)
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
}

func TestSystemdNotifications(t *testing.T) {
	next := notifySocket(t)
	s := systemd{zerolog.Nop()}
	for _, tt := range []struct {
		send func()
		want string
	}{
		{func() { s.ready("1 modem: a ready") }, "READY=1\nSTATUS=1 modem: a ready"},
		{func() { s.status("x") }, "STATUS=x"},
		{s.stopping, "STOPPING=1\nSTATUS=stopping"},
	} {
		tt.send()
		if got := next(); got != tt.want {
			t.Errorf("systemd was told %q, want %q", got, tt.want)
		}
	}
}

// TestWatchdog checks that signs of life come while the daemon is alive, and only
// then.
func TestWatchdog(t *testing.T) {
	next := notifySocket(t)
	t.Setenv("WATCHDOG_USEC", "2000")
	t.Setenv("WATCHDOG_PID", "")
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	done := make(chan error, 1)
	s := systemd{zerolog.Nop()}
	go func() {
		done <- s.watch(ctx, func() error {
			looks++
			switch {
			case looks <= 3:
				return nil
			case looks < 10:
				return errors.New("the store does not answer")
			}
			cancel()
			return errors.New("still not")
		})
	}()
	for range 3 {
		if got := next(); got != "WATCHDOG=1" {
			t.Errorf("systemd was told %q, want a sign of life", got)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	s.status("end")
	if got := next(); got != "STATUS=end" {
		t.Errorf("after the store failed systemd was told %q, want nothing more", got)
	}
	if looks < 10 {
		t.Errorf("looked %d times, want to go on looking", looks)
	}
}

func TestModemSummary(t *testing.T) {
	got := modemSummary([]gateway.ModemStatus{
		{Modem: "office", State: gateway.ModemReady},
		{Modem: "roof", State: gateway.ModemWaiting, Reason: "not registered\nREADY=1"},
	})
	if want := "2 modems: office ready, roof waiting (not registered READY=1)"; got != want {
		t.Errorf("modemSummary = %q, want %q", got, want)
	}
}
