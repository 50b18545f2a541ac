package store

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tetherd/gateway"
)

// A model holds messages the simple way: it looks at all of them each time.
type model struct {
	msgs []gateway.Message // by Seq
}

type recipientVisitor func(m *gateway.Message, i int, r *gateway.Recipient)

func (o *model) each(visit recipientVisitor) {
	for k := range o.msgs {
		for i := range o.msgs[k].Recipients {
			visit(&o.msgs[k], i, &o.msgs[k].Recipients[i])
		}
	}
}

func (o *model) nextQueued(lanes []gateway.Lane, query gateway.QueueQuery) (ref gateway.RecipientRef, ok bool, next gateway.Tick) {
	var best queued
	o.each(func(m *gateway.Message, i int, r *gateway.Recipient) {
		q := queued{m.Priority, r.Due, gateway.RecipientRef{Seq: m.Seq, Idx: i}}
		switch {
		case r.Phase != gateway.Queued || !slices.Contains(lanes, m.Lane(i)) || m.Priority < query.Least:
		case r.Due > query.Now:
			if next == 0 || r.Due < next {
				next = r.Due
			}
		case !query.Skip(gateway.QueueRow{QueuePlace: q.place()}).Over && (!ok || q.before(&best, query.Newest)):
			best, ok = q, true
		}
	})
	if ok {
		return best.ref, true, 0
	}
	return ref, false, next
}

func (o *model) parts(want func(m *gateway.Message, r *gateway.Recipient, p *gateway.Part) bool) (refs []gateway.PartRef) {
	o.each(func(m *gateway.Message, i int, r *gateway.Recipient) {
		for j := range r.Parts {
			if want(m, r, &r.Parts[j]) {
				refs = append(refs, gateway.PartRef{RecipientRef: gateway.RecipientRef{Seq: m.Seq, Idx: i}, Part: j})
			}
		}
	})
	slices.Reverse(refs)
	return refs
}

func (o *model) active() (refs []gateway.RecipientRef) {
	o.each(func(m *gateway.Message, i int, r *gateway.Recipient) {
		if r.Phase == gateway.Active {
			refs = append(refs, gateway.RecipientRef{Seq: m.Seq, Idx: i})
		}
	})
	return refs
}

func (o *model) list(q gateway.MessageQuery) (ms []gateway.Message, total int) {
	for _, m := range o.msgs {
		if (q.State == "" || m.State() == q.State) && (q.From.IsZero() || !m.CreatedAt.Before(q.From)) &&
			(q.To.IsZero() || !m.CreatedAt.After(q.To)) {
			ms = append(ms, m)
		}
	}
	slices.SortFunc(ms, func(a, b gateway.Message) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.Seq, a.Seq))
	})
	if q.Oldest {
		slices.Reverse(ms)
	}
	total = len(ms)
	ms = ms[min(q.Offset, total):]
	return ms[:min(q.Limit, len(ms))], total
}

func near() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		return date.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "units")) * 400 * time.Microsecond)
	})
}

func anyRecipient() *rapid.Generator[gateway.Recipient] {
	return rapid.Custom(func(t *rapid.T) gateway.Recipient {
		r := gateway.Recipient{
			Number: "+4915112345678", Address: "+4915112345678",
			State:  rapid.SampledFrom(gateway.States).Draw(t, "state"),
			Phase:  gateway.Phase(rapid.IntRange(0, int(gateway.Finished)).Draw(t, "phase")),
			Due:    gateway.Tick(rapid.IntRange(0, 5).Draw(t, "due")),
			Pin:    rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "pin"),
			Rule:   rapid.SampledFrom([]string{"", "", "+4"}).Draw(t, "rule"),
			Prefer: rapid.SampledFrom([]string{"", "a"}).Draw(t, "prefer"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "parts") {
			r.Parts = append(r.Parts, gateway.Part{
				Fate:   gateway.Fate(rapid.IntRange(0, int(gateway.Accepted)).Draw(t, "fate")),
				MR:     rapid.SampledFrom([]int{-1, 0, 7, 255}).Draw(t, "mr"),
				SIMID:  rapid.SampledFrom([]string{"", "8949", "89490"}).Draw(t, "sim"),
				Report: gateway.Confirmation(rapid.IntRange(0, int(gateway.Refused)).Draw(t, "report")),
			})
		}
		return r
	})
}

// fill gives m new fields, all but those that identify it.
func fill(t *rapid.T, m *gateway.Message) {
	most := rapid.SampledFrom([]int{1, 3, chunk + 2}).Draw(t, "most recipients")
	m.Recipients = rapid.SliceOfN(anyRecipient(), 0, most).Draw(t, "recipients")
	m.SIM = rapid.IntRange(0, 2).Draw(t, "slot")
	m.Priority = rapid.SampledFrom([]int8{-128, -1, 0, 0, 1, 127}).Draw(t, "priority")
	m.DeliveryReport = rapid.Bool().Draw(t, "report")
	m.CreatedAt = near().Draw(t, "created")
	m.ScheduleAt, m.ValidUntil = time.Time{}, time.Time{}
	if rapid.Bool().Draw(t, "scheduled") {
		m.ScheduleAt = near().Draw(t, "schedule")
	}
	if rapid.Bool().Draw(t, "valid") {
		m.ValidUntil = near().Draw(t, "until")
	}
	m.Expires = gateway.Tick(rapid.IntRange(0, 4).Draw(t, "expires"))
}

func TestStoreAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		db := openAt(rt, tempFile(t), newClock())
		var o model
		rt.Repeat(map[string]func(*rapid.T){
			"insert": func(rt *rapid.T) {
				m := gateway.Message{ID: fmt.Sprint("m", len(o.msgs))}
				fill(rt, &m)
				o.msgs = append(o.msgs, put(rt, db, m))
			},
			"replace": func(rt *rapid.T) {
				if len(o.msgs) == 0 {
					rt.Skip("there is none")
				}
				k := rapid.IntRange(0, len(o.msgs)-1).Draw(rt, "message")
				m := o.msgs[k]
				fill(rt, &m)
				o.msgs[k] = put(rt, db, m)
			},
			"": func(rt *rapid.T) { o.compare(rt, db) },
		})
	})
}

func (o *model) compare(t *rapid.T, db *DB) {
	now := gateway.Tick(rapid.IntRange(0, 6).Draw(t, "now"))
	lanes := rapid.SliceOfN(rapid.SampledFrom([]gateway.Lane{
		{}, {SIM: 1}, {SIM: 2}, {Pin: "a"}, {Rule: "+4"}, {Rule: "+4", Prefer: "a"}, {Prefer: "a"},
	}), 0, 4).Draw(t, "lanes")
	mod := rapid.Uint64Range(1, 4).Draw(t, "skip every")
	skip := func(r gateway.QueueRow) gateway.Passing {
		return gateway.Passing{Over: mod > 1 && (r.Seq+uint64(r.Idx))%mod == 0}
	}

	query := gateway.QueueQuery{
		Serves: serving(lanes...), Now: now, Skip: skip,
		Least:  rapid.SampledFrom([]int8{-128, -128, 0, 1, 100}).Draw(t, "least"),
		Newest: rapid.Bool().Draw(t, "newest"),
	}
	ref, ok, next, err := db.NextQueued(query)
	if err != nil {
		t.Fatal(err)
	}
	wantRef, wantOK, wantNext := o.nextQueued(lanes, query)
	diff(t, "next queued", []any{wantRef, wantOK, wantNext}, []any{ref, ok, next})

	o.compareLengths(t, db)

	active, err := db.ActiveRecipients()
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "active", o.active(), active)

	simID := rapid.SampledFrom([]string{"", "8949", "89490"}).Draw(t, "sim")
	mr := rapid.SampledFrom([]int{-1, 0, 7, 255, 256}).Draw(t, "mr")
	sent, err := db.SentParts(simID, mr)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "sent parts", o.parts(func(m *gateway.Message, r *gateway.Recipient, p *gateway.Part) bool {
		return m.DeliveryReport && !r.State.Final() && p.Fate == gateway.Accepted && p.SIMID == simID &&
			p.MR == mr && mr >= 0 && p.Report == gateway.Unconfirmed
	}), sent)

	unknown, err := db.UnknownParts(simID)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "unknown parts", o.parts(func(m *gateway.Message, r *gateway.Recipient, p *gateway.Part) bool {
		lost := r.Lost != nil && r.Lost.SIMID == simID && p == &r.Parts[r.Lost.Part]
		nameless := m.DeliveryReport && !r.State.Final() && p.Fate == gateway.Accepted && p.MR < 0 && p.Report == gateway.Unconfirmed
		return lost || (nameless || p.Fate == gateway.Unknown) && p.SIMID == simID
	}), unknown)

	o.compareTimers(t, db, now)
	o.compareLists(t, db)
}

func (o *model) compareLengths(t *rapid.T, db *DB) {
	lengths, held, err := db.QueueLengths()
	if err != nil {
		t.Fatal(err)
	}
	wantLengths, holding := make(map[gateway.Lane]int), make(map[uint64]bool)
	o.each(func(m *gateway.Message, i int, r *gateway.Recipient) {
		switch r.Phase {
		case gateway.Queued:
			wantLengths[m.Lane(i)]++
		case gateway.Held:
			holding[m.Seq] = true
		}
	})
	diff(t, "queue lengths", wantLengths, lengths)
	diff(t, "held", len(holding), held)
}

func (o *model) compareLists(t *rapid.T, db *DB) {
	q := gateway.MessageQuery{
		State:  rapid.SampledFrom(append([]gateway.State{"", "Lost"}, gateway.States...)).Draw(t, "state"),
		Limit:  rapid.IntRange(0, 4).Draw(t, "limit"),
		Offset: rapid.IntRange(0, 3).Draw(t, "offset"),
		Oldest: rapid.Bool().Draw(t, "oldest first"),
	}
	if rapid.Bool().Draw(t, "has from") {
		q.From = near().Draw(t, "from")
	}
	if rapid.Bool().Draw(t, "has to") {
		q.To = near().Draw(t, "to")
	}
	got, total, err := db.Messages(q)
	if err != nil {
		t.Fatal(err)
	}
	want, wantTotal := o.list(q)
	diff(t, "messages", want, got)
	diff(t, "total", wantTotal, total)

	counts, err := db.CountMessages()
	if err != nil {
		t.Fatal(err)
	}
	wantCounts := make(map[gateway.State]int)
	for i := range o.msgs {
		wantCounts[o.msgs[i].State()]++
	}
	diff(t, "counts", wantCounts, counts)
}
