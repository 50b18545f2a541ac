package gateway

import (
	"bytes"
	"context"
	"fmt"
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
		g.take(&c, []Fragment{f}, 0)
		return g.commit(ctx, c)
	}
	stored, err := g.store.Fragments(f.Group())
	if err != nil {
		return fmt.Errorf("read fragments: %w", err)
	}
	group, siblings, duplicate := place(f, stored)
	switch {
	case duplicate:
		// The SMSC sent the part again with another time stamp.
	case len(siblings)+1 == f.Concat.Total:
		c.DropFragments = []GroupKey{group}
		g.take(&c, append(siblings, f), 0)
	default:
		c.Fragments = []StoredFragment{{Group: group, Fragment: f, Since: g.clock.Now()}}
	}
	return g.commit(ctx, c)
}

// concatenated reports whether f is one part of several. Headers that make no
// sense are ignored (modems deliver them).
func (f *Fragment) concatenated() bool {
	return f.Concat != nil && f.Concat.Total > 1 && f.Concat.Part >= 1 && f.Concat.Part <= f.Concat.Total
}

// place finds the group f belongs to among the stored ones: the newest in which
// its part is missing, else a new one, because references are reused.
func place(f Fragment, stored []StoredFragment) (group GroupKey, siblings []Fragment, duplicate bool) {
	gens := make(map[uint32][]Fragment)
	next := uint32(0)
	for _, s := range stored {
		gens[s.Group.Gen] = append(gens[s.Group.Gen], s.Fragment)
		next = max(next, s.Group.Gen+1)
	}
	group = f.Group()
	for gen := int64(next) - 1; gen >= 0; gen-- {
		have, ok := gens[uint32(gen)]
		if !ok {
			continue
		}
		i := slices.IndexFunc(have, func(h Fragment) bool { return h.Concat.Part == f.Concat.Part })
		if i < 0 {
			group.Gen = uint32(gen)
			return group, have, false
		}
		if sameBody(have[i].Body, f.Body) {
			group.Gen = uint32(gen)
			return group, nil, true
		}
	}
	group.Gen = next
	return group, nil, false
}

func sameBody(a, b sms.Body) bool {
	return a.Alphabet == b.Alphabet && a.Text == b.Text && slices.Equal(a.UTF16, b.UTF16) && bytes.Equal(a.Data, b.Data)
}

// take adds the message that parts make up to c, with its event. missing is the
// number of parts that never came.
func (g *Gateway) take(c *Change, parts []Fragment, missing int) {
	slices.SortFunc(parts, func(a, b Fragment) int { return a.part() - b.part() })
	first := &parts[0]
	in := Inbound{
		Type: InboundSMS, From: first.From, To: first.Own, Modem: first.Modem, SIM: first.SIM,
		SCTS: first.SCTS, ArrivedAt: g.now(), Missing: missing,
	}
	in.ReceivedAt = g.receivedAt(first.SCTS, in.ArrivedAt)
	bodies := make([]sms.Body, 0, len(parts))
	data := true
	for i := range parts {
		p := &parts[i]
		bodies = append(bodies, p.Body)
		data = data && (p.Body.Alphabet == sms.Data8 || p.Undecoded)
		in.TPDUs = append(in.TPDUs, p.TPDU)
		in.Notes = append(in.Notes, p.Notes...)
	}
	switch {
	case first.Undecoded:
		in.Type, in.Data = InboundData, first.TPDU
		in.Notes = append(in.Notes, "the PDU could not be decoded and is kept as it came")
		g.log.Warn().Str("modem", first.Modem).Msg("incoming PDU could not be decoded, kept as data")
	case data:
		in.Type, in.Data = InboundData, sms.JoinData(bodies)
	default:
		in.Text = sms.Join(bodies)
	}
	c.Inbound = append(c.Inbound, in)
	g.converse(c, in.From, in.Modem)
	if in.Type == InboundSMS {
		g.emit(c, "", in.ArrivedAt, MessageReceived{
			Sender: in.From, Recipient: in.To, SIM: in.SIM, Modem: in.Modem,
			Text: in.Text, ReceivedAt: in.ReceivedAt,
		})
	}
}

func (f *Fragment) part() int {
	if f.Concat == nil {
		return 0
	}
	return f.Concat.Part
}

// How far a service centre's time stamp may lie from a plausible clock to be
// believed.
const (
	maxSCTSAge   = 30 * 24 * time.Hour
	maxSCTSAhead = 24 * time.Hour
)

// receivedAt returns when a message counts as received: at its SCTS, unless that
// is unreadable or our clock, if plausible, says it cannot be.
func (g *Gateway) receivedAt(scts, arrived time.Time) time.Time {
	if scts.IsZero() {
		return arrived
	}
	if now, plausible := g.clock.Wall(); plausible && (now.Sub(scts) > maxSCTSAge || scts.Sub(now) > maxSCTSAhead) {
		return arrived
	}
	return scts
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
	g.take(&c, parts, group.Total-len(parts))
	g.log.Warn().Int("missing", group.Total-len(parts)).Msg("parts of an incoming message never came, passed on without them")
	return g.commit(ctx, c)
}
