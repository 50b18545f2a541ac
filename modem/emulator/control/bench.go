package control

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"tetherd/modem/emulator"
)

// Bench is a network with modems on pseudo terminals. All methods are safe for concurrent
// use.
type Bench struct {
	network *emulator.Network

	mu       sync.Mutex // guards the rest
	units    []*unit    // in the order they were added
	calls    map[string]func()
	accepted chan struct{} // closed and replaced at each accepted message
}

// unit is one modem with its port.
type unit struct {
	*emulator.Modem
	port       *emulator.Port
	number     string
	transcript *emulator.Transcript
}

// NewBench returns a bench without modems on a network. The network stays the caller's.
func NewBench(n *emulator.Network) *Bench {
	b := &Bench{network: n, calls: map[string]func(){}, accepted: make(chan struct{})}
	n.OnSubmit(func(emulator.Submission) {
		b.mu.Lock()
		defer b.mu.Unlock()
		close(b.accepted)
		b.accepted = make(chan struct{})
	})
	return b
}

// Add plugs a modem in. Its port is a link with its name in dir; a further port of a kind
// of emulator.SideNamed is a link with the name of the kind behind it, as "modem1-diag". Two
// modems with one name, and a kind that is unknown, are errors.
func (b *Bench) Add(o emulator.ModemOptions, dir string, sides ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, u := range b.units {
		if u.Name() == o.Name {
			return fmt.Errorf("add modem: there is a %s already", o.Name)
		}
	}
	t := emulator.NewTranscript(0)
	o.Transcript = t.Record
	m := emulator.NewModem(b.network, o)
	port, err := emulator.OpenPort(m, filepath.Join(dir, o.Name))
	if err != nil {
		return fmt.Errorf("plug in %s: %w", o.Name, err)
	}
	for _, name := range sides {
		kind, known := emulator.SideNamed(name)
		if !known {
			err = fmt.Errorf("there is no kind %q: use at, nmea, diag or silent", name)
		} else {
			err = port.Beside(kind, filepath.Join(dir, o.Name+"-"+name))
		}
		if err != nil {
			return errors.Join(fmt.Errorf("add port of %s: %w", o.Name, err), port.Close())
		}
	}
	b.units = append(b.units, &unit{Modem: m, port: port, number: o.Number, transcript: t})
	return nil
}

// Close pulls all modems out and waits until nothing of them runs.
func (b *Bench) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for _, u := range b.units {
		errs = append(errs, u.port.Close())
	}
	b.units = nil
	return errors.Join(errs...)
}

// unit finds a modem by its name or number.
func (b *Bench) unit(name string) (*unit, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var names []string
	for _, u := range b.units {
		if u.Name() == name || u.number == name {
			return u, nil
		}
		names = append(names, u.Name())
	}
	return nil, fmt.Errorf("there is no modem %q: use one of %q", name, names)
}

// all returns the modems.
func (b *Bench) all() []*unit {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*unit(nil), b.units...)
}

// nextAccepted is closed when the network accepts another message.
func (b *Bench) nextAccepted() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accepted
}
