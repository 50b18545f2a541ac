package emulator

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// SideKind is what speaks at a further port of a modem.
type SideKind int

// The kinds.
const (
	SideAT     SideKind = iota // Modem.ServeSecond
	SideNMEA                   // sentences of a receiver without a position, every second
	SideDiag                   // a binary protocol: a frame every second, and one for what is written
	SideSilent                 // nothing, whatever is written
)

var (
	nmeaSentences = []byte("$GPGGA,,,,,,0,,,,,,,,*66\r\n$GPRMC,,V,,,,,,,,,,N*53\r\n")
	diagFrame     = []byte("\x79\x00\x00\x00\x00\x00\x00\x00\xc8\x9d\x7e")
	diagRefusal   = []byte("\x13\x41\x54\x0d\x8d\x2a\x7e") // bad command
)

// SideNamed returns the kind of a name: at, nmea, diag or silent.
func SideNamed(name string) (SideKind, bool) {
	i := slices.Index([]string{"at", "nmea", "diag", "silent"}, name)
	return SideKind(i), i >= 0
}

// side is a further port that comes and goes with the first.
type side struct {
	kind SideKind
	link string
}

// Beside gives the modem a further port, which is plugged and pulled with the first. link
// is like that of OpenPort.
func (p *Port) Beside(kind SideKind, link string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &side{kind: kind, link: link}
	p.sides = append(p.sides, s)
	if p.line == nil {
		return nil
	}
	return p.plugSide(p.line.ctx, s)
}

// plugSide opens the terminal of a further port and serves it until ctx ends. The caller
// holds mu.
func (p *Port) plugSide(ctx context.Context, s *side) error {
	pair, err := openPTY(func() {})
	if err != nil {
		return fmt.Errorf("open pseudo terminal: %w", err)
	}
	if err := relink(pair.Name(), s.link); err != nil {
		pair.Close()
		return err
	}
	p.wg.Go(func() { _ = s.kind.Serve(ctx, p.m, pair) }) // whatever ended it, the port is out
	return nil
}

// Serve speaks over a stream as a port of this kind of m does, until ctx ends, which is no
// error, or the stream breaks. It closes the stream.
func (k SideKind) Serve(ctx context.Context, m *Modem, rw io.ReadWriteCloser) error {
	if k == SideAT {
		return m.ServeSecond(ctx, rw)
	}
	heard, broken := make(chan struct{}), make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 512)
		for {
			if _, err := rw.Read(buf); err != nil {
				broken <- err
				return
			}
			select {
			case heard <- struct{}{}:
			case <-ctx.Done():
			}
		}
	}()
	err := k.babble(ctx, rw, heard, broken)
	rw.Close()
	for {
		select {
		case <-heard: // the reader may still want to tell
		case <-ended:
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("serve side port of %s: %w", m.Name(), err)
		}
	}
}

// babble writes what the kind has to say, until ctx ends or the stream breaks.
func (k SideKind) babble(ctx context.Context, rw io.ReadWriteCloser, heard <-chan struct{}, broken <-chan error) error {
	unhook := context.AfterFunc(ctx, func() { rw.Close() }) // ends a write nobody reads
	defer unhook()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var say []byte
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-broken:
			return err
		case <-tick.C:
			switch k {
			case SideNMEA:
				say = nmeaSentences
			case SideDiag:
				say = diagFrame
			}
		case <-heard:
			if k == SideDiag {
				say = diagRefusal
			}
		}
		if len(say) > 0 {
			if _, err := rw.Write(say); err != nil {
				return err
			}
		}
	}
}
