package gateway

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"tetherd/gateway/sms"
)

// Leftover is an outgoing message found in a modem's storage (3GPP TS 27.005 §3.5.3,
// +CMGW), where messages are written before they are sent if the owner wants it so.
type Leftover struct {
	SIMID  string  // identity of the SIM in the modem
	To     string  // destination
	Concat *Concat // nil unless it is one part of several
	Body   sms.Body
	Sent   bool // the modem notes that it was sent
	Unsent bool // the modem notes that it was not, and can be relied on
}

// Claim is what a message in a modem's storage is to the gateway.
type Claim uint8

// The claims.
const (
	Foreign   Claim = iota // somebody else's: leave it alone
	Undecided              // the gateway's, and what it tells later may matter
	Spent                  // the gateway's, of no more use: it may be deleted
)

// recentMessages is among how many of the newest messages the owner of a leftover is
// looked for.
const recentMessages = 100

// Leftover takes in what a message in a modem's storage tells of the part it is a
// copy of. When it returns Spent that is stored. The evidence counts only if no
// other part could be meant.
func (g *Gateway) Leftover(ctx context.Context, l Leftover) (Claim, error) {
	defer g.intake.lock(l.SIMID)()
	found, err := g.originals(l)
	if err != nil {
		return Foreign, err
	}
	claim := Foreign
	for _, ref := range found {
		sole := len(found) == 1
		decided := true
		err := g.update(ctx, edit{ref.Seq, func(m *Message, c *Change) bool {
			decided = !m.doubtful(ref)
			if decided || !sole || m.Recipients[ref.Idx].Phase == Active {
				return false
			}
			// That one SIM did not send it says nothing of the copy another one may have.
			says := l
			says.Unsent = l.Unsent && m.Recipients[ref.Idx].Parts[ref.Part].SIMID == l.SIMID
			decided = says.Sent || says.Unsent
			return g.leftOver(m, c, ref, says)
		}})
		if err != nil {
			return Undecided, fmt.Errorf("store evidence: %w", err)
		}
		switch {
		case !decided:
			claim = Undecided
		case claim == Foreign:
			claim = Spent
		}
	}
	return claim, nil
}

// doubtful reports whether what is known of a part may still change.
func (m *Message) doubtful(ref PartRef) bool {
	r := &m.Recipients[ref.Idx]
	switch r.Phase {
	case Active:
		return r.owed() == ref.Part
	case Grace, Queued:
		return r.Parts[ref.Part].Fate == Unknown
	}
	return false
}

// leftOver applies what a leftover says to a doubtful part, and reports whether it
// altered anything.
func (g *Gateway) leftOver(m *Message, c *Change, ref PartRef, l Leftover) bool {
	now := g.now()
	r := &m.Recipients[ref.Idx]
	switch {
	case l.Sent:
		if !g.acceptPart(m, c, ref.Idx, SentPart{Index: ref.Part, MR: -1, Evidence: "stored as sent"}, now) {
			return false
		}
		if r.Phase == Finished {
			return true
		}
	case l.Unsent:
		r.Parts[ref.Part] = Part{MR: -1}
		r.hop(now, Hop{Kind: HopNotSent, Part: ref.Part + 1, Evidence: "stored as not sent"})
	default:
		return false
	}
	m.requeue(ref.Idx, g.clock.Now(), 0, "", now)
	return true
}

// originals returns the parts that a leftover can be a copy of: of those that may be
// in doubt, and of the newest messages.
func (g *Gateway) originals(l Leftover) (found []PartRef, err error) {
	part := 0
	if l.Concat != nil {
		part = l.Concat.Part - 1
	}
	seen := make(map[PartRef]bool)
	look := func(m *Message, idx int) {
		ref := PartRef{RecipientRef{m.Seq, idx}, part}
		if !seen[ref] && g.isCopy(m, ref, l) {
			found = append(found, ref)
		}
		seen[ref] = true
	}
	refs, err := g.store.UnknownParts(l.SIMID)
	if err != nil {
		return nil, fmt.Errorf("look up unknown parts: %w", err)
	}
	active, err := g.store.ActiveRecipients()
	if err != nil {
		return nil, fmt.Errorf("read active recipients: %w", err)
	}
	for _, p := range refs {
		active = append(active, p.RecipientRef)
	}
	for _, ref := range active {
		m, err := g.store.MessageBySeq(ref.Seq)
		if CodeOf(err) == NotFound {
			continue // pruned since
		}
		if err != nil {
			return nil, fmt.Errorf("read message: %w", err)
		}
		look(&m, ref.Idx)
	}
	recent, _, err := g.store.Messages(MessageQuery{From: time.Time{}, Limit: recentMessages})
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	for i := range recent {
		for idx := range recent[i].Recipients {
			look(&recent[i], idx)
		}
	}
	return found, nil
}

// isCopy reports whether a leftover reads like a part that was handed to a modem.
func (g *Gateway) isCopy(m *Message, ref PartRef, l Leftover) bool {
	r := &m.Recipients[ref.Idx]
	if ref.Part >= len(r.Parts) || !sameNumber(r.Address, l.To) {
		return false
	}
	segments, data, err := g.segments(m)
	if err != nil || len(segments) != len(r.Parts) {
		return false
	}
	if c := l.Concat; c != nil && (c.Total != len(segments) || byte(c.Ref) != byte(r.Ref)) || c == nil && len(segments) > 1 {
		return false
	}
	if data != nil {
		return l.Body.Alphabet == sms.Data8 && bytes.Equal(l.Body.Data, data)
	}
	return l.Body.Alphabet == segments[ref.Part].Alphabet && sms.Join([]sms.Body{l.Body}) == segments[ref.Part].Text
}
