package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// onlineAfter is for how long a modem must have been usable again to count as
// back.
const onlineAfter = 10 * time.Second

// settingOffline is where it is kept which modems were told to be offline: JSON
// of since when, by ID.
const settingOffline = "modems_offline"

// presence follows whether a modem can be used. It belongs to the goroutine of
// runWatch. Times are those of [Gateway.uptime]: the timeline can leap, when the
// time the machine was off is added to it.
type presence struct {
	up   time.Duration // usable without a break since; 0 while it is not
	down time.Duration // not usable since, short breaks aside; 0 while it is
	told bool          // the event that it is offline was stored
}

// uptime returns for how long the gateway has been there. It is never 0.
func (g *Gateway) uptime() time.Duration { return time.Since(g.born) + 1 }

// runWatch follows the modems until soft ends: it tells when one goes offline or
// comes back, and lets others take the work of one that cannot send.
func (g *Gateway) runWatch(soft context.Context) {
	repeat(soft, g.kickWatch, func() time.Duration {
		next, err := g.watch(soft)
		if err != nil && soft.Err() == nil {
			g.log.Error().Err(err).Msg("cannot tell that a modem went or came, trying again")
			next = 10 * time.Second
		}
		return next
	})
}

// watch looks at every modem once and returns when to look again. It stores
// nothing while soft has ended: modems stop then, too.
func (g *Gateway) watch(soft context.Context) (next time.Duration, err error) {
	now := g.uptime()
	next = time.Hour
	for _, l := range g.lanes {
		if soft.Err() != nil {
			return next, nil
		}
		wait, werr := g.watchOne(soft, l, now)
		if werr != nil {
			err = werr
		}
		next = min(next, wait)
	}
	return next, err
}

func (g *Gateway) watchOne(soft context.Context, l *lane, now time.Duration) (next time.Duration, err error) {
	p := &l.presence
	st := l.modem.Status()
	if st.State == ModemReady {
		if p.up == 0 {
			p.up = now
		}
	} else {
		p.up = 0
		if p.down == 0 {
			p.down = now
		}
	}
	l.setOut(l.idleSince(p), now)
	next = time.Hour
	if since := l.idleSince(p); since != 0 && !l.out.Load() {
		next = since + g.Routing.Handover - now
	}
	switch {
	case p.up != 0 && p.down != 0:
		if back := p.up + onlineAfter - now; back > 0 {
			next = min(next, back)
			break
		}
		if err = g.tellOnline(soft, l, now); err == nil {
			p.down = 0
		}
	case p.up == 0 && !p.told:
		if gone := p.down + g.OfflineAfter - now; gone > 0 {
			next = min(next, gone)
			break
		}
		err = g.tellOffline(soft, l, st, now)
	}
	return max(next, time.Millisecond), err
}

// idleSince returns since when the modem has not been able to send: because of
// its state, or because it is ready but refuses, is held back, or does not come
// to an end with a PDU. It is 0 if it can.
func (l *lane) idleSince(p *presence) time.Duration {
	if p.up == 0 {
		return p.down
	}
	since := time.Duration(l.restingSince.Load())
	if at := time.Duration(l.progressAt.Load()); at != 0 && (since == 0 || at < since) {
		since = at
	}
	return since
}

// setOut lets others take what was chosen for the modem once it has been idle
// for longer than the handover, and no longer when it is back.
func (l *lane) setOut(since, now time.Duration) {
	out := since != 0 && now-since >= l.g.Routing.Handover
	if l.out.Swap(out) == out || !out {
		return
	}
	l.log.Warn().Msg("modem cannot send, others take its work")
	l.g.wakeLanes()
}

// tellOffline stores the event that a modem went offline.
func (g *Gateway) tellOffline(ctx context.Context, l *lane, st ModemStatus, now time.Duration) error {
	at := g.now()
	return g.tell(ctx, l, true, DeviceOffline{
		SIM: l.slot, Modem: l.modem.ID(), State: st.State, Reason: st.Reason,
		At: at.Add(l.presence.down - now),
	}, at)
}

// tellOnline stores the event that a modem is back, if it was told to be gone.
func (g *Gateway) tellOnline(ctx context.Context, l *lane, now time.Duration) error {
	if !l.presence.told {
		return nil
	}
	at := g.now()
	return g.tell(ctx, l, false, DeviceOnline{
		SIM: l.slot, Modem: l.modem.ID(),
		Down: g.offline[l.modem.ID()].Until(g.clock.Now()) - (now - l.presence.up),
		At:   at.Add(l.presence.up - now),
	}, at)
}

// tell stores an event together with the fact that it was told, so that a
// restart does not tell it again.
func (g *Gateway) tell(ctx context.Context, l *lane, offline bool, p Payload, at time.Time) error {
	since := maps.Clone(g.offline)
	if offline {
		since[l.modem.ID()] = g.clock.Now().Add(l.presence.down - g.uptime())
	} else {
		delete(since, l.modem.ID())
	}
	var c Change
	g.emit(&c, l.modem.ID(), at, p)
	v, err := json.Marshal(since)
	if err != nil {
		return err
	}
	c.Settings = map[string]string{settingOffline: string(v)}
	if err := g.commit(ctx, c); err != nil {
		return fmt.Errorf("store event of modem %s: %w", l.modem.ID(), err)
	}
	g.offline, l.presence.told = since, offline
	if offline {
		l.log.Warn().Msg("modem is offline")
	} else {
		l.log.Info().Msg("modem is online again")
	}
	return nil
}

// loadOffline reads which modems were told to be offline before the start. One
// that is no longer configured is forgotten.
func (g *Gateway) loadOffline() error {
	g.offline = make(map[string]Tick)
	s, err := g.store.Setting(settingOffline)
	if err != nil {
		return fmt.Errorf("read modems that are offline: %w", err)
	}
	if s == "" {
		return nil
	}
	var since map[string]Tick
	if err := json.Unmarshal([]byte(s), &since); err != nil {
		g.log.Error().Err(err).Msg("it is not known which modems were offline: one may be told to be twice")
		return nil
	}
	for id, at := range since {
		if l := g.byModem[id]; l != nil {
			g.offline[id] = at
			l.presence.down, l.presence.told = g.uptime(), true
		}
	}
	return nil
}
