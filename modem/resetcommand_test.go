package modem

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// script writes a program and returns its path.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reset")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func withCommand(t *testing.T, argv ...string) (*Modem, *bytes.Buffer) {
	t.Helper()
	log := new(bytes.Buffer)
	m, err := New(Options{
		Name: "office", Port: "/dev/ttyTEST", ResetCommand: argv, Inbox: &inbox{}, Open: func(context.Context) (io.ReadWriteCloser, error) { return nil, fs.ErrNotExist },
		Log: zerolog.New(log),
	})
	if err != nil {
		t.Fatal(err)
	}
	m.dog.record.USB = "1-1.4"
	return m, log
}

// The command finds out which modem it is about, gets its arguments as they are,
// and sees no secret.
func TestResetCommandRuns(t *testing.T) {
	t.Setenv("TETHERD_AUTH_PASSWORD", "hunter2")
	t.Setenv("TETHERD_PORT", "/dev/other")
	m, log := withCommand(t, script(t, `echo "$1|$2|$TETHERD_MODEM|$TETHERD_PORT|$TETHERD_USB"; env >&2`), "two words", `$HOME;"`)
	if err := m.runResetCommand(t.Context()); err != nil {
		t.Fatal(err)
	}
	var line struct{ Output string }
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if want := `two words|$HOME;"|office|/dev/ttyTEST|1-1.4`; !strings.HasPrefix(line.Output, want+"\n") {
		t.Errorf("output %q, want %q first", line.Output, want)
	}
	if strings.Contains(line.Output, "hunter2") || !strings.Contains(line.Output, "PATH=") {
		t.Errorf("environment: %s", line.Output)
	}
}

func TestResetCommandFails(t *testing.T) {
	m, log := withCommand(t, script(t, "echo oops; exit 3"))
	if err := m.runResetCommand(t.Context()); err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(log.String(), "oops") {
		t.Errorf("got %v, log %s", err, log)
	}
	m, _ = withCommand(t, "/nonexistent/reset")
	if err := m.runResetCommand(t.Context()); err == nil {
		t.Error("a program that is not there has run")
	}
	m, log = withCommand(t, script(t, `i=0; while [ $i -lt 2000 ]; do echo 0123456789; i=$((i+1)); done; printf '\377'`))
	if err := m.runResetCommand(t.Context()); err != nil || log.Len() > 2*resetOutputMost || !strings.Contains(log.String(), "octets more") {
		t.Errorf("got %v, %d octets of log", err, log.Len())
	}
}

// A command that hangs is killed with what it started, also when the gateway stops.
func TestResetCommandHangs(t *testing.T) {
	m, _ := withCommand(t, script(t, "sleep 1000 & sleep 1000"))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := m.runResetCommand(ctx); err == nil {
		t.Error("got no error")
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// The command is run when it is asked for, and gives the modem its power back.
func TestResetCommandAskedFor(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "ran")
	r := newRig(t, world{name: "pty", pty: true}, rigOptions{
		device: emulator.ModemOptions{}, modem: Options{ResetCommand: []string{script(t, `echo "$TETHERD_MODEM" > "$1"`), marker}},
	})
	r.awaitState(gateway.ModemReady)
	if err := r.modem.Restart(t.Context(), gateway.StepUSB); gateway.CodeOf(err) != gateway.Invalid || !strings.Contains(err.Error(), "no USB port") {
		t.Errorf("reset of the bus: %v, want %s", err, gateway.Invalid)
	}
	if err := r.modem.Restart(t.Context(), gateway.StepCommand); err != nil {
		t.Fatal(err)
	}
	r.await("the next session", func(s gateway.ModemStatus) bool { return s.State == gateway.ModemReady && s.Counters.Sessions == 2 })
	b, err := os.ReadFile(marker)
	if err != nil || strings.TrimSpace(string(b)) != "test" {
		t.Errorf("the command left %q, %v", b, err)
	}
	if err := r.modem.Restart(t.Context(), gateway.StepReboot); gateway.CodeOf(err) != gateway.TooSoon {
		t.Errorf("restart right after it: %v, want %s", err, gateway.TooSoon)
	}
}
