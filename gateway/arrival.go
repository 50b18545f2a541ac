package gateway

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"

	"tetherd/gateway/sms"
	"tetherd/gateway/wap"
)

// arrival is an incoming message in its parts.
type arrival struct {
	parts    []Fragment // at least one; in order once it is taken
	missing  int        // parts that never came
	replaces *Inbound   // the message it was passed on as before, with fewer parts
}

// join adds to a the parts of the message that a's are late parts of: one that
// was passed on incomplete. duplicate is set if it has them already.
func (g *Gateway) join(a *arrival) (duplicate bool) {
	first := &a.parts[0]
	old := g.lookUp(groupKey(first))
	if old == nil || old.ReplacedBy != 0 {
		return false
	}
	joined := slices.Clone(old.Parts)
	known := 0
	for _, p := range a.parts {
		if !near(p.SCTS, old.SCTS) {
			return false // the reference is used again
		}
		i := slices.IndexFunc(joined, func(h Fragment) bool { return h.Concat.Part == p.Concat.Part })
		switch {
		case i < 0:
			joined = append(joined, p)
		case sameBody(joined[i].Body, p.Body):
			known++
		default:
			return false
		}
	}
	if known == len(a.parts) {
		return true
	}
	a.parts, a.missing, a.replaces = joined, first.Concat.Total-len(joined), old
	return false
}

// groupKey is the key by which the rest of a message finds what was passed on of
// it. f.Concat must not be nil.
func groupKey(f *Fragment) InboundKey {
	g := f.Group()
	return inboundKey("group", g.SIMID, g)
}

// partsApart is how far the time stamps of the parts of one message may differ:
// the sender hands them over one after the other, however late they come.
const partsApart = 24 * time.Hour

func near(a, b time.Time) bool {
	return a.IsZero() || b.IsZero() || a.Sub(b).Abs() <= partsApart
}

// lookUp returns the newest message with the given key, nil if there is none. One
// that cannot be read is as good as none: it must not hold up what comes in.
func (g *Gateway) lookUp(k InboundKey) *Inbound {
	in, err := g.store.InboundByKey(k)
	switch {
	case err == nil:
		return &in
	case !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrDamaged):
		g.log.Error().Err(err).Msg("cannot read an earlier incoming message, doing without it")
	}
	return nil
}

// take adds the message that a makes up to c, with its event.
func (g *Gateway) take(c *Change, a arrival) {
	slices.SortFunc(a.parts, func(x, y Fragment) int { return x.part() - y.part() })
	first := &a.parts[0]
	in := Inbound{
		Type: InboundSMS, From: first.From, To: first.Own, Modem: first.Modem, SIM: first.SIM,
		SCTS: first.SCTS, ArrivedAt: g.now(), Missing: a.missing, Ports: first.Ports, Flash: first.Class == 0,
	}
	in.ReceivedAt = g.receivedAt(first.SCTS, in.ArrivedAt)
	for i := range a.parts {
		p := &a.parts[i]
		in.TPDUs = append(in.TPDUs, p.TPDU)
		in.Notes = append(in.Notes, p.Notes...)
		for _, w := range p.Waiting {
			in.await(w)
		}
	}
	in.content(a.parts)
	in.Silent = first.PID == pidSilent || in.Type == InboundSMS && in.indicates() && strings.TrimSpace(in.Text) == ""
	g.relate(&in, a)
	if first.Undecoded {
		g.log.Warn().Str("modem", in.Modem).Msg("incoming PDU could not be decoded, kept as data")
	}
	g.takeCanary(c, &in)
	c.Inbound = append(c.Inbound, in)
	if in.Silent || in.Canary != "" && !g.tellsCanaries() {
		return
	}
	g.emitTo(c, "", &happening{at: in.ArrivedAt, payload: in.payload(first.Undecoded), canary: in.Canary != ""}, nil)
	c.Emissions[len(c.Emissions)-1].Inbound = len(c.Inbound)
	if in.Canary == "" {
		g.consent(c, &in)
	}
}

// Protocol identifiers (3GPP 23.040 §9.2.3.9): a message that is acknowledged and
// not shown, and those that take the place of one with the same sender and
// identifier.
const (
	pidSilent       = 0x40
	pidFirstReplace = 0x41
	pidLastReplace  = 0x47
)

// indicates reports whether in is an indication that may be discarded once it was
// shown.
func (in *Inbound) indicates() bool {
	return slices.ContainsFunc(in.Waiting, func(w Waiting) bool { return !w.Store })
}

// await adds an indication to in. One of the same kind is the same, said once by
// the coding scheme and once, with the count, by a header.
func (in *Inbound) await(w Waiting) {
	i := slices.IndexFunc(in.Waiting, func(have Waiting) bool { return have.Kind == w.Kind })
	if i < 0 {
		in.Waiting = append(in.Waiting, w)
		return
	}
	have := &in.Waiting[i]
	have.Store = have.Store || w.Store
	if w.Count >= 0 {
		have.Count, have.Active = w.Count, w.Active
	}
}

// content finds out what the parts say.
func (in *Inbound) content(parts []Fragment) {
	bodies := make([]sms.Body, 0, len(parts))
	data := true
	for i := range parts {
		bodies = append(bodies, parts[i].Body)
		data = data && parts[i].Body.Alphabet == sms.Data8
	}
	switch {
	case parts[0].Undecoded:
		in.Type, in.Data = InboundData, parts[0].TPDU
		in.Notes = append(in.Notes, "the PDU could not be decoded and is kept as it came")
	case !data && in.Ports == nil:
		in.Text = sms.Join(bodies)
	default:
		in.Type, in.Data = InboundData, octets(bodies)
		if in.Ports != nil && in.Ports.Dst == wap.Port {
			in.push()
		}
	}
}

// octets returns what the bodies carry: data as it is, 16-bit text in big-endian
// order, 7-bit text as UTF-8.
func octets(bodies []sms.Body) []byte {
	var data []byte
	for _, b := range bodies {
		data = append(data, b.Data...)
		data = append(data, b.Text...)
		for _, u := range b.UTF16 {
			data = binary.BigEndian.AppendUint16(data, u)
		}
	}
	return data
}

// push reads what a service centre pushed. Unless it is the notification of a
// multimedia message, it stays data.
func (in *Inbound) push() {
	p, err := wap.DecodePush(in.Data)
	if err != nil {
		in.Notes = append(in.Notes, err.Error())
		return
	}
	n, err := wap.DecodeNotification(p.Body)
	if p.ContentType != wap.MMS || err != nil {
		in.Notes = append(in.Notes, "push of "+p.ContentType)
		return
	}
	in.Notes = append(in.Notes, n.Defects...)
	in.MMS = &MMS{
		TransactionID: n.TransactionID, Subject: n.Subject, Size: n.Size, ContentClass: n.ContentClass,
		Location: n.Location, Expires: n.Expires, Pusher: in.From,
	}
	if n.ExpiresIn > 0 {
		in.MMS.Expires = in.ReceivedAt.Add(n.ExpiresIn)
	}
	in.Type, in.From, in.Text = InboundMMS, n.From, n.Subject
}

// twinAge is for how long a message with the content of an earlier one may be
// the same, sent again by the service centre. A longer time would mark what people
// do say every few days.
const twinAge = 48 * time.Hour

// relate finds the messages that in replaces and repeats, and gives it the keys
// by which later ones find it.
func (g *Gateway) relate(in *Inbound, a arrival) {
	first := &a.parts[0]
	if first.Undecoded {
		return
	}
	if first.PID >= pidFirstReplace && first.PID <= pidLastReplace {
		key := inboundKey("replace", first.SIMID, []any{first.From, first.PID})
		if old := g.lookUp(key); old != nil {
			in.Replaces = old.Seq
		}
		in.Keys = append(in.Keys, key)
	}
	if a.replaces != nil {
		in.Replaces, in.Completes = a.replaces.Seq, true
	}
	if in.Missing > 0 {
		in.Parts, in.Keys = a.parts, append(in.Keys, groupKey(first))
		return
	}
	key := inboundKey("twin", first.SIMID, likeness(a.parts))
	if twin := g.lookUp(key); twin != nil && in.ArrivedAt.Sub(twin.ArrivedAt).Abs() <= twinAge {
		in.DuplicateOf = twin.Seq
	}
	in.Keys = append(in.Keys, key)
}

// likeness returns what is equal in the parts of a message and in those of its
// copy with another time stamp.
func likeness(parts []Fragment) []Fragment {
	out := make([]Fragment, len(parts))
	for i, p := range parts {
		out[i] = Fragment{
			From: p.From, TOA: p.TOA, Concat: p.Concat, Ports: p.Ports, Body: p.Body,
			Class: p.Class, PID: p.PID, DCS: p.DCS, Waiting: p.Waiting,
		}
	}
	return out
}

// payload returns what the event of in says.
func (in *Inbound) payload(undecoded bool) Payload {
	marks := Marks{
		Missing: in.Missing, Flash: in.Flash, Replaces: InboundID(in.Replaces), Completes: in.Completes,
		ProbableDuplicate: in.DuplicateOf != 0,
	}
	switch in.Type {
	case InboundData:
		return DataReceived{
			Sender: in.From, Recipient: in.To, SIM: in.SIM, Modem: in.Modem, Data: in.Data, Ports: in.Ports,
			Undecoded: undecoded, ReceivedAt: in.ReceivedAt, Marks: marks,
		}
	case InboundMMS:
		return MMSReceived{
			Sender: in.From, Recipient: in.To, SIM: in.SIM, Modem: in.Modem,
			TransactionID: in.MMS.TransactionID, Subject: in.MMS.Subject, Size: in.MMS.Size,
			ContentClass: in.MMS.ContentClass, ReceivedAt: in.ReceivedAt, Marks: marks,
		}
	}
	return MessageReceived{
		Sender: in.From, Recipient: in.To, SIM: in.SIM, Modem: in.Modem,
		Text: in.Text, ReceivedAt: in.ReceivedAt, Marks: marks,
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
