package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway/api"
	"tetherd/modem/emulator"
)

// emulatedConfig returns a configuration with two emulated modems that reach each
// other, in a folder of its own.
func emulatedConfig(t *testing.T) *config.Config {
	t.Helper()
	cfg, err := config.Parse(config.Input{Env: []string{
		"TETHERD_LISTEN=127.0.0.1:0", "TETHERD_DATA_DIR=" + filepath.Join(t.TempDir(), "data"), "TETHERD_AUTH_PASSWORD=secret",
		"TETHERD_MODEMS_0_NAME=alice", "TETHERD_MODEMS_0_EMULATOR=generic", "TETHERD_MODEMS_0_NUMBER=+4915110000001", "TETHERD_MODEMS_0_PIN=1234",
		"TETHERD_MODEMS_1_NAME=bob", "TETHERD_MODEMS_1_EMULATOR=ec25", "TETHERD_MODEMS_1_NUMBER=+4915110000002",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// running is a daemon that serves.
type running struct {
	*api.Client
	url     string
	signals chan os.Signal
	ended   chan error
}

// start runs a daemon until the test is over.
func start(t *testing.T, cfg *config.Config, components ...component) *running {
	t.Helper()
	d, err := openDaemon(t.Context(), cfg, zerolog.New(zerolog.NewTestWriter(t)))
	if err != nil {
		t.Fatal(err)
	}
	d.components = append(d.components, components...)
	up := make(chan net.Addr, 1)
	d.ready = func(api net.Addr) { up <- api }
	r := &running{signals: make(chan os.Signal, 2), ended: make(chan error, 1)}
	go func() {
		r.ended <- d.run(context.Background(), r.signals)
		close(r.ended)
	}()
	t.Cleanup(func() {
		r.signals <- syscall.SIGTERM
		r.signals <- syscall.SIGTERM
		for range r.ended {
		}
	})
	r.url = "http://" + (<-up).String()
	r.Client = api.New(r.url, cfg.Auth.Username, cfg.Auth.Password, nil)
	return r
}

// until waits until ok returns true.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestServe sends a text from one emulated modem to the other, stops the daemon
// with a signal, and starts it again on the same data.
func TestServe(t *testing.T) {
	cfg := emulatedConfig(t)
	first := start(t, cfg)
	slot := 1
	m, err := first.Send(t.Context(), api.SendRequest{
		TextMessage: &api.TextMessage{Text: "Grüße"}, PhoneNumbers: []string{"+4915110000002"}, SIMNumber: &slot,
	})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "delivery", func() bool {
		m, err = first.Message(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return m.State == api.Delivered || m.State == api.Failed
	})
	if m.State != api.Delivered {
		t.Fatalf("message ended %s: %s", m.State, m.Recipients[0].Error)
	}
	first.signals <- syscall.SIGTERM
	if err := <-first.ended; err != nil {
		t.Fatalf("stopping: %v", err)
	}

	second := start(t, cfg)
	items, total, err := second.Inbox(t.Context(), api.InboxQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if total != 1 || items[0].ContentPreview != "Grüße" || items[0].Sender != "+4915110000001" || items[0].SIMNumber != 2 {
		t.Errorf("inbox after a restart: %d items, %+v", total, items)
	}
}

// TestStopWaitsForWorkInHand stops the daemon while a modem has a message: its
// outcome is waited for and stored, so that nothing is sent again.
func TestStopWaitsForWorkInHand(t *testing.T) {
	cfg := emulatedConfig(t)
	first := start(t, cfg)
	m, err := first.Send(t.Context(), api.SendRequest{
		TextMessage: &api.TextMessage{Text: "hi"}, PhoneNumbers: []string{"+4915110000002"},
	})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "a modem to have the message", func() bool {
		m, err = first.Message(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return m.State != api.Pending
	})
	first.signals <- syscall.SIGTERM
	if err := <-first.ended; err != nil {
		t.Fatalf("stopping: %v", err)
	}
	if m, err = start(t, cfg).Message(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	if m.State != api.Sent && m.State != api.Delivered || m.Recipients[0].PossibleDuplicate {
		t.Errorf("after a restart the message is %s, %+v; want it sent once", m.State, m.Recipients[0])
	}
}

// TestComponentFailureStopsTheDaemon lets a component fail: everything stops in
// order, and the store can be opened again.
func TestComponentFailureStopsTheDaemon(t *testing.T) {
	cfg := emulatedConfig(t)
	cause := errors.New("out of luck")
	fail := make(chan struct{})
	r := start(t, cfg, component{"fortune", func(context.Context) error {
		<-fail
		return cause
	}})
	close(fail)
	err := <-r.ended
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "fortune") {
		t.Errorf("run = %v, want the failure of the component with its name", err)
	}
	if got := (&cli{started: true}).exitStatus(err); got != exitFailure {
		t.Errorf("exit status %d, want %d", got, exitFailure)
	}
	start(t, cfg)
}

// TestComponentMayNotEndByItself lets one end without an error.
func TestComponentMayNotEndByItself(t *testing.T) {
	r := start(t, emulatedConfig(t), component{"fortune", func(context.Context) error { return nil }})
	if err := <-r.ended; err == nil || !strings.Contains(err.Error(), "fortune: ended without being told to") {
		t.Errorf("run = %v, want that fortune ended", err)
	}
}

// TestOpenDaemonRefusals opens a second daemon beside a running one.
func TestOpenDaemonRefusals(t *testing.T) {
	cfg := emulatedConfig(t)
	r := start(t, cfg)
	if err := r.Check(t.Context()); err != nil {
		t.Fatal(err)
	}

	_, err := openDaemon(t.Context(), cfg, zerolog.Nop())
	if err == nil || !strings.Contains(err.Error(), "in use by another tetherd") || !strings.Contains(err.Error(), cfg.DataDir) {
		t.Errorf("on the same data: %v, want that another tetherd has it", err)
	}

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	other := *cfg
	other.Listen, other.DataDir = taken.Addr().String(), filepath.Join(t.TempDir(), "data")
	if _, err := openDaemon(t.Context(), &other, zerolog.Nop()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("on the same address: %v, want EADDRINUSE", err)
	}
	if _, err := os.Stat(other.DataDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("data folder was made although the address is taken: %v", err)
	}
}

// TestEmulatorProfiles checks that the configuration knows every kind of modem, and none
// that does not exist.
func TestEmulatorProfiles(t *testing.T) {
	for _, name := range config.Emulators {
		if _, err := emulatorProfile(name); err != nil {
			t.Error(err)
		}
	}
	for _, p := range emulator.Profiles() {
		if !slices.Contains(config.Emulators, p.Name) {
			t.Errorf("the configuration does not know %s", p.Name)
		}
	}
	if _, err := emulatorProfile("modem"); err == nil {
		t.Error("there is an emulator of an unknown modem")
	}
}
