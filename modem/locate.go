package modem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tetherd/gateway"
	"tetherd/modem/device"
)

// patience is how long a modem is not looked for while nothing is plugged in or
// out.
const patience = 10 * time.Second

// How other programs on the port are looked for.
const (
	sharingFirst = 15 * time.Second // after the port was opened
	sharingEvery = time.Minute
)

// NewFinder returns a finder of modems among the devices of a system.
func NewFinder(system device.System) *device.Finder { return device.NewFinder(system, openSerial) }

// selector is what tells which modem is meant.
func (o *Options) selector() device.Selector {
	return device.Selector{Port: o.Port, IMEI: o.IMEI, USB: o.USB}
}

// openPort finds the modem's port and opens it.
func (m *Modem) openPort(ctx context.Context) (io.ReadWriteCloser, error) {
	m.place.Store(nil)
	if m.o.Open != nil {
		return m.o.Open(ctx)
	}
	place, err := m.o.Finder.Find(ctx, m.o.Name)
	if p, ok := errors.AsType[*device.Problem](err); ok {
		return nil, &portError{reason: p.Reason, err: err}
	}
	if err != nil {
		return nil, explain(m.o.Port, m.o.Port, err)
	}
	port, err := openSerial(place.Path, m.o.Name)
	if err != nil {
		place.Release()
		return nil, err
	}
	m.place.Store(place)
	return &placedPort{port, place}, nil
}

// placedPort is an open port that gives its place up when it is closed.
type placedPort struct {
	io.ReadWriteCloser
	place *device.Place
}

func (p *placedPort) Close() error {
	err := p.ReadWriteCloser.Close()
	p.place.Release()
	return err
}

// ResetOutputBuffer drops what was not sent yet, so that a Write that hangs returns.
func (p *placedPort) ResetOutputBuffer() error { return resetOutput(p.ReadWriteCloser) }

// resetOutput calls the method ResetOutputBuffer of a port that has one.
func resetOutput(port io.ReadWriteCloser) error {
	if p, ok := port.(interface{ ResetOutputBuffer() error }); ok {
		return p.ResetOutputBuffer()
	}
	return nil
}

// portName names the port for people: as configured, else as it was found. It may be
// called from any goroutine.
func (m *Modem) portName() string {
	if m.o.Port != "" {
		return m.o.Port
	}
	if place := m.place.Load(); place != nil {
		return place.Name()
	}
	return m.o.selector().String()
}

// doubt returns what makes the port look like the wrong one; empty if nothing.
func (m *Modem) doubt() string {
	place := m.place.Load()
	if place == nil {
		return ""
	}
	if text := place.Doubt(); text != "" {
		return " " + text
	}
	return ""
}

// identity returns a string that changes when it is worth looking for the port
// again: as long as it is not there, with whatever is plugged in or out.
func (m *Modem) identity() string {
	if m.o.Port != "" || m.o.Open != nil {
		if id := deviceIdentity(m.o.Port); id != "" || m.o.Open != nil {
			return id
		}
	}
	return m.o.Finder.State()
}

// absence is how long to wait for a modem that is not there.
func (m *Modem) absence() time.Duration {
	if m.o.Open != nil {
		return presence // nothing tells when it comes
	}
	return patience
}

// arrivals returns a channel that tells when devices come and go, nil if nobody
// knows.
func (m *Modem) arrivals() (changed <-chan struct{}, stop func()) {
	if m.o.Open != nil {
		return nil, func() {}
	}
	return m.o.Finder.Listen()
}

// watchSharing tells when other programs use the port, until ctx ends: each takes
// answers that are meant for the other.
func (m *Modem) watchSharing(ctx context.Context, place *device.Place) {
	for wait := sharingFirst; ; wait = sharingEvery {
		rest(ctx, wait)
		if ctx.Err() != nil {
			m.update(func(s *gateway.ModemStatus) { s.SharedWith = "" })
			return
		}
		m.noteSharing(place)
	}
}

// noteSharing looks for other programs on the port and returns them.
func (m *Modem) noteSharing(place *device.Place) (others string) {
	if place == nil {
		return ""
	}
	hs := place.Others()
	if len(hs) > 0 {
		others = device.Names(hs)
		if m.current().SharedWith != others {
			m.log.Warn().Str("programs", others).Str("remedy", device.Remedies(hs)).Msg("other programs use the modem's port")
		}
	}
	m.update(func(s *gateway.ModemStatus) { s.SharedWith = others })
	return others
}

// blame names the programs that may have changed the modem's settings; empty if
// none is seen.
func (m *Modem) blame() string {
	place := m.place.Load()
	if place == nil || m.noteSharing(place) == "" {
		return ""
	}
	hs := place.Others()
	return fmt.Sprintf(" The port is shared with %s. %s", device.Names(hs), device.Remedies(hs))
}

// checkIdentity sees to it that this is the modem that is meant. before is the
// IMEI of the session before.
func (s *session) checkIdentity(before, imei string) error {
	m := s.m
	want := m.o.IMEI
	if want == "" || device.SameIMEI(want, imei) {
		if before != "" && imei != "" && before != imei {
			s.log.Warn().Msg("another modem than before is on the port")
			m.enter(gateway.ModemStarting, fmt.Sprintf("Another modem (IMEI %s) took the place of the one before (IMEI %s). If that is not wanted, set imei in the configuration.", imei, before))
		}
		return nil
	}
	var reason string
	if imei == "" {
		reason = fmt.Sprintf("The modem on port %s does not tell its IMEI, which should be %s. Remove imei from its configuration, or use another modem.", m.portName(), want)
	} else {
		reason = fmt.Sprintf("The modem on port %s has IMEI %s, not %s as configured. Plug the right one in, or correct imei of this modem.", m.portName(), imei, want)
	}
	if place := m.place.Load(); m.o.Port == "" && place != nil {
		m.o.Finder.Mistaken(place)
		return &portError{reason: reason, err: errWrongModem}
	}
	return &hold{gateway.ModemBlocked, reason, time.Minute, errWrongModem}
}

// checkCard tells when the SIM is another one than in the session before.
func (s *session) checkCard(before, now string) {
	if before == "" || now == "" || before == now || strings.HasPrefix(now, "modem:") {
		return
	}
	s.log.Warn().Msg("another SIM than before is in the modem")
	s.m.enter(gateway.ModemStarting, "Another SIM than before is in the modem, which is being set up.")
}
