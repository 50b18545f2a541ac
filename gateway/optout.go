package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// OptOut is somebody who does not want to be sent messages.
type OptOut struct {
	Number  string    `json:"number"`            // as it is dialled
	Since   time.Time `json:"since"`             // when it was said
	Keyword string    `json:"keyword,omitempty"` // that said so; empty if the owner of the gateway did
}

// Affinity returns the key under which [Reader.OptOutsOf] finds o, however its number
// is written.
func (o *OptOut) Affinity() string { return affinityKey(o.Number) }

// OptOutRules say by which messages people opt out and in again. A message counts if
// it consists of a keyword and nothing else; case, blanks and punctuation marks around
// it do not matter.
type OptOutRules struct {
	Stop  []string // besides STOP, STOPALL, UNSUBSCRIBE, CANCEL, END and QUIT
	Start []string // besides START and UNSTOP
}

// The keywords that are always there.
var (
	stopWords  = []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
	startWords = []string{"START", "UNSTOP"}
)

// maxOptOuts bounds how many the owner may enter. People who write a keyword are not
// kept out by it.
const maxOptOuts = 1_000_000

// reasonOptedOut is the error of a recipient that opted out while the message waited.
const reasonOptedOut = "The recipient opted out of messages"

// keyword returns the one of words that text consists of; empty if it is none.
func keyword(text string, words ...string) string {
	text = bareWord(text)
	i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(bareWord(w), text) })
	if i < 0 || text == "" {
		return ""
	}
	return words[i]
}

// bareWord returns s without blanks, and without what is no letter and no digit at
// its ends.
func bareWord(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return strings.Join(strings.Fields(s), "")
}

// Check returns an error for people if a keyword can be no message, or means both.
func (r *OptOutRules) Check() error {
	stop, start := append(slices.Clone(stopWords), r.Stop...), append(slices.Clone(startWords), r.Start...)
	for _, w := range slices.Concat(r.Stop, r.Start) {
		switch {
		case bareWord(w) == "":
			return fmt.Errorf("%q is no keyword: it has no letters or digits", w)
		case keyword(w, stop...) != "" && keyword(w, start...) != "":
			return fmt.Errorf("%q cannot be a keyword for both: opting out and opting in", w)
		}
	}
	return nil
}

// consent adds to c what the incoming text in says of the wish to be sent messages,
// if it says anything and that changes something. in is the last of c.Inbound.
func (g *Gateway) consent(c *Change, in *Inbound) {
	if g.OptOut == nil || in.Type != InboundSMS {
		return
	}
	stop := keyword(in.Text, append(slices.Clone(stopWords), g.OptOut.Stop...)...)
	start := ""
	if stop == "" {
		start = keyword(in.Text, append(slices.Clone(startWords), g.OptOut.Start...)...)
	}
	if stop == "" && start == "" {
		return
	}
	if affinityKey(in.From) == "" {
		return // nobody who could be sent to
	}
	number, err := dialAnyway(in.From, g.Region)
	if err != nil {
		return
	}
	known, out, err := g.optedOut(number)
	if err != nil {
		g.log.Error().Err(err).Msg("cannot read who opted out")
	}
	what := Consent{Number: number, Text: in.Text, Keyword: stop + start, SIM: in.SIM, Modem: in.Modem, At: in.ReceivedAt}
	switch {
	case stop != "" && !out:
		c.OptOuts = append(c.OptOuts, OptOut{Number: number, Since: in.ArrivedAt, Keyword: stop})
		g.emit(c, "", in.ArrivedAt, OptedOut{what})
		g.log.Info().Msg("somebody opted out of messages")
	case start != "" && out:
		c.DropOptOuts = append(c.DropOptOuts, known.Number)
		g.emit(c, "", in.ArrivedAt, OptedIn{what})
		g.log.Info().Msg("somebody who had opted out wants messages again")
	default:
		return
	}
	c.Emissions[len(c.Emissions)-1].Inbound = len(c.Inbound)
}

// optedOut reports whether a number, as it is dialled, opted out. Of two numbers of
// which one lacks the country code, the last digits count.
func (g *Gateway) optedOut(number string) (o OptOut, out bool, err error) {
	key := affinityKey(number)
	if key == "" {
		return o, false, nil
	}
	os, err := g.store.OptOutsOf(key)
	if err != nil {
		return o, false, fmt.Errorf("look up opt-out: %w", err)
	}
	for _, o := range os {
		whole := strings.HasPrefix(o.Number, "+") && strings.HasPrefix(number, "+")
		if o.Number == number || !whole && sameNumber(o.Number, number) {
			return o, true, nil
		}
	}
	return o, false, nil
}

// refuseOptedOut returns an [Invalid] error if the address of phoneNumbers[i] opted
// out.
func (g *Gateway) refuseOptedOut(i int, number, address string) error {
	if g.OptOut == nil {
		return nil
	}
	o, out, err := g.optedOut(address)
	if err != nil || !out {
		return err
	}
	how := "its owner asked for it"
	if o.Keyword != "" {
		how = "it sent " + o.Keyword
	}
	return BadField(fmt.Sprintf("phoneNumbers[%d]", i), "phoneNumbers[%d] %q opted out of messages on %s (%s): it can be sent to again when START comes from it, or after DELETE /opt-outs/%s",
		i, number, o.Since.Format(time.DateOnly), how, o.Number)
}

// stopped reports whether an address opted out while a message to it waited.
func (g *Gateway) stopped(address string) bool {
	if g.OptOut == nil {
		return false
	}
	_, out, err := g.optedOut(address)
	if err != nil {
		g.log.Error().Err(err).Msg("cannot read who opted out")
	}
	return out
}

// OptOuts returns a page of those who opted out, in the order of the ends of their
// numbers, and how many there are.
func (g *Gateway) OptOuts(limit, offset int) ([]OptOut, int, error) {
	return g.store.OptOuts(limit, offset)
}

// AddOptOut enters a number by the wish of its owner, and reports whether it is new.
// One that opted out already stays as it is. It returns an [Invalid] error if number
// cannot be dialled, or opting out is not switched on.
func (g *Gateway) AddOptOut(ctx context.Context, number string) (o OptOut, added bool, err error) {
	if g.OptOut == nil {
		return o, false, Invalidf("opting out is off: set optout.enabled in the configuration")
	}
	address, err := g.dial(number, false)
	if err == nil && affinityKey(address) == "" {
		err = errors.New("it is no telephone number")
	}
	if err != nil {
		return o, false, Invalidf("phoneNumber %q cannot opt out: %v", number, err)
	}
	g.saving.Lock()
	defer g.saving.Unlock()
	o, out, err := g.optedOut(address)
	if err != nil || out {
		return o, false, err
	}
	if _, n, err := g.store.OptOuts(0, 0); err != nil {
		return o, false, err
	} else if n >= maxOptOuts {
		return o, false, Invalidf("%d numbers opted out already, the most that can be entered", n)
	}
	o = OptOut{Number: address, Since: g.now()}
	c := Change{OptOuts: []OptOut{o}}
	g.emit(&c, "", o.Since, OptedOut{Consent{Number: address, At: o.Since}})
	if err := g.commit(ctx, c); err != nil {
		return o, false, fmt.Errorf("store opt-out: %w", err)
	}
	return o, true, nil
}

// DropOptOut takes a number off the list, so that it can be sent to again. It returns
// a [NotFound] error if it is not on it.
func (g *Gateway) DropOptOut(ctx context.Context, number string) error {
	address, err := g.dial(number, false)
	if err != nil {
		return Invalidf("phone number %q cannot be read: %v", number, err)
	}
	g.saving.Lock()
	defer g.saving.Unlock()
	o, out, err := g.optedOut(address)
	switch {
	case err != nil:
		return err
	case !out:
		return &Error{Code: NotFound, Message: fmt.Sprintf("%s did not opt out; GET /opt-outs lists who did", address), Err: ErrNotFound}
	}
	c := Change{DropOptOuts: []string{o.Number}}
	now := g.now()
	g.emit(&c, "", now, OptedIn{Consent{Number: o.Number, At: now}})
	if err := g.commit(ctx, c); err != nil {
		return fmt.Errorf("delete opt-out: %w", err)
	}
	return nil
}
