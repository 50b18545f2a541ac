package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// settingStorm is where the rules are kept by which messages were held back.
const settingStorm = "storm_rules"

// stormRules are what [Protection] says of messages that repeat themselves.
type stormRules struct {
	Repeats int           `json:"repeats"`
	Replies int           `json:"replies"`
	Window  time.Duration `json:"window"`
}

// looser reports whether r may let something go that before held back.
func (r stormRules) looser(before stormRules) bool {
	more := func(now, before int) bool { return before > 0 && (now == 0 || now > before) }
	return more(r.Repeats, before.Repeats) || more(r.Replies, before.Replies) || r.Window < before.Window
}

// reviewStorms has messages judged anew that are held back by rules that were loosened
// or taken away since: nobody would expect them to wait for what holds no more. What is
// still a loop is held back again.
func (g *Gateway) reviewStorms(ctx context.Context) {
	if err := g.reviewStormsOnce(ctx); err != nil && ctx.Err() == nil {
		g.log.Error().Err(err).Msg("cannot look for messages that are held back no more, trying again at the next start")
	}
}

func (g *Gateway) reviewStormsOnce(ctx context.Context) error {
	p := &g.meter.protect
	rules := stormRules{p.Repeats, p.Replies, p.StormWindow}
	text, err := g.store.Setting(settingStorm)
	if err != nil {
		return fmt.Errorf("read rules for repetitions: %w", err)
	}
	var before stormRules
	known := json.Unmarshal([]byte(text), &before) == nil
	if known && rules == before {
		return nil
	}
	if !known || rules.looser(before) {
		n, err := g.judgeAnew(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			g.log.Info().Int("messages", n).Msg("limits on repetitions were changed, judging messages anew that were held back")
		}
	}
	b, err := json.Marshal(rules)
	if err != nil {
		return fmt.Errorf("encode rules for repetitions: %w", err)
	}
	if err := g.commit(ctx, Change{Settings: map[string]string{settingStorm: string(b)}}); err != nil {
		return fmt.Errorf("store rules for repetitions: %w", err)
	}
	return nil
}

// reviewPage is how many messages are looked at between looks at the stop signal.
const reviewPage = 200

// judgeAnew ends the wait of all messages that are held back, the oldest first, and
// returns how many there were.
func (g *Gateway) judgeAnew(ctx context.Context) (n int, err error) {
	held, err := g.heldBack(ctx)
	if err != nil {
		return 0, err
	}
	for _, seq := range slices.Backward(held) {
		err := g.update(ctx, edit{seq, func(m *Message, _ *Change) bool {
			return m.letGo(g.now(), "the limits on repetitions were changed", false)
		}})
		switch {
		case err != nil && (g.fatal(err) || ctx.Err() != nil):
			return n, fmt.Errorf("store message: %w", err)
		case err != nil: // the others must not suffer
			g.log.Error().Err(err).Uint64("message_row", seq).Msg("a message that is held back cannot be released")
			continue
		}
		n++
	}
	return n, nil
}

// heldBack returns the Seq of every message that is held back, the newest first.
func (g *Gateway) heldBack(ctx context.Context) (seqs []uint64, err error) {
	for q := (Search{State: Pending, Limit: reviewPage}); ctx.Err() == nil; {
		ms, next, err := g.store.SearchMessages(q)
		if err != nil {
			return nil, fmt.Errorf("read messages: %w", err)
		}
		for i := range ms {
			if ms[i].heldBack() {
				seqs = append(seqs, ms[i].Seq)
			}
		}
		if next.IsZero() {
			return seqs, nil
		}
		q.Before = next
	}
	return nil, ctx.Err()
}

// heldBack reports whether any recipient of m is held back.
func (m *Message) heldBack() bool {
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.Phase == Queued && r.Hold != "" {
			return true
		}
	}
	return false
}

// letGo ends the wait of those recipients of m that are held back, and reports whether
// there were any. Those that are cleared are not held back again.
func (m *Message) letGo(at time.Time, why string, cleared bool) (released bool) {
	for i := range m.Recipients {
		if r := &m.Recipients[i]; r.Phase == Queued && r.Hold != "" {
			r.Due, r.Hold, r.Cleared = 0, "", cleared
			r.hop(at, Hop{Kind: HopReleased, Text: why})
			released = true
		}
	}
	return released
}
