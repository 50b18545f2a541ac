package modem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"tetherd/gateway"
	"tetherd/modem/device"
)

// ProbeOptions say how a modem is probed.
type ProbeOptions struct {
	// NetworkWait is how long the modem may take to register. 0 looks once.
	NetworkWait time.Duration
	// Progress is told what comes next, for people, from the goroutine of Probe. Nil
	// tells nobody.
	Progress func(what string)
}

// probeTries is how often a modem that restarts while it is set up is set up again.
const probeTries = 3

// Probe sets a modem up as it would be to serve it, asks what else can be known, and
// reports. It sends, takes in, acknowledges and deletes no message, and changes nothing
// that survives a power cycle. A PIN is entered only if o has one, under the same rules
// as always. Of o, Inbox, Recorder, Changed, ResetCommand, Domain and SendStored do not
// count.
//
// What is wrong with the modem or its port is in the report. An error says what is
// wrong with o, or that ctx ended.
func Probe(ctx context.Context, o Options, p ProbeOptions) (Report, error) {
	o.Inbox, o.Recorder, o.Changed, o.ResetCommand, o.Domain, o.SendStored = noInbox{}, nil, nil, nil, "", false
	m, err := New(o)
	if err != nil {
		return Report{}, err
	}
	m.ear = &ear{}
	var r Report
	err = m.open(ctx, noStep, func(s *session, ctx context.Context) error {
		s.beginning = p.Progress
		return s.probe(ctx, p.NetworkWait, &r)
	})
	if ctx.Err() != nil {
		return r, fmt.Errorf("probe modem: %w", ctx.Err())
	}
	m.judge(&r, err)
	return r, nil
}

// probe sets the modem up and fills the report in. An error says why it is not whole.
func (s *session) probe(ctx context.Context, wait time.Duration, r *Report) error {
	var err error
	restarts := 0
	for range probeTries {
		if err = s.bringUp(ctx); !errors.Is(err, errRebooted) {
			break
		}
		restarts++
	}
	s.report(r, err)
	if restarts > 0 {
		r.Findings = append(r.Findings, lack("It restarted while it was set up. If that happens often, its power supply may be too weak."))
	}
	if place := s.m.place.Load(); place != nil {
		if hs := place.Others(); len(hs) > 0 {
			r.Findings = append(r.Findings, lack("Its port is used by %s, too: each takes answers that are meant for the other. %s", device.Names(hs), device.Remedies(hs)))
		}
	}
	if fatal(err) || errors.Is(err, errWrongModem) {
		return err
	}
	more := s.inquire(ctx, wait, err == nil, r)
	if err == nil {
		err = more
	}
	if left := s.leave(); err == nil {
		err = left
	}
	if n := s.m.intake.waiting(); n > 0 {
		text := "While it was probed, the modem handed over %s without storing it: it is lost, unless the network sends it again."
		if s.acks.Load() {
			text = "While it was probed, the modem handed over %s, which was not acknowledged: the network sends it again."
		}
		r.Findings = append(r.Findings, lack(text, quantity(n, "message")))
	}
	return err
}

// leave has a modem that hands messages over directly keep them: nobody will be there
// to take them.
func (s *session) leave() error {
	if !routes(s.cnmi) {
		return nil
	}
	mode := nth(fields(s.cnmi), 0).text
	return s.try("+CNMI="+mode+",0", storeLimit)
}

// quantity writes a number with its noun: "1 message", "2 messages".
func quantity(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// noInbox takes nothing in.
type noInbox struct{}

var errNoInbox = errors.New("nothing is taken in")

func (noInbox) Receive(context.Context, gateway.Fragment) error { return errNoInbox }
func (noInbox) Report(context.Context, gateway.Report) error    { return errNoInbox }
func (noInbox) Call(context.Context, gateway.Call) error        { return errNoInbox }

// maxHeard is how many octets show what a port is for.
const maxHeard = 8192

// ear keeps the first octets that a port said.
type ear struct {
	mu   sync.Mutex // guards the rest
	said []byte
}

// role returns what the port is for, by what it said.
func (e *ear) role() device.Role {
	e.mu.Lock()
	defer e.mu.Unlock()
	return device.Babble(e.said)
}

// heardPort is a port with an ear.
type heardPort struct {
	io.ReadWriteCloser
	ear *ear
}

// ResetOutputBuffer drops what was not sent yet, so that a Write that hangs returns.
func (p *heardPort) ResetOutputBuffer() error { return resetOutput(p.ReadWriteCloser) }

func (p *heardPort) Read(b []byte) (int, error) {
	n, err := p.ReadWriteCloser.Read(b)
	p.ear.mu.Lock()
	defer p.ear.mu.Unlock()
	p.ear.said = append(p.ear.said, b[:min(n, maxHeard-len(p.ear.said))]...)
	return n, err
}
