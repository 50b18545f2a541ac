package store

import (
	"context"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// maxPrune is about how many rows one Prune deletes; a single entity may have
	// more.
	maxPrune = 1000
	// maxLook is how many events one Prune looks at.
	maxLook = 10000
)

// PruneLimits say how old rows may become, or how large. Zero is for ever. Ages of
// messages go by the wall clock as far as [gateway.Timeline.Reached] trusts it, and
// nothing is deleted by it while it is not plausible; the others go by the timeline.
// Requests that are remembered say themselves until when.
type PruneLimits struct {
	Messages time.Duration // outgoing messages with nothing left to send, since CreatedAt
	Inbound  time.Duration // incoming messages, since ArrivedAt
	Seen     time.Duration // identities of TPDUs, since they were last stored
	Parked   time.Duration // reports that match nothing, since ParkedReport.Since
	// Conversations are those with nothing said since about then, to a day.
	Conversations time.Duration
	Deliveries    time.Duration // deliveries that came to an end, and events without others, since the event was stored
	Tokens        time.Duration // since they expired, by the wall clock as above
	Attempts      time.Duration // attempts at deliveries, since they ended
	Logs          time.Duration // entries of the log, since they were stored
	History       int64         // bytes of events that wait for no webhook; of more the oldest go, with their deliveries
}

// Prune deletes what is older than l allows: at most about 1,000 rows, in one
// commit, so that other commits need not wait for long. Deleted is how many
// entities went; more says that it pays to call again at once.
func (db *DB) Prune(ctx context.Context, l PruneLimits) (deleted int, more bool, err error) {
	db.pruning.Lock()
	defer db.pruning.Unlock()
	p := pruner{db: db, left: maxPrune, look: maxLook, from: db.pruned}
	err = db.view("rows to prune", func(tx *bolt.Tx) error {
		p.tx = tx
		return p.find(l, db.clock)
	})
	if err != nil {
		return 0, false, fmt.Errorf("prune: %w", err)
	}
	if p.left < maxPrune {
		if err := db.submit(ctx, &op{apply: p.apply}); err != nil {
			return 0, false, fmt.Errorf("prune: %w", err)
		}
	}
	db.pruned = p.from
	return p.deleted, p.more, nil
}
