package gateway

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"tetherd/gateway/sms"
)

// Receive takes in an incoming PDU. When it returns nil the PDU is stored, or was
// before, and the modem's copy may go; the PDU that completes a message stores
// the message, its event and the webhook deliveries in the same step.
func (g *Gateway) Receive(ctx context.Context, f Fragment) error {
	defer g.intake.lock(f.SIMID)()
	key := f.Key()
	if seen, err := g.store.Seen(key); err != nil || seen {
		return err
	}
	c := Change{Seen: []FragmentKey{key}}
	if !f.concatenated() {
		g.take(&c, arrival{parts: []Fragment{f}})
		return g.commit(ctx, c)
	}
	stored, err := g.store.Fragments(f.Group())
	if err != nil {
		return fmt.Errorf("read fragments: %w", err)
	}
	group, siblings, duplicate := place(f, stored)
	a := arrival{parts: append(siblings, f), missing: f.Concat.Total - len(siblings) - 1}
	switch {
	case duplicate || g.join(&a):
		// The SMSC sent the part again with another time stamp.
	case a.missing == 0:
		c.DropFragments = []GroupKey{group}
		c.Fragments = copies(stored, group, a.parts)
		g.take(&c, a)
	case len(siblings) == 0 && g.crowded(&f):
		g.take(&c, a)
		g.log.Warn().Str("modem", f.Modem).Int("missing", a.missing).
			Msg("too many incomplete messages, passing on the part of another one at once")
	default:
		c.Fragments = []StoredFragment{{Group: group, Fragment: f, Since: g.clock.Now()}}
	}
	return g.commit(ctx, c)
}

// From how many stored fragments on no further message is waited for: those of one
// sender, and all. Its parts are passed on as they come; the late ones complete
// it all the same.
const (
	maxSenderFragments = 512
	maxFragments       = 8192
)

// crowded reports whether too much is kept to wait for the rest of f's message.
func (g *Gateway) crowded(f *Fragment) bool {
	ofSender, all, err := g.store.CountFragments(f.SIMID, f.From, maxFragments)
	if err != nil {
		g.log.Error().Err(err).Msg("cannot count fragments, keeping one more")
		return false
	}
	return ofSender >= maxSenderFragments || all >= maxFragments
}

// concatenated reports whether f is one part of several. Headers that make no
// sense are ignored (modems deliver them).
func (f *Fragment) concatenated() bool {
	return f.Concat != nil && f.Concat.Total > 1 && f.Concat.Part >= 1 && f.Concat.Part <= f.Concat.Total
}

// place finds the group f belongs to among the stored ones, because references are
// reused: of those in which its part is missing the one with the nearest time stamps,
// the oldest if several are as near; else a new one. A part with the body of a stored
// one is its duplicate only if it has the same time stamp, too: another message can
// have equal parts.
func place(f Fragment, stored []StoredFragment) (group GroupKey, siblings []Fragment, duplicate bool) {
	gens := make(map[uint32][]Fragment)
	next := uint32(0)
	for _, s := range stored {
		gens[s.Group.Gen] = append(gens[s.Group.Gen], s.Fragment)
		next = max(next, s.Group.Gen+1)
	}
	group = f.Group()
	group.Gen = next
	least := time.Duration(0)
	for gen := range next {
		have := gens[gen]
		if len(have) == 0 || !near(have[0].SCTS, f.SCTS) {
			continue
		}
		i := slices.IndexFunc(have, func(h Fragment) bool { return h.Concat.Part == f.Concat.Part })
		switch apart := apart(have, f.SCTS); {
		case i >= 0 && sameBody(have[i].Body, f.Body) && have[i].SCTS.Equal(f.SCTS):
			group.Gen = gen
			return group, nil, true
		case i < 0 && (siblings == nil || apart < least):
			group.Gen, siblings, least = gen, have, apart
		}
	}
	return group, siblings, false
}

// apart returns how far a time stamp is from the nearest of parts; 0 if it cannot be
// told.
func apart(parts []Fragment, scts time.Time) time.Duration {
	least := time.Duration(math.MaxInt64)
	for i := range parts {
		if scts.IsZero() || parts[i].SCTS.IsZero() {
			return 0
		}
		least = min(least, parts[i].SCTS.Sub(scts).Abs())
	}
	return least
}

// copies returns the stored parts that a message which is now complete has, too,
// marked as such: they may belong to another message with equal parts, but nobody
// misses them if they do not.
func copies(stored []StoredFragment, complete GroupKey, parts []Fragment) []StoredFragment {
	var out []StoredFragment
	for _, s := range stored {
		same := func(p Fragment) bool {
			return p.Concat.Part == s.Fragment.Concat.Part && sameBody(p.Body, s.Fragment.Body)
		}
		if s.Group != complete && !s.Fragment.Copy && slices.ContainsFunc(parts, same) {
			s.Fragment.Copy = true
			out = append(out, s)
		}
	}
	return out
}

func sameBody(a, b sms.Body) bool {
	return a.Alphabet == b.Alphabet && a.Text == b.Text && slices.Equal(a.UTF16, b.UTF16) && bytes.Equal(a.Data, b.Data)
}

// staleBatch bounds how many incomplete messages one pass gives up on.
const staleBatch = 100

// passOnStale passes on incoming messages whose missing parts did not come.
func (g *Gateway) passOnStale(ctx context.Context) error {
	before := g.clock.Now().Add(-g.ReassemblyTimeout)
	groups, err := g.store.StaleFragments(before, staleBatch)
	if err != nil {
		return fmt.Errorf("look for incomplete messages: %w", err)
	}
	for _, group := range groups {
		if err := g.passOn(ctx, group, before); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gateway) passOn(ctx context.Context, group GroupKey, before Tick) error {
	defer g.intake.lock(group.SIMID)()
	stored, err := g.store.Fragments(group)
	if err != nil {
		return fmt.Errorf("read fragments: %w", err)
	}
	var parts []Fragment
	for _, s := range stored {
		if s.Group != group {
			continue
		}
		if s.Since >= before {
			return nil // a part came in since
		}
		parts = append(parts, s.Fragment)
	}
	if len(parts) == 0 {
		return nil
	}
	c := Change{DropFragments: []GroupKey{group}}
	if !slices.ContainsFunc(parts, func(f Fragment) bool { return !f.Copy }) {
		return g.commit(ctx, c) // the service centre sent parts of another message again
	}
	a := arrival{parts: parts, missing: group.Total - len(parts)}
	g.join(&a)
	g.take(&c, a)
	g.log.Warn().Int("missing", a.missing).Msg("parts of an incoming message never came, passed on without them")
	return g.commit(ctx, c)
}
