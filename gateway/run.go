package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Run recovers what a crash left open, then sends, watches timers and passes on
// stale fragments until soft ends. Nothing new is begun then; Run returns once
// what the modems have in hand is done, or soon after hard ends. The error is nil
// unless the gateway cannot go on.
func (g *Gateway) Run(soft, hard context.Context) error {
	if err := g.recover(hard); err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	if err := g.closeCharges(hard); err != nil {
		return err
	}
	if err := g.noteSlots(hard); err != nil {
		return err
	}
	if err := g.loadOffline(); err != nil {
		return err
	}
	stop := context.AfterFunc(soft, func() {
		g.stopping.Store(true)
		g.news.ring()
	})
	defer stop()
	var tasks sync.WaitGroup
	for _, l := range g.lanes {
		tasks.Go(func() { l.run(soft, hard) })
	}
	tasks.Go(func() { g.runTimers(soft) })
	tasks.Go(func() { g.runStale(soft) })
	tasks.Go(func() { g.runWatch(soft) })
	tasks.Go(func() { g.runJobs(soft) })
	tasks.Go(func() { g.runExports(soft) })
	tasks.Go(func() { g.runSweeps(soft) })
	tasks.Go(func() { g.reviewStorms(soft) })
	if g.History {
		tasks.Go(func() { g.runHistory(soft) })
	}
	if g.Canary != nil {
		tasks.Go(func() { g.runCanaries(soft) })
	}
	for modem, q := range g.Balances {
		if l := g.byModem[modem]; l != nil {
			tasks.Go(func() { g.runBalance(soft, l, q) })
		}
	}
	tasks.Wait()
	return nil
}

// recover makes the outcome of every attempt that a crash interrupted unknown:
// the first part it owed may have left.
func (g *Gateway) recover(ctx context.Context) error {
	active, err := g.store.ActiveRecipients()
	if err != nil {
		return fmt.Errorf("read active recipients: %w", err)
	}
	for _, ref := range active {
		err := g.update(ctx, edit{ref.Seq, func(m *Message, c *Change) bool {
			if ref.Idx >= len(m.Recipients) || m.Recipients[ref.Idx].Phase != Active {
				return false
			}
			m.unsure(ref.Idx, g.clock.Now(), g.UnknownGrace, &SendError{
				Fate: Unknown, Text: "the gateway was interrupted while the modem had the message",
			}, g.now())
			return true
		}})
		switch {
		case err != nil && (g.fatal(err) || ctx.Err() != nil):
			return err
		case err != nil:
			g.setAside(ref, err)
		}
	}
	if len(active) > 0 {
		g.log.Warn().Int("recipients", len(active)).Dur("grace", g.UnknownGrace).
			Msg("sending was interrupted, waiting for evidence of what left")
	}
	return nil
}

// timerBatch bounds how many timers are handled between looks at the stop signal.
const timerBatch = 64

// wallCheck is how often the wall clock is looked at while something waits for
// it: it may have been set.
const wallCheck = 30 * time.Second

// runTimers handles timers as they fall due.
func (g *Gateway) runTimers(soft context.Context) {
	repeat(soft, g.kickTimers, func() time.Duration { return g.fireTimers(soft) })
}

// repeat does something at once, and again when it is kicked or as long after as it
// says, until soft ends.
func repeat(soft context.Context, kicked <-chan struct{}, do func() (next time.Duration)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-soft.Done():
			return
		case <-kicked:
		case <-timer.C:
		}
		timer.Reset(do())
	}
}

// fireTimers handles what is due and returns when to look again.
func (g *Gateway) fireTimers(soft context.Context) time.Duration {
	idle := make(map[Timer]bool) // those of the batch before for which there was nothing to do
	for soft.Err() == nil && !g.broken.Load() {
		wall, plausible := g.clock.Wall()
		if !plausible {
			wall = time.Time{}
		}
		now := g.clock.Now()
		due, nextWall, nextTick, err := g.store.DueTimers(wall, now, timerBatch, g.aside.hasTimer)
		if err != nil {
			g.log.Error().Err(err).Msg("cannot read timers, trying again")
			return time.Second
		}
		if len(due) == 0 {
			wait := time.Hour
			if !nextWall.IsZero() {
				wait = min(wait, wallCheck, max(time.Until(nextWall), 0)+time.Millisecond)
			}
			if nextTick != 0 {
				wait = min(wait, now.Until(nextTick))
			}
			return max(wait, time.Millisecond)
		}
		before := idle
		idle = make(map[Timer]bool)
		for _, t := range due {
			done, err := g.fire(soft, t)
			switch {
			case soft.Err() != nil || err != nil && g.fatal(err):
				return time.Second
			case err != nil && !errors.Is(err, ErrNotFound):
				g.setTimerAside(t, err)
			case done:
			case before[t]:
				g.setTimerAside(t, errStale) // else it would come up for ever
			default:
				idle[t] = true // it can have been dealt with just now
			}
		}
	}
	return time.Hour
}

// fire does what a timer is for, and reports whether there was anything to do.
func (g *Gateway) fire(ctx context.Context, t Timer) (done bool, err error) {
	err = g.update(ctx, edit{t.Seq, func(m *Message, c *Change) bool {
		done = g.ring(m, c, t)
		return done
	}})
	return done, err
}

func (g *Gateway) ring(m *Message, c *Change, t Timer) bool {
	switch t.Kind {
	case TimerSchedule:
		if !m.held() {
			return false
		}
		m.release(g.now())
		if err := g.route(m); err != nil {
			g.log.Error().Err(err).Str("message_id", m.ID).Msg("cannot choose a modem, leaving the message to any")
		}
	case TimerValidUntil, TimerExpires:
		return g.expired(m) && g.failAll(m, c, ttlExpired, "")
	case TimerGrace:
		if t.Idx >= len(m.Recipients) || m.Recipients[t.Idx].Phase != Grace {
			return false
		}
		g.endGrace(m, c, t.Idx)
	}
	return true
}

// staleCheck is how often incomplete incoming messages are looked for.
const staleCheck = 10 * time.Minute

func (g *Gateway) runStale(soft context.Context) {
	repeat(soft, nil, func() time.Duration {
		if err := g.passOnStale(soft); err != nil && soft.Err() == nil {
			g.log.Error().Err(err).Msg("cannot pass on incomplete messages, trying again later")
		}
		return staleCheck
	})
}
