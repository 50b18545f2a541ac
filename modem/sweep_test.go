package modem

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// command has a command carried out by the emulated modem while nobody else is
// connected to it, with a PDU if pdu is not empty.
func (r *rig) command(cmd, pdu string) {
	r.t.Helper()
	if p, ok := r.plug.(*pipePlug); ok {
		p.left()
	}
	near, far := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- r.device.Serve(r.t.Context(), far) }()
	read := func(end string) {
		var got strings.Builder
		b := make([]byte, 1)
		for !strings.HasSuffix(got.String(), end) {
			if _, err := near.Read(b); err != nil {
				r.t.Fatalf("%s: %v behind %q", cmd, err, got.String())
			}
			got.Write(b)
		}
	}
	_, _ = io.WriteString(near, cmd+"\r")
	if pdu != "" {
		read("> ")
		_, _ = io.WriteString(near, pdu+"\x1a")
	}
	read("OK\r\n")
	_ = near.Close()
	<-served
}

// A storage that cannot be listed is read record by record.
func TestListRefused(t *testing.T) {
	for _, final := range []string{"ERROR", "+CMS ERROR: 500", ""} {
		t.Run(final, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{unborn: true})
				f := emulator.Fault{At: emulator.OnCommand, Command: "+CMGL", Times: -1, Final: final}
				if final == "" {
					f.Do = emulator.DropAnswer
				}
				r.device.Fault(f)
				for i := range 5 {
					r.deliver(fmt.Sprint(i))
				}
				r.plug.in()
				r.inbox.awaitFragments(t, 5)
				r.awaitEmpty()
				r.awaitState(gateway.ModemReady)
			})
		})
	}
}

// An empty storage may be called an error.
func TestEmptyIsError(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CMGL", Times: 2, Final: "+CMS ERROR: 321"})
		r.awaitState(gateway.ModemReady)
		r.deliver("hello")
		r.inbox.awaitFragments(t, 1)
	})
}

// Receiving many messages does not keep one from being sent for long, nor the
// other way round.
func TestSendWhileReceiving(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		profile := emulator.Generic()
		profile.CommandDelay = 300 * time.Millisecond
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, MECapacity: 255}})
		r.awaitState(gateway.ModemReady)
		for i := range 200 {
			r.deliver(fmt.Sprint("flood ", i))
		}
		for range 20 {
			begun := time.Now()
			if _, err := r.send(peerNumber, "hi"); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(begun); got > 2*lookMost {
				t.Errorf("sending took %v while receiving, want at most %v", got, 2*lookMost)
			}
		}
		r.inbox.awaitFragments(t, 200)
		r.awaitEmpty()
	})
}
