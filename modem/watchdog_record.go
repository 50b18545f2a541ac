package modem

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tetherd/gateway"
)

// record is what a watchdog keeps over restarts of the daemon.
type record struct {
	Counters gateway.ModemCounters
	Ladder   ladder
	Power    power
	// Manufacturer and Model are those of the modem as it last said them: one that is
	// silent now still needs the reboot command of its family.
	Manufacturer, Model string
	// USB is the device it was on, such as "1-1.4"; empty if on none.
	USB string
}

// How often what nothing depends on is stored. Steps are stored before they are
// taken.
const (
	saveEvery  = 15 * time.Minute
	boardEvery = 10 * time.Minute // between looks at the supply of the computer
	tendEvery  = time.Minute
)

// load reads the record. One that makes no sense is begun anew; without one that
// cannot be read, nothing is stored and nothing taken that must not be repeated.
func (d *watchdog) load() {
	if d.journal == nil {
		return
	}
	b, err := d.journal.Watchdog(d.name)
	if err != nil {
		d.log.Error().Err(err).Msg("record of the modem's watchdog cannot be read: doing without")
		d.blind = true
		return
	}
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		if len(b) > 0 {
			d.log.Warn().Err(err).Msg("record of the modem's watchdog makes no sense: beginning a new one")
		}
		return
	}
	if l := &r.Ladder; l.Step < 0 || int(l.Step) >= gateway.RecoverySteps || l.Next < 0 || int(l.Next) >= gateway.RecoverySteps {
		l.Step, l.Next = 0, 0
	}
	d.record = r
}

// save stores the record. It blocks until that is durable.
func (d *watchdog) save(ctx context.Context) error {
	if d.journal == nil || d.blind {
		return nil
	}
	d.mu.Lock()
	b, err := json.Marshal(&d.record)
	d.dirty, d.savedAt = false, time.Now()
	d.mu.Unlock()
	if err == nil {
		err = d.journal.RecordWatchdog(ctx, d.name, b)
	}
	if err != nil {
		d.mu.Lock()
		d.dirty = true
		d.mu.Unlock()
		return fmt.Errorf("store watchdog record: %w", err)
	}
	return nil
}

// tend stores the record now and then and looks at the computer's supply, until
// ctx ends.
func (d *watchdog) tend(ctx context.Context) {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	d.lookAtBoard()
	looked := time.Now()
	for {
		select {
		case <-ctx.Done():
			d.saveIfDirty(context.WithoutCancel(ctx), 0)
			return
		case <-tick.C:
		}
		d.saveIfDirty(ctx, saveEvery)
		if time.Since(looked) >= boardEvery {
			d.lookAtBoard()
			looked = time.Now()
		}
	}
}

// saveIfDirty stores a record that was changed and not stored for a while.
func (d *watchdog) saveIfDirty(ctx context.Context, age time.Duration) {
	d.mu.Lock()
	due := d.dirty && time.Since(d.savedAt) >= age
	d.mu.Unlock()
	if !due {
		return
	}
	if err := d.save(ctx); err != nil && ctx.Err() == nil {
		d.log.Warn().Err(err).Msg("cannot keep what the modem's watchdog counted")
	}
}

// lookAtBoard takes a sign if the computer's own supply is, or meanwhile was, too
// weak.
func (d *watchdog) lookAtBoard() {
	bits, ok := throttled(d.board)
	if !ok {
		return
	}
	d.mu.Lock()
	once := bits&underVoltageOnce != 0
	weak := bits&underVoltageNow != 0 || once && !d.boardOnce
	d.boardOnce = once // stays set until the computer is started again
	d.mu.Unlock()
	if weak {
		d.sign(signBoard)
	}
}
