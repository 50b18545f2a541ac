package device

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// retryAnswer is after which time a port is asked again that did not answer as
// wanted: the modem may have been starting, or busy.
const retryAnswer = 30 * time.Second

// portKey names a port as long as it is plugged in.
type portKey struct {
	device string
	num    int
	tty    string
}

// answered is what a port said, and when.
type answered struct {
	Answer
	at time.Time
}

// ask returns what a port answers, maybe what it answered before. obstacle says
// why it cannot be asked.
func (f *Finder) ask(ctx context.Context, owner string, d Device, p Port) (a Answer, obstacle string, err error) {
	select {
	case f.asking <- struct{}{}:
		defer func() { <-f.asking }()
	case <-ctx.Done():
		return Answer{}, "", ctx.Err()
	}
	key := portKey{d.Path, d.Num, p.TTY}
	f.mu.Lock()
	before, known := f.answers[key]
	f.mu.Unlock()
	if known && (before.IMEI != "" || time.Since(before.at) < retryAnswer) {
		return before.Answer, "", nil
	}
	node := "/dev/" + p.TTY
	if hs := f.system.Holders(node)[node]; len(hs) > 0 {
		return Answer{}, fmt.Sprintf("%s is in use by %s", p.TTY, Names(hs)), nil
	}
	place, err := f.claim(&Place{Path: f.real(p), finder: f, owner: owner}) // no device: it was not found yet
	if err != nil {
		return Answer{}, p.TTY + " is in use by this gateway", nil
	}
	defer place.Release()
	port, err := f.open(place.Path, owner)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return Answer{}, fmt.Sprintf("no permission to open %s, its group is usually dialout", p.TTY), nil
		}
		return Answer{}, fmt.Sprintf("%s cannot be opened (%v)", p.TTY, err), nil
	}
	a, err = Ask(ctx, port)
	if ctx.Err() != nil {
		return Answer{}, "", ctx.Err()
	}
	if err != nil {
		return Answer{}, fmt.Sprintf("%s failed when it was asked", p.TTY), nil
	}
	f.mu.Lock()
	f.answers[key] = answered{a, time.Now()}
	f.mu.Unlock()
	return a, "", nil
}

// Ask asks a port of a device for an owner, unless it was asked recently. obstacle
// says why it cannot be asked.
func (f *Finder) Ask(ctx context.Context, owner string, d Device, p Port) (a Answer, obstacle string, err error) {
	return f.ask(ctx, owner, d, p)
}

// Mistaken says that what a place answered when it was asked is not so.
func (f *Finder) Mistaken(p *Place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.answers, portKey{p.Device.Path, p.Device.Num, p.Port.TTY})
}

// forget drops what ports said that are gone.
func (f *Finder) forget(devices []Device) {
	there := make(map[portKey]bool)
	for _, d := range devices {
		for _, p := range d.Ports {
			there[portKey{d.Path, d.Num, p.TTY}] = true
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for k := range f.answers {
		if !there[k] {
			delete(f.answers, k)
		}
	}
}
