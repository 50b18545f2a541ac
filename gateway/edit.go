package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// edit is one alteration of a stored message. apply alters m, adds what belongs
// to it (events, mostly) to c, and reports whether it altered anything. It may be
// called more than once, each time with a message read afresh.
type edit struct {
	seq   uint64
	apply func(m *Message, c *Change) (changed bool)
}

// update applies edits in one commit, starting over whenever another commit came
// in between. Edits that alter nothing write nothing.
func (g *Gateway) update(ctx context.Context, edits ...edit) error {
	for {
		var c Change
		msgs := make(map[uint64]*Message, len(edits))
		changed := make(map[uint64]bool, len(edits))
		for _, e := range edits {
			m := msgs[e.seq]
			if m == nil {
				stored, err := g.store.MessageBySeq(e.seq)
				if err != nil {
					return fmt.Errorf("read message: %w", err)
				}
				if err := stored.sound(); err != nil {
					return fmt.Errorf("read message: %w", err)
				}
				m = &stored
				msgs[e.seq] = m
			}
			if e.apply(m, &c) {
				changed[e.seq] = true
			}
		}
		for seq := range changed {
			c.Messages = append(c.Messages, *msgs[seq])
		}
		if c.Empty() {
			return nil
		}
		if err := g.commit(ctx, c); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// commit stores c and remembers when the store failed for good.
func (g *Gateway) commit(ctx context.Context, c Change) error {
	err := g.store.Commit(ctx, c)
	if err != nil && ctx.Err() == nil {
		g.alerts.release(c)
	}
	if errors.Is(err, ErrStoreFailed) && g.broken.CompareAndSwap(false, true) {
		g.log.Error().Err(err).Msg("store failed, accepting no more work")
	}
	return err
}

// observe is called by the store with every stored Change.
func (g *Gateway) observe(c Change) {
	if len(c.Endpoints) > 0 || len(c.DropEndpoints) > 0 {
		g.noteEndpoints(c)
	}
	if len(c.Emissions) > 0 {
		g.news.ring()
	}
	if len(c.Forwards) > 0 || len(c.DropForwards) > 0 {
		g.noteForwards(c)
	}
	if len(c.Settings) > 0 {
		g.noteSettings(c)
	}
	for i := range c.Inbound {
		g.meter.heard(c.Inbound[i].From, g.clock.Now())
	}
	if slices.ContainsFunc(c.Messages, func(m Message) bool { return m.Canary != "" }) ||
		slices.ContainsFunc(c.Inbound, func(in Inbound) bool { return in.Canary != "" }) {
		kick(g.canaries.kick)
	}
	g.notePassed(c.Messages)
	for i := range c.Messages {
		m := &c.Messages[i]
		for j := range m.Recipients {
			switch m.Recipients[j].Phase {
			case Queued:
				g.wakeLanes()
				kick(g.kickTimers)
				return
			case Held, Grace:
				kick(g.kickTimers)
			}
		}
	}
}
