package gateway

import (
	"errors"
	"fmt"
	"sync"
)

// aside holds what the engine found it cannot work on and passes over until the
// next start, so that nothing else has to wait for it. The zero value is empty.
type aside struct {
	mu         sync.Mutex
	messages   map[uint64]struct{} // by Seq
	recipients map[RecipientRef]struct{}
	timers     map[Timer]struct{}
	stale      int    // rows of an index that say something else than their message
	first      string // what is wrong with the first of them
}

func (a *aside) hasRecipient(r RecipientRef) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.messages[r.Seq]; ok {
		return true
	}
	_, ok := a.recipients[r]
	return ok
}

func (a *aside) hasTimer(t Timer) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, ok := a.timers[t]
	return ok
}

// errStale is why something is set aside that an index names and that there is
// nothing to do for.
var errStale = errors.New("an index names it, but there is nothing to do for it")

// setAside passes over a queued recipient from now on; over all of its message if
// that is damaged.
func (g *Gateway) setAside(r RecipientRef, err error) {
	a := &g.aside
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.recipients == nil {
		a.messages, a.recipients = make(map[uint64]struct{}), make(map[RecipientRef]struct{})
	}
	_, known := a.messages[r.Seq]
	if errors.Is(err, ErrDamaged) {
		a.messages[r.Seq] = struct{}{}
	} else {
		a.recipients[r] = struct{}{}
	}
	if !known && a.note(fmt.Sprintf("recipient %d of message row %d", r.Idx+1, r.Seq), err) {
		g.log.Error().Err(err).Uint64("message_row", r.Seq).Int("recipient", r.Idx+1).Msg("message cannot be sent, passing over it")
	}
}

// setTimerAside passes over a timer from now on.
func (g *Gateway) setTimerAside(t Timer, err error) {
	a := &g.aside
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.timers == nil {
		a.timers = make(map[Timer]struct{})
	}
	a.timers[t] = struct{}{}
	if !a.note(fmt.Sprintf("timer of message row %d", t.Seq), err) {
		return
	}
	g.log.Error().Err(err).Uint64("message_row", t.Seq).Msg("timer cannot be handled, passing over it")
}

// note counts what the store does not count and log itself, and reports whether it
// did.
func (a *aside) note(what string, err error) bool {
	if errors.Is(err, ErrDamaged) && !errors.Is(err, errUnsound) {
		return false
	}
	if a.stale++; a.stale == 1 {
		a.first = fmt.Sprintf("%s: %v", what, err)
	}
	return true
}

// checkDamage says how much of what is stored cannot be used.
func (g *Gateway) checkDamage(checks map[string]Check) {
	c := Check{Status: Pass, ObservedUnit: "rows", Description: "No damaged row was met"}
	rows, first := g.store.Damage()
	g.aside.mu.Lock()
	stale, other := g.aside.stale, g.aside.first
	g.aside.mu.Unlock()
	if rows == 0 {
		first = other
	}
	if c.ObservedValue = rows + stale; c.ObservedValue > 0 {
		c.Status = Warn
		c.Description = "Damaged rows are passed over, everything else goes on; the first: " + first +
			". Look after the disk, and restore a backup if messages are missing"
	}
	checks["store:damaged"] = c
}

// fatal reports whether the store takes no more changes, whatever they are. Any
// other error is about the rows it was asked for.
func (g *Gateway) fatal(err error) bool {
	return g.broken.Load() || CodeOf(err) == Unavailable
}

// errUnsound is in the chain of the error about a message that can be read, but
// contradicts itself.
var errUnsound = fmt.Errorf("%w: it contradicts itself", ErrDamaged)

// sound returns an error if what is stored of m cannot be: to go on from there
// could send it twice, or not at all.
func (m *Message) sound() error {
	if len(m.Recipients) == 0 {
		return fmt.Errorf("%w: it has no recipient", errUnsound)
	}
	for i := range m.Recipients {
		if !m.Recipients[i].sound() {
			return fmt.Errorf("%w: recipient %d", errUnsound, i+1)
		}
	}
	return nil
}

func (r *Recipient) sound() bool {
	for i := range r.Parts {
		if p := &r.Parts[i]; p.Fate > Accepted || p.Report > Refused || p.MR < -1 || p.MR > 255 {
			return false
		}
	}
	open := r.owed() < len(r.Parts)
	switch r.Phase {
	case Held:
		return r.State == Pending && r.Parts == nil
	case Queued:
		return (r.State == Pending || r.State == Processed) && (open || r.Parts == nil)
	case Active, Grace:
		return r.State == Processed && open
	case Finished:
		return r.State.Valid() && r.State != Pending && r.State != Processed
	}
	return false
}
