package emulator

import (
	"slices"
	"time"
)

// States of a stored message as +CMGL lists them in PDU mode (3GPP 27.005 §3.1).
const (
	statUnread = iota
	statRead
	statUnsent
	statSent
	statAll
)

// StoredRecord is one message in a storage of a modem.
type StoredRecord struct {
	Mem   string
	Index int
	Stat  int    // 0 unread, 1 read, 2 stored unsent, 3 stored sent
	TPDU  []byte // without the service centre field
	SMSC  string
	At    time.Time // when it was stored
}

// slot is a StoredRecord with its entry in the network's account, nil for the host's own.
type slot struct {
	StoredRecord
	rec *InboundRecord
}

// store is one message storage. It survives a power cycle.
type store struct {
	name     string
	base     int
	capacity int
	slots    map[int]*slot // by index
}

func newStore(name string, base, capacity int) *store {
	return &store{name: name, base: base, capacity: max(capacity, 0), slots: map[int]*slot{}}
}

// put files a record under the lowest free index. It returns nil if there is none.
func (s *store) put(r StoredRecord, rec *InboundRecord) *slot {
	for i := s.base; i < s.base+s.capacity; i++ {
		if s.slots[i] == nil {
			r.Mem, r.Index, r.At = s.name, i, time.Now()
			sl := &slot{StoredRecord: r, rec: rec}
			s.slots[i] = sl
			return sl
		}
	}
	return nil
}

// place is an index of a storage as the host sees it. MT is not a storage but the view of
// ME followed by SM (3GPP 27.005 §3.2.2), so a place may lie in another store.
type place struct {
	store *store
	index int // in store
	shown int // in the storage the host named
}

// view returns the stores behind a storage name.
func (m *Modem) view(mem string) []*store {
	if mem == "MT" {
		return []*store{m.stores["ME"], m.stores["SM"]}
	}
	if s := m.stores[mem]; s != nil {
		return []*store{s}
	}
	return nil
}

// locate finds the place an index of a storage means.
func (m *Modem) locate(mem string, index int) (place, bool) {
	offset := index - m.profile.indexBase(mem)
	for _, s := range m.view(mem) {
		if offset >= 0 && offset < s.capacity {
			return place{store: s, index: s.base + offset, shown: index}, true
		}
		offset -= s.capacity
	}
	return place{}, false
}

// places lists the used places of a storage in the order of their indices.
func (m *Modem) places(mem string) []place {
	var out []place
	offset := m.profile.indexBase(mem)
	for _, s := range m.view(mem) {
		for i := range s.slots {
			out = append(out, place{store: s, index: i, shown: i - s.base + offset})
		}
		offset += s.capacity
	}
	slices.SortFunc(out, func(a, b place) int { return a.shown - b.shown })
	return out
}

// usage counts used and total places of a storage.
func (m *Modem) usage(mem string) (used, total int) {
	for _, s := range m.view(mem) {
		used += len(s.slots)
		total += s.capacity
	}
	return used, total
}

// keep stores a record in the first of the stores behind mem that has room. It returns nil
// if none has.
func (m *Modem) keep(mem string, r StoredRecord, rec *InboundRecord) *slot {
	for _, s := range m.view(mem) {
		if sl := s.put(r, rec); sl != nil {
			return sl
		}
	}
	return nil
}

// shown is the index of a slot in the storage the host named.
func (m *Modem) shown(mem string, sl *slot) int {
	if mem == sl.Mem {
		return sl.Index
	}
	offset := m.profile.indexBase(mem)
	for _, s := range m.view(mem) {
		if s.name == sl.Mem {
			return sl.Index - s.base + offset
		}
		offset += s.capacity
	}
	return sl.Index
}

func (p place) slot() *slot { return p.store.slots[p.index] }

// Stored returns the messages in all storages of the modem, by storage and index.
func (m *Modem) Stored() []StoredRecord {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []StoredRecord
	for _, name := range []string{"SM", "ME", "SR"} {
		for _, p := range m.places(name) {
			r := p.slot().StoredRecord
			r.TPDU = slices.Clone(r.TPDU)
			out = append(out, r)
		}
	}
	return out
}
