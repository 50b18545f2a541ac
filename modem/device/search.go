package device

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// isMissing tells errors of a device that is not there.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// search looks for a modem by what it is, not by a name of its port.
func (f *Finder) search(ctx context.Context, owner string, want Selector, devices []Device) (*Place, error) {
	f.forget(devices)
	var free []Device
	var obstacles []string
	for _, d := range devices {
		if !d.USB || !want.USB.Empty() && !want.USB.Matches(d) {
			continue
		}
		if len(d.Ports) == 0 {
			continue // whyMissing says more about it
		}
		if other := f.reservedBy(owner, want, d); other != "" {
			obstacles = append(obstacles, fmt.Sprintf("%s is meant for the modem %s", d.where(), other))
			continue
		}
		free = append(free, d)
	}
	f.order(owner, free)
	switch {
	case len(free) == 0:
		return nil, absent("%s", strings.TrimSpace(fmt.Sprintf("No modem with %s is plugged in. %s", want, f.whyMissing(owner, want, devices))+sentence(obstacles)))
	case want.IMEI != "":
		return f.searchIMEI(ctx, owner, want, free, obstacles)
	case len(free) > 1:
		var at []string
		for _, d := range free {
			at = append(at, want.USB.String()+"@"+d.Path)
		}
		return nil, &Problem{
			Reason: fmt.Sprintf("Several devices %s are plugged in. Say which one is meant: usb: %s.", want.USB, strings.Join(at, ", or ")),
			Err:    errors.New("several devices fit"),
		}
	}
	d := free[0]
	port, _, why, err := f.choose(ctx, owner, want, d)
	if err != nil {
		return nil, err
	}
	if port.TTY == "" {
		return nil, &Problem{Reason: fmt.Sprintf("No port of %s can be used: %s.", d.where(), why), Err: errors.New("no port to use")}
	}
	return f.claim(&Place{Path: f.real(port), Device: d, Port: port, finder: f, owner: owner})
}

// searchIMEI asks devices until one is the modem that is wanted.
func (f *Finder) searchIMEI(ctx context.Context, owner string, want Selector, free []Device, obstacles []string) (*Place, error) {
	var others []string
	for _, d := range free {
		port, a, why, err := f.choose(ctx, owner, want, d)
		switch {
		case err != nil:
			return nil, err
		case port.TTY == "":
			obstacles = append(obstacles, fmt.Sprintf("%s: %s", d.where(), why))
		case SameIMEI(a.IMEI, want.IMEI):
			return f.claim(&Place{Path: f.real(port), Device: d, Port: port, finder: f, owner: owner})
		case a.IMEI != "":
			others = append(others, fmt.Sprintf("%s has IMEI %s", d.where(), a.IMEI))
		default:
			obstacles = append(obstacles, fmt.Sprintf("%s does not tell its IMEI", d.where()))
		}
	}
	return nil, absent("No modem with %s was found.%s", want, sentence(append(others, obstacles...)))
}

// sentence appends remarks, not too many.
func sentence(remarks []string) string {
	if len(remarks) == 0 {
		return ""
	}
	const most = 4
	text := strings.Join(remarks[:min(len(remarks), most)], "; ")
	if n := len(remarks) - most; n > 0 {
		text += fmt.Sprintf("; and %d more", n)
	}
	return " " + text + "."
}

// order puts the device first that the owner was found on, then known modems.
func (f *Finder) order(owner string, ds []Device) {
	f.mu.Lock()
	last := f.last[owner]
	f.mu.Unlock()
	rank := func(d Device) int {
		switch {
		case d.Path == last.Path && d.ID() == last.ID():
			return 0
		case d.ID() == last.ID():
			return 1
		case d.IsModem():
			return 2
		}
		return 3
	}
	slices.SortStableFunc(ds, func(a, b Device) int { return rank(a) - rank(b) })
}

// reservedBy returns the owner a device is meant for, if it is another one.
func (f *Finder) reservedBy(owner string, want Selector, d Device) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	paths := make([]string, 0, len(d.Ports))
	for _, p := range d.Ports {
		paths = append(paths, f.real(p))
	}
	for _, p := range paths {
		if other := f.claims[p]; other != "" && other != owner {
			return other
		}
	}
	for other, s := range f.selectors {
		if other == owner {
			continue
		}
		if s.Port != "" {
			if path, err := filepath.EvalSymlinks(s.Port); err == nil && slices.Contains(paths, path) {
				return other
			}
			continue
		}
		// A stick that is named exactly goes before one that merely fits.
		if s.IMEI == "" && s.USB.Matches(d) && (want.USB.Empty() || s.USB.At != "" && want.USB.At == "") {
			return other
		}
	}
	return ""
}

// choose returns the port of a device to use, and what it answered if it was
// asked. Without one, why says what is in the way. An error ends the search.
func (f *Finder) choose(ctx context.Context, owner string, want Selector, d Device) (port Port, a Answer, why string, err error) {
	if u := want.USB; u.HasInterface {
		i := slices.IndexFunc(d.Ports, func(p Port) bool { return p.Interface.Number == int(u.Interface) })
		if i < 0 {
			return Port{}, Answer{}, fmt.Sprintf("interface %02x has no serial port, %s", u.Interface, d.interfaces()), nil
		}
		port = d.Ports[i]
	} else if p, ok := d.likely(); ok {
		port = p
	}
	if port.TTY != "" {
		if want.IMEI == "" {
			return port, Answer{}, "", nil
		}
		a, why, err = f.ask(ctx, owner, d, port)
		if err != nil || why != "" {
			return Port{}, Answer{}, why, err
		}
		return port, a, "", nil
	}
	return f.chooseByAsking(ctx, owner, d)
}

// chooseByAsking asks every port that may take commands.
func (f *Finder) chooseByAsking(ctx context.Context, owner string, d Device) (port Port, a Answer, why string, err error) {
	type reply struct {
		Port
		Answer
	}
	var good []reply
	why = "none of its ports takes AT commands"
	for _, p := range d.Candidates() {
		answer, obstacle, err := f.ask(ctx, owner, d, p)
		if err != nil {
			return Port{}, Answer{}, "", err
		}
		switch {
		case obstacle != "":
			why = obstacle
		case answer.AT:
			good = append(good, reply{p, answer})
		}
	}
	switch n := len(good); {
	case n == 0:
		return Port{}, Answer{}, why, nil
	case n > 1 && good[1].Port.Role == RoleUnknown:
		// Modems that do not say which is which mostly have the port for data calls
		// first, and tell news on the next.
		return good[1].Port, good[1].Answer, "", nil
	}
	return good[0].Port, good[0].Answer, "", nil
}

// interfaces lists the interfaces that have ports.
func (d Device) interfaces() string {
	var out []string
	for _, p := range d.Ports {
		out = append(out, fmt.Sprintf("%02x", p.Interface.Number))
	}
	return "those that have are " + strings.Join(out, ", ")
}

// whyMissing says what is plugged in instead of what is wanted, and what to do.
func (f *Finder) whyMissing(owner string, want Selector, devices []Device) string {
	f.mu.Lock()
	last, seen := f.last[owner]
	f.mu.Unlock()
	for _, d := range devices {
		if d.Trouble() == "" || !d.IsModem() {
			continue
		}
		switch {
		case seen && d.Path == last.Path:
			return fmt.Sprintf("In its place is %s. %s", d.where(), d.Trouble())
		case !want.USB.Empty() && want.USB.Matches(d):
			return fmt.Sprintf("There is %s. %s", d.where(), d.Trouble())
		}
	}
	if !seen {
		for _, d := range devices {
			if d.Trouble() != "" && d.IsModem() {
				return fmt.Sprintf("If it is %s: %s", d.where(), d.Trouble())
			}
		}
	}
	return "Plug the modem in, or check the configuration: \"tetherd modem list\" shows what is plugged in, \"ls -l /dev/serial/by-id\" the names of ports."
}
