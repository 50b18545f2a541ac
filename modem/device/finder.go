package device

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"sync"
)

// Opener opens the terminal at a path for an owner, and locks it against other
// programs.
type Opener func(path, owner string) (io.ReadWriteCloser, error)

// Finder tells where configured modems are. It is safe for concurrent use.
type Finder struct {
	system System
	open   Opener
	asking chan struct{} // capacity 1: held while ports are asked

	mu        sync.Mutex // guards the rest
	selectors map[string]Selector
	claims    map[string]string // owners by the path of a terminal
	last      map[string]Device // where an owner was found before
	answers   map[portKey]answered
	listeners map[chan struct{}]struct{}
	watching  bool   // Run does
	changes   uint64 // that Run was told of
}

// NewFinder returns a finder for the devices of a system that opens ports with
// open when it has to ask them.
func NewFinder(system System, open Opener) *Finder {
	return &Finder{
		system: system, open: open, asking: make(chan struct{}, 1),
		selectors: make(map[string]Selector),
		claims:    make(map[string]string),
		last:      make(map[string]Device),
		answers:   make(map[portKey]answered),
		listeners: make(map[chan struct{}]struct{}),
	}
}

// System returns the system whose devices are looked at.
func (f *Finder) System() System { return f.system }

// Register tells which modem an owner wants. All owners should be registered
// before the first looks: no port that is meant for one is asked for another.
func (f *Finder) Register(owner string, s Selector) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.selectors[owner] = s
}

// Run watches for devices that come and go until ctx ends, then returns nil.
// Without it nobody is told, and Find works all the same.
func (f *Finder) Run(ctx context.Context) error {
	watch := func(on bool) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.watching = on
	}
	watch(true)
	defer watch(false)
	f.system.Watch(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.changes++
		for c := range f.listeners {
			select {
			case c <- struct{}{}:
			default:
			}
		}
	})
	return nil
}

// State returns a text that changes after devices came or went. It is cheap while
// Run runs.
func (f *Finder) State() string {
	f.mu.Lock()
	watching, n := f.watching, f.changes
	f.mu.Unlock()
	if watching {
		return strconv.FormatUint(n, 10)
	}
	return f.system.Fingerprint()
}

// Listen returns a channel of capacity 1 that gets a value after devices came or
// went, until stop is called.
func (f *Finder) Listen() (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners[c] = struct{}{}
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.listeners, c)
	}
}

// Problem is why a modem was not found.
type Problem struct {
	Reason string // for its owner: what is wrong and what to do
	Err    error  // is fs.ErrNotExist if the modem is not there
}

func (p *Problem) Error() string { return "find modem: " + p.Err.Error() }
func (p *Problem) Unwrap() error { return p.Err }

func absent(format string, args ...any) *Problem {
	return &Problem{Reason: fmt.Sprintf(format, args...), Err: fs.ErrNotExist}
}

// Place is where a modem is, claimed for its owner until it is released.
type Place struct {
	Path string // of the terminal, free of links
	// Device and Port are what is known about it; the zero values if it belongs to no
	// device, like a pseudo terminal.
	Device Device
	Port   Port

	finder *Finder
	owner  string
}

// Release gives the place up. It may be called more than once.
func (p *Place) Release() {
	f := p.finder
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.claims[p.Path] == p.owner {
		delete(f.claims, p.Path)
	}
}

// Name names the place for people: the terminal of the device, such as
// /dev/ttyUSB2.
func (p *Place) Name() string {
	if p.Port.TTY != "" {
		return p.finder.system.Path(p.Port.TTY)
	}
	return p.Path
}

// Others returns the other programs that have the place open, as far as they can
// be seen; none if it belongs to no device.
func (p *Place) Others() []Holder {
	if p.Port.TTY == "" {
		return nil
	}
	node := "/dev/" + p.Port.TTY
	return p.finder.system.Holders(node)[node]
}

// Doubt returns sentences for an owner whose modem does not answer: the port may
// be the wrong one. Empty if there is no reason to doubt.
func (p *Place) Doubt() string {
	if c := p.Device.Candidates(); p.Port.TTY != "" && p.Port.Known && !p.Port.Role.usable() && len(c) > 0 {
		return fmt.Sprintf("Its purpose is another one (%s); commands go to %s.", p.Port.Role, c[0].TTY)
	}
	return ""
}

// Find looks for the modem of a registered owner and claims its place. The error
// is a *Problem, unless it is of the file system or ctx ended.
func (f *Finder) Find(ctx context.Context, owner string) (*Place, error) {
	f.mu.Lock()
	want := f.selectors[owner]
	f.mu.Unlock()
	devices, err := f.system.Scan()
	if err != nil && want.Port == "" {
		return nil, err
	}
	if want.Port != "" { // which may well be no device that sysfs knows
		return f.findPort(owner, want, devices)
	}
	return f.search(ctx, owner, want, devices)
}

// findPort looks for the terminal the owner named.
func (f *Finder) findPort(owner string, want Selector, devices []Device) (*Place, error) {
	path, err := filepath.EvalSymlinks(want.Port)
	if err != nil {
		if isMissing(err) {
			return nil, absent("Port %s is not there. %s", want.Port, f.whyMissing(owner, want, devices))
		}
		return nil, fmt.Errorf("look for port: %w", err)
	}
	p := &Place{Path: path, finder: f, owner: owner}
	for _, d := range devices {
		for _, port := range d.Ports {
			if f.real(port) == path {
				p.Device, p.Port = d, port
			}
		}
	}
	if u := want.USB; !u.Empty() {
		switch {
		case p.Port.TTY == "" || !u.Matches(p.Device):
			return nil, absent("Port %s is not one of the USB device %s. Correct port or usb of this modem, or remove one of the two.", want.Port, u)
		case u.HasInterface && int(u.Interface) != p.Port.Interface.Number:
			return nil, absent("Port %s is that of interface %02x, not of %02x. Correct port or usb of this modem, or remove one of the two.", want.Port, p.Port.Interface.Number, u.Interface)
		}
	}
	return f.claim(p)
}

// claim makes a place the owner's.
func (f *Finder) claim(p *Place) (*Place, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if other, taken := f.claims[p.Path]; taken && other != p.owner {
		return nil, &Problem{
			Reason: fmt.Sprintf("Port %s is in use by the modem %s of this gateway. Each modem needs its own.", p.Path, other),
			Err:    ErrLocked,
		}
	}
	f.claims[p.Path] = p.owner
	if p.Port.TTY != "" {
		f.last[p.owner] = p.Device
	}
	return p, nil
}

// real returns the path of a port free of links; empty if it is not there.
func (f *Finder) real(p Port) string {
	path, err := filepath.EvalSymlinks(f.system.Path(p.TTY))
	if err != nil {
		return ""
	}
	return path
}
