package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

// schema is the version of the layout. A store with a greater one is refused.
const schema = 2

// The buckets; see the package documentation.
const (
	bktMeta     = "meta"
	bktSettings = "settings"
	bktCounters = "counters"
	bktMessage  = "msg"
	bktRcpt     = "rcpt"
	bktMsgID    = "msgid"
	bktList     = "list"
	bktOut      = "out"
	bktTimer    = "timer"
	bktActive   = "active"
	bktMR       = "mr"
	bktUnknown  = "unknown"
	bktInbox    = "inbox"
	bktInList   = "inlist"
	bktInKey    = "inkey"
	bktFragment = "frag"
	bktStale    = "stale"
	bktSeen     = "seen"
	bktSeenAge  = "seenage"
	bktParked   = "parked"
	bktParkSIM  = "parksim"
	bktPIN      = "pin"
	bktWebhook  = "webhooks"
	bktEPNum    = "epnum"
	bktReap     = "reap"
	bktForward  = "forwards"
	bktOptOut   = "optout"
	bktEvent    = "evt"
	bktDelivery = "dlv"
	bktDue      = "due"
	bktDead     = "dead"
	bktAttempt  = "att"
	bktEPState  = "epstate"
	bktLog      = "log"
	bktCharge   = "charge"

	bktToken    = "token"
	bktTokenAge = "tokenage"
	bktOnce     = "once"
	bktOnceAge  = "onceage"

	bktConversation    = "conv"
	bktConversationAge = "convage"
)

var buckets = []string{
	bktMeta, bktSettings, bktCounters,
	bktMessage, bktRcpt, bktMsgID, bktList, bktOut, bktTimer, bktActive, bktMR, bktUnknown,
	bktInbox, bktInList, bktInKey, bktFragment, bktStale, bktSeen, bktSeenAge, bktParked, bktParkSIM, bktPIN,
	bktWebhook, bktEPNum, bktReap, bktForward, bktOptOut, bktEvent, bktDelivery, bktDue, bktDead, bktAttempt, bktEPState, bktLog, bktCharge,
	bktToken, bktTokenAge, bktOnce, bktOnceAge, bktConversation, bktConversationAge,
}

// The keys of the bucket meta.
const (
	metaSchema   = "schema"
	metaTimeline = "timeline"
	metaClean    = "clean" // present while the store is closed after a clean stop
)

// header is what a file says of itself before anything is written to it.
type header struct {
	saved  gateway.ClockSnapshot
	fresh  bool   // nothing in it yet
	layout uint32 // version of it; 0 if fresh
	clean  bool   // closed in order
}

var errForeign = errors.New("the file holds a database of another program")

// refuse returns an error if this version cannot keep the file.
func refuse(tx *bolt.Tx) error {
	_, err := readHeader(tx)
	return err
}

// readHeader reads the header and refuses files this version cannot keep.
func readHeader(tx *bolt.Tx) (h header, err error) {
	meta := tx.Bucket([]byte(bktMeta))
	if meta == nil {
		if k, _ := tx.Cursor().First(); k != nil {
			return h, errForeign
		}
		return header{fresh: true}, nil
	}
	v := meta.Get([]byte(metaSchema))
	if len(v) != 4 {
		return h, errForeign
	}
	if h.layout = binary.BigEndian.Uint32(v); h.layout > schema {
		return h, fmt.Errorf("it was written by a newer tetherd (layout %d, this one knows up to %d): "+
			"install that version again, or restore a backup made before the upgrade", h.layout, schema)
	}
	h.clean = meta.Get([]byte(metaClean)) != nil
	if v := meta.Get([]byte(metaTimeline)); v != nil {
		if err := json.Unmarshal(v, &h.saved); err != nil {
			return h, fmt.Errorf("decode timeline: %w", err)
		}
	}
	return h, nil
}

// begin makes the buckets and marks the store as open.
func begin(tx *bolt.Tx, clock *gateway.Timeline) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return fmt.Errorf("create bucket %s: %w", name, err)
		}
	}
	if err := adoptTalk(tx); err != nil {
		return err
	}
	meta := tx.Bucket([]byte(bktMeta))
	if err := meta.Put([]byte(metaSchema), u32Key(schema)); err != nil {
		return err
	}
	if err := meta.Delete([]byte(metaClean)); err != nil {
		return err
	}
	return saveTimeline(tx, clock)
}

// finish marks the store as closed in order.
func finish(tx *bolt.Tx, clock *gateway.Timeline) error {
	if err := tx.Bucket([]byte(bktMeta)).Put([]byte(metaClean), []byte{1}); err != nil {
		return err
	}
	return saveTimeline(tx, clock)
}

func saveTimeline(tx *bolt.Tx, clock *gateway.Timeline) error {
	v, err := json.Marshal(clock.Snapshot())
	if err != nil {
		return fmt.Errorf("encode timeline: %w", err)
	}
	return tx.Bucket([]byte(bktMeta)).Put([]byte(metaTimeline), v)
}
