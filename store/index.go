package store

import (
	"math"
	"slices"

	"tetherd/gateway"
)

// The indexes of messages. The first byte of an index row, as [keysOf] returns
// it, says in which bucket it stands.
const (
	idxList    = 'l'
	idxOut     = 'o'
	idxTimer   = 't'
	idxActive  = 'a'
	idxMR      = 'm'
	idxUnknown = 'u'
)

func indexBucket(b byte) string {
	switch b {
	case idxList:
		return bktList
	case idxOut:
		return bktOut
	case idxTimer:
		return bktTimer
	case idxActive:
		return bktActive
	case idxMR:
		return bktMR
	}
	return bktUnknown
}

// maxLane is the largest slot a key can hold.
const maxLane = math.MaxUint32

// anyCode stands for all states, or all types, in the first byte of a list.
const anyCode = 0

// stateCode is how a state is written in keys, 0 if there is no such state. The
// codes are for ever.
func stateCode(s gateway.State) byte {
	switch s {
	case gateway.Pending:
		return 1
	case gateway.Cancelled:
		return 2
	case gateway.Processed:
		return 3
	case gateway.Sent:
		return 4
	case gateway.Delivered:
		return 5
	case gateway.Failed:
		return 6
	}
	return 0
}

// keysOf returns the index rows that m calls for, sorted, each once. They follow
// from m alone.
func keysOf(m *gateway.Message) []string {
	var keys []string
	add := func(index byte, key ...[]byte) {
		keys = append(keys, string(slices.Concat(append([][]byte{{index}}, key...)...)))
	}
	created := appendU64(appendTime(nil, m.CreatedAt), m.Seq)
	add(idxList, []byte{anyCode}, created)
	add(idxList, []byte{stateCode(m.State())}, created)

	var held, waiting bool
	for i := range m.Recipients {
		r := &m.Recipients[i]
		ref := appendRef(nil, gateway.RecipientRef{Seq: m.Seq, Idx: i})
		switch r.Phase {
		case gateway.Held:
			held, waiting = true, true
		case gateway.Queued:
			waiting = true
			add(idxOut, lanePrefix(m.Lane(i)), appendTick(appendPriority(nil, m.Priority), r.Due), ref)
		case gateway.Active:
			add(idxActive, ref)
		case gateway.Grace:
			add(idxTimer, timerKey(gateway.TimerGrace, int64(r.Due)), ref)
		}
		for j, p := range r.Parts {
			part := appendU32(nil, uint32(j))
			if m.DeliveryReport && awaitsReport(r, &p) && p.MR >= 0 {
				add(idxMR, mrPrefix(p.SIMID, p.MR), ref, part)
			}
			if p.Fate == gateway.Unknown || m.DeliveryReport && awaitsReport(r, &p) && p.MR < 0 {
				add(idxUnknown, appendStr(nil, p.SIMID), ref, part)
			}
		}
		if c := r.Lost; c != nil { // the row may be that of the part itself
			add(idxUnknown, appendStr(nil, c.SIMID), ref, appendU32(nil, uint32(c.Part)))
		}
	}

	whole := appendRef(nil, gateway.RecipientRef{Seq: m.Seq})
	if held {
		add(idxTimer, timerKey(gateway.TimerSchedule, wallMs(m.ScheduleAt)), whole)
	}
	if waiting && !m.ValidUntil.IsZero() {
		add(idxTimer, timerKey(gateway.TimerValidUntil, wallMs(m.ValidUntil)), whole)
	}
	if waiting && m.Expires != 0 {
		add(idxTimer, timerKey(gateway.TimerExpires, int64(m.Expires)), whole)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// awaitsReport reports whether a delivery report for the part would be used.
func awaitsReport(r *gateway.Recipient, p *gateway.Part) bool {
	return p.Fate == gateway.Accepted && p.MR <= math.MaxUint8 &&
		p.Report == gateway.Unconfirmed && !r.State.Final()
}

func appendRef(b []byte, ref gateway.RecipientRef) []byte {
	return appendU32(appendU64(b, ref.Seq), uint32(ref.Idx))
}

// lanePrefix delimits a lane, so that no lane's rows lie among those of another.
func lanePrefix(l gateway.Lane) []byte {
	return appendStr(appendStr(appendStr(u32Key(uint32(l.SIM)), l.Pin), l.Rule), l.Prefer)
}

func timerKey(k gateway.TimerKind, due int64) []byte { return appendI64([]byte{byte(k)}, due) }

func mrPrefix(simID string, mr int) []byte { return append(appendStr(nil, simID), byte(mr)) }

// reindex replaces the index rows before by those after, both sorted. Rows in
// both are not touched.
func (t *txn) reindex(before, after []string) error {
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0] < after[0]:
			k := before[0]
			if err := t.delete(indexBucket(k[0]), []byte(k[1:])); err != nil {
				return err
			}
			t.tally(k, -1)
			before = before[1:]
		case len(before) == 0 || after[0] < before[0]:
			k := after[0]
			if err := t.put(indexBucket(k[0]), []byte(k[1:]), nil); err != nil {
				return err
			}
			t.tally(k, 1)
			after = after[1:]
		default:
			before, after = before[1:], after[1:]
		}
	}
	return nil
}

// tally counts an index row that was added or taken away, if it is of a kind that
// is counted.
func (t *txn) tally(row string, n int64) {
	if key := tallyKey(row); key != nil {
		t.count(key, n)
	}
}

// tallyKey returns the counter that counts an index row, nil for none.
func tallyKey(row string) []byte {
	switch {
	case row[0] == idxOut:
		r := reader{b: []byte(row[1:])}
		r.lane()
		return laneCounter([]byte(row[1 : len(row)-len(r.b)]))
	case row[0] == idxTimer && row[1] == byte(gateway.TimerSchedule):
		return []byte{countHeld}
	}
	return nil
}
