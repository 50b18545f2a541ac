package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

// atPlug plugs an emulated modem in and returns the path of its port.
func atPlug(t *testing.T) (device *emulator.Modem, port string) {
	t.Helper()
	network := emulator.NewNetwork(emulator.NetworkOptions{})
	t.Cleanup(network.Close)
	device = emulator.NewModem(network, emulator.ModemOptions{Number: "+4915110000001"})
	port = filepath.Join(t.TempDir(), "modem")
	p, err := emulator.OpenPort(device, port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return device, port
}

// at runs "tetherd modem at" with commands from a pipe.
func at(t *testing.T, port, commands string, flags ...string) (out string, err error) {
	t.Helper()
	var b, errs bytes.Buffer
	c := withEnv(nil)
	c.stdin, c.stdout, c.stderr = strings.NewReader(commands), &b, &errs
	root := c.rootCommand()
	root.SetArgs(append([]string{"modem", "at", port, "--timeout", "5s"}, flags...))
	err = root.ExecuteContext(t.Context())
	return b.String(), err
}

func TestModemAT(t *testing.T) {
	device, port := atPlug(t)
	out, err := at(t, port, "ATE0\nAT+CGMM\n\nAT+CMEE=1\n")
	if err != nil || !strings.Contains(out, "27.005\nOK\n") {
		t.Errorf("commands: %v\n%s", err, out)
	}
	for _, tt := range []struct{ commands, want string }{
		{"AT+CMGR=7\nAT\n", "the modem refused 1 of 2 commands"},
		{"AT+CMGD=1\n", "AT+CMGD=1 deletes messages that nobody may have read yet: give --yes to run it"},
		{"at + cpin = \"1234\"\n", "may use up an attempt at a PIN"},
	} {
		if out, err := at(t, port, tt.commands); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q\n%s", tt.commands, err, tt.want, out)
		}
	}
	if got := device.PINAttempts(); got != 0 {
		t.Errorf("%d attempts at the PIN", got)
	}
	// A PDU, and one that is given up.
	if out, err := at(t, port, "AT+CMGF=0\nAT+CMGS=18\n0001000B819471325476F8000005E8329BFD06\n", "--yes"); err != nil || !strings.Contains(out, "+CMGS: ") {
		t.Errorf("PDU: %v\n%s", err, out)
	}
	if out, err := at(t, port, "AT+CMGS=18\n", "--yes"); err == nil || !strings.Contains(err.Error(), "asked for more") {
		t.Errorf("PDU that never comes: %v\n%s", err, out)
	}
	if out, err := at(t, port, "AT\n"); err != nil {
		t.Errorf("after a PDU that never came: %v\n%s", err, out)
	}
	device.SetMute(true)
	if out, err := at(t, port, "AT\n", "--timeout", "50ms"); err == nil || !strings.Contains(err.Error(), "no final answer in time") {
		t.Errorf("mute modem: %v\n%s", err, out)
	}
	if _, err := at(t, port+"x", "AT\n"); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("no such port: %v", err)
	}
}

// keyboard is somebody at a terminal, who waits for what is to appear before
// typing on.
type keyboard struct {
	mu    sync.Mutex
	shown bytes.Buffer
	more  chan struct{}
	steps []step
	rest  []byte
	ctx   context.Context
}

type step struct{ after, text string }

func (k *keyboard) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.shown.Write(b)
	select {
	case k.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (k *keyboard) Read(b []byte) (int, error) {
	for len(k.rest) == 0 {
		if len(k.steps) == 0 {
			return 0, io.EOF
		}
		k.mu.Lock()
		s := k.steps[0]
		_, found := strings.CutSuffix(k.shown.String(), s.after)
		if i := strings.LastIndex(k.shown.String(), s.after); i >= 0 || found {
			k.shown.Next(i + len(s.after))
			k.rest, k.steps = []byte(s.text), k.steps[1:]
			k.mu.Unlock()
			break
		}
		k.mu.Unlock()
		select {
		case <-k.more:
		case <-k.ctx.Done():
			return 0, k.ctx.Err()
		}
	}
	n := copy(b, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

func TestModemATInteractive(t *testing.T) {
	network := emulator.NewNetwork(emulator.NetworkOptions{})
	t.Cleanup(network.Close)
	device := emulator.NewModem(network, emulator.ModemOptions{Number: "+4915110000001"})
	near, far := net.Pipe()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	served := make(chan error, 1)
	go func() { served <- device.Serve(ctx, far) }()
	defer func() { cancel(); <-served }()
	k := &keyboard{ctx: ctx, more: make(chan struct{}, 1), steps: []step{
		{"Ctrl-D ends.", "AT+CMGF=0\r"},
		{"OK", "AT+CNMI=2,1,0,0,0\r"},
		{"OK", "AT+CMGD=1\r"},
		{"Type yes to go on: ", "no\r"},
		{"AT> ", "AT+CMGS=18\r"},
		{"Type yes to go on: ", "yes\r"},
		{"PDU> ", "0001000B819471325476F8000005E8329BFD06\r"},
		{"+CMGS: ", "AT+CSQ\r"},
		{"+CSQ: ", "\x04"},
	}}
	if err := converse(ctx, near, k, "here", 10*time.Second); err != nil {
		t.Fatal(err)
	}
	if len(k.steps) > 0 {
		t.Errorf("not reached: %q", k.steps)
	}
	if got := network.Ledger(); len(got) != 1 || got[0].Text != "hello" {
		t.Errorf("ledger %+v", got)
	}
}

func TestRiskOf(t *testing.T) {
	for command, risky := range map[string]bool{
		"AT": false, "AT+CSQ": false, "AT+CPIN?": false, "AT+CFUN?": false, "AT+CMGF=0": false, "AT+CUSD=2": false,
		"hello": false, "": false,
		"AT+CMGS=18": true, "at+cmgd=1": true, "ATD*100#;": true, "ATZ": true, "AT&F": true, "AT&W": true,
		"AT+CMGF=0;+CMGD=1": true, "AT+CPIN=\"1234\"": true, "AT+CFUN=1,1": true, "AT + CUSD = 1,\"*100#\"": true,
	} {
		if got := riskOf(command); (got != "") != risky {
			t.Errorf("riskOf(%q) = %q", command, got)
		}
	}
}
