package gateway

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Report takes in a delivery report. When it returns nil the report is stored,
// or was before, and the modem's copy may go.
func (g *Gateway) Report(ctx context.Context, r Report) error {
	defer g.intake.lock(r.SIMID)()
	key := r.key()
	if seen, err := g.store.Seen(key); err != nil || seen {
		return err
	}
	matched, err := g.apply(ctx, r, Change{Seen: []FragmentKey{key}})
	if err != nil || matched {
		return err
	}
	if err := g.commit(ctx, Change{
		Seen: []FragmentKey{key},
		Park: []ParkedReport{{Report: r, Since: g.clock.Now()}},
	}); err != nil {
		return err
	}
	// The outcome it is about can have been stored in between.
	return g.settleLocked(ctx, r.SIMID)
}

func (r *Report) key() FragmentKey {
	h := sha256.New()
	h.Write([]byte("report\x00" + r.SIMID + "\x00"))
	h.Write(r.TPDU)
	return FragmentKey(h.Sum(nil))
}

// settleParked tries to match the parked reports of a SIM.
func (g *Gateway) settleParked(ctx context.Context, simID string) error {
	defer g.intake.lock(simID)()
	return g.settleLocked(ctx, simID)
}

func (g *Gateway) settleLocked(ctx context.Context, simID string) error {
	parked, err := g.store.ParkedReports(simID)
	if err != nil {
		return fmt.Errorf("read parked reports: %w", err)
	}
	for _, p := range parked {
		_, err := g.apply(ctx, p.Report, Change{Unpark: []uint64{p.Seq}})
		if err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
	}
	return nil
}

// apply finds the part a report is about and stores what it says of it, together
// with extra. It reports false, and stores nothing, if there is no such part.
func (g *Gateway) apply(ctx context.Context, r Report, extra Change) (matched bool, err error) {
	ref, ok, err := g.find(r)
	if err != nil || !ok {
		return false, err
	}
	stored := false
	err = g.update(ctx, edit{ref.Seq, func(m *Message, c *Change) bool {
		if stored = g.confirm(m, c, ref, r); stored {
			c.Merge(extra)
		}
		return stored
	}})
	return stored, err
}

// candidate is a part that a report may be about.
type candidate struct {
	ref PartRef
	at  time.Time // when it was sent
}

// find returns the part a report is about: the one the SIM sent with the report's
// TP-MR to its recipient, or else the one of which it is unknown whether it left,
// which the report then proves.
func (g *Gateway) find(r Report) (ref PartRef, ok bool, err error) {
	best, ok, err := g.findSent(r)
	if err != nil {
		return ref, false, err
	}
	inHand := g.inHand(r)
	switch {
	case ok && inHand != nil:
		// If what a modem has in hand fits better, there is no part yet.
		now := candidate{at: inHand.began}
		if w, _ := nearest([]candidate{best, now}, r.SCTS); w == now && now.at.Sub(best.at) > sctsSlack {
			return ref, false, nil
		}
		return best.ref, true, nil
	case ok:
		return best.ref, true, nil
	case inHand != nil:
		return ref, false, nil
	}
	return g.findUnknown(r)
}

// findSent looks among the parts with the report's TP-MR. It wraps at 256, so the
// one sent nearest to the report's SCTS is chosen, the newest if it has none.
func (g *Gateway) findSent(r Report) (best candidate, ok bool, err error) {
	refs, err := g.store.SentParts(r.SIMID, r.MR)
	if err != nil {
		return best, false, fmt.Errorf("look up sent parts: %w", err)
	}
	var found []candidate
	for _, p := range refs {
		rcp, _, err := g.recipient(p.RecipientRef)
		if err != nil {
			return best, false, err
		}
		if rcp != nil && p.Part < len(rcp.Parts) && sameNumber(rcp.Address, r.Recipient) {
			found = append(found, candidate{p, rcp.Parts[p.Part].At})
		}
	}
	best, ok = nearest(found, r.SCTS)
	return best, ok, nil
}

// lateReport is for how long after a PDU a report on it may come: about as long
// as service centres keep messages.
const lateReport = 7 * 24 * time.Hour

// findUnknown looks for the part whose outcome is unknown that a report proves to
// have left, or that was accepted without a TP-MR. Taking a report for the wrong part would lose that part, so the
// evidence counts only if nothing else can explain the report: no other PDU went
// to the recipient under a TP-MR nobody knows.
func (g *Gateway) findUnknown(r Report) (ref PartRef, ok bool, err error) {
	refs, err := g.store.UnknownParts(r.SIMID)
	if err != nil {
		return ref, false, fmt.Errorf("look up unknown parts: %w", err)
	}
	sole := false // ref was accepted without a TP-MR
	for _, p := range refs {
		rcp, asked, err := g.recipient(p.RecipientRef)
		if err != nil {
			return ref, false, err
		}
		if rcp == nil || p.Part >= len(rcp.Parts) || !asked || !sameNumber(rcp.Address, r.Recipient) || r.At.Sub(rcp.Began) > lateReport {
			continue
		}
		if rcp.nameless(p.Part) {
			// Which part of a message it is does not matter.
			if !r.mayBeOf(&rcp.Parts[p.Part]) || sole && ref.RecipientRef == p.RecipientRef {
				continue
			}
			if ok {
				return ref, false, nil
			}
			ref, ok, sole = p, true, true
			continue
		}
		if !provable(rcp, p.Part, r) || ok {
			return ref, false, nil
		}
		ref, ok = p, true
	}
	return ref, ok, nil
}

// nameless reports whether a part was accepted without the modem saying under
// which TP-MR, and no copy of it may have left besides.
func (r *Recipient) nameless(part int) bool {
	p := &r.Parts[part]
	return p.Fate == Accepted && p.MR < 0 && (r.Lost == nil || r.Lost.Part != part)
}

// mayBeOf reports whether the time in r is that of a part, as far as it tells.
func (r *Report) mayBeOf(p *Part) bool {
	return r.SCTS.IsZero() || r.SCTS.Sub(p.At).Abs() <= sctsSlack
}

// provable reports whether r can be evidence for a part: the part waits for some,
// was handed over before the report came, and no other part has its TP-MR.
func provable(rcp *Recipient, part int, r Report) bool {
	if rcp.Phase != Grace && rcp.Phase != Queued || rcp.Parts[part].Fate != Unknown || r.At.Before(rcp.Began) {
		return false
	}
	for i := range rcp.Parts {
		if p := &rcp.Parts[i]; p.Fate == Accepted && (p.MR == r.MR || p.MR < 0) {
			return false
		}
	}
	return r.SCTS.IsZero() || !r.SCTS.Before(rcp.Began.Add(-sctsSlack))
}

// recipient reads a recipient, and whether its message asked for reports; nil if
// the message is gone or damaged: then the report is as good as one that matches
// nothing.
func (g *Gateway) recipient(ref RecipientRef) (rcp *Recipient, asked bool, err error) {
	m, err := g.store.MessageBySeq(ref.Seq)
	switch {
	case CodeOf(err) == NotFound || errors.Is(err, ErrDamaged):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("read message: %w", err)
	case ref.Idx >= len(m.Recipients) || m.sound() != nil:
		return nil, false, nil
	}
	return &m.Recipients[ref.Idx], m.DeliveryReport, nil
}

// inHand returns the attempt that a modem with the report's SIM makes at its
// recipient, if there is one.
func (g *Gateway) inHand(r Report) *attempt {
	for _, l := range g.lanes {
		if a := l.inHand(); a != nil && a.report && a.simID == r.SIMID && sameNumber(a.out.To, r.Recipient) {
			return a
		}
	}
	return nil
}

// sctsSlack is by how much the clock of a service centre and ours may differ
// before the difference is taken to mean something.
const sctsSlack = 5 * time.Minute

// nearest returns the candidate sent nearest to scts, the first of equals; the
// one sent last if scts is zero.
func nearest(cs []candidate, scts time.Time) (best candidate, ok bool) {
	for i, c := range cs {
		switch {
		case i == 0:
			best = c
		case scts.IsZero() && c.at.After(best.at):
			best = c
		case !scts.IsZero() && scts.Sub(c.at).Abs() < scts.Sub(best.at).Abs():
			best = c
		}
	}
	return best, len(cs) > 0
}

func (l *lane) inHand() *attempt {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current
}

// confirm applies a report to the part it is about, and reports whether it
// altered anything.
func (g *Gateway) confirm(m *Message, c *Change, ref PartRef, r Report) bool {
	rcp := &m.Recipients[ref.Idx]
	if rcp.State.Final() || ref.Part >= len(rcp.Parts) {
		return false
	}
	now := g.now()
	part := &rcp.Parts[ref.Part]
	if part.Fate == Unknown {
		// The SMSC reports on it, so it has it.
		if rcp.Phase != Grace && rcp.Phase != Queued {
			return false
		}
		g.acceptPart(m, c, ref.Idx, SentPart{Index: ref.Part, MR: r.MR, Evidence: "delivery report"}, now)
		if rcp.Phase != Finished {
			m.requeue(ref.Idx, g.clock.Now(), 0, "", now)
		}
	} else if part.Fate != Accepted || part.Report != Unconfirmed || part.MR >= 0 && part.MR != r.MR || part.SIMID != r.SIMID {
		return false
	}
	part.MR = r.MR
	m.confirm(ref.Idx, ref.Part, r, now)
	switch part.Report {
	case Confirmed:
		g.announcePart(m, c, ref, r, now)
		if rcp.State == Sent && rcp.delivered() {
			g.finishDelivered(m, c, ref.Idx, r, now)
		}
	case Refused:
		if rcp.Phase != Active { // else when the part in hand has its outcome
			g.failRecipient(m, c, ref.Idx, deliveryResult(r), fmt.Sprintf("ST %d", r.Status))
		}
	}
	return true
}

// deliveryResult is what a report says, in the form that programs look for.
func deliveryResult(r Report) string {
	return fmt.Sprintf("Delivery result from SC: %d. %s", r.Status, r.Text)
}

func (g *Gateway) finishDelivered(m *Message, c *Change, i int, r Report, now time.Time) {
	m.setState(i, Delivered, now)
	if r.Status != 0 { // forwarded or replaced, say: not quite delivered
		m.Recipients[i].Error = deliveryResult(r)
	}
	at := g.receivedAt(r.Discharge, now)
	g.announce(c, m, i, now, MessageDelivered{MessageProgress: m.progress(i, g.ownNumber(m.Recipients[i].SIM), at)})
}

// announcePart tells the webhooks that want to know of each part that one was
// delivered.
func (g *Gateway) announcePart(m *Message, c *Change, ref PartRef, r Report, now time.Time) {
	perPart := func(ep *Endpoint) bool { return ep.PerPart && ep.HasEvent(EventDelivered) }
	if m.Canary != "" || !slices.ContainsFunc(g.Endpoints(), func(ep Endpoint) bool { return perPart(&ep) }) {
		return
	}
	rcp := &m.Recipients[ref.Idx]
	p := MessageDelivered{
		MessageProgress: m.progress(ref.Idx, g.ownNumber(rcp.SIM), g.receivedAt(r.Discharge, now)),
		Part:            ref.Part + 1, Parts: len(rcp.Parts),
	}
	g.emitTo(c, m.ID, &happening{at: now, payload: p, message: m}, perPart)
}

// Numbers are the same if their last digits are: service centres rewrite
// prefixes. Short ones must be equal.
const (
	wholeBelow = 7 // digits
	tailDigits = 8
)

func sameNumber(a, b string) bool {
	a, b = onlyDigits(a), onlyDigits(b)
	if len(a) < wholeBelow || len(b) < wholeBelow {
		return a == b
	}
	n := min(len(a), len(b), tailDigits)
	return a[len(a)-n:] == b[len(b)-n:]
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, s)
}
