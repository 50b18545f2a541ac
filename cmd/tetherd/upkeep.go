package main

import (
	"context"
	"time"

	"tetherd/store"
)

const (
	// janitorInterval is how often what is old is removed.
	janitorInterval = time.Hour
	// sizeInterval is how often it is seen to that the history of webhooks does not
	// become too large.
	sizeInterval = time.Minute
	// seenRetention is how long the identity of a received TPDU is remembered. A
	// copy of it can come up again while a modem fails to delete it.
	seenRetention = 180 * 24 * time.Hour
	// parkedRetention is how long a delivery report may wait for the message it is
	// about. Reports overtake the answer of the modem by minutes at most, but the
	// fate of a message can stay unknown over a restart.
	parkedRetention = 24 * time.Hour
	// tokenRetention is how long it is remembered that a token expired, so that a
	// clock that is set back does not make one good that was revoked.
	tokenRetention = 24 * time.Hour
)

// reportStatus tells systemd how the modems are, whenever that changes.
func (d *daemon) reportStatus(ctx context.Context) error {
	told := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.changed:
		}
		if text := modemSummary(d.gateway.Modems()); text != told {
			d.systemd.status(text)
			told = text
		}
	}
}

// alive reports whether the store answers and can be written.
func (d *daemon) alive() error {
	if err := d.store.Failed(); err != nil {
		return err
	}
	_, err := d.store.CountMessages()
	return err
}

// prune removes what is older than the configuration allows, now and every hour, and
// what is too much more often.
func (d *daemon) prune(ctx context.Context) error {
	age, size := time.NewTicker(janitorInterval), time.NewTicker(sizeInterval)
	defer age.Stop()
	defer size.Stop()
	limits := d.pruneLimits()
	for {
		d.pruneOnce(ctx, limits)
		select {
		case <-ctx.Done():
			return nil
		case <-age.C:
			limits = d.pruneLimits()
		case <-size.C:
			limits = store.PruneLimits{History: d.cfg.Webhooks.HistorySize}
		}
	}
}

func (d *daemon) pruneLimits() store.PruneLimits {
	return store.PruneLimits{
		Messages:   d.gateway.Settings().Messages.Lifetime,
		Inbound:    d.cfg.Retention.Inbox,
		Deliveries: d.cfg.Webhooks.History,
		Attempts:   d.cfg.Webhooks.History,
		History:    d.cfg.Webhooks.HistorySize,
		Seen:       seenRetention,
		Parked:     parkedRetention,
		Logs:       d.gateway.Settings().Logs.Lifetime,
		Tokens:     tokenRetention,

		Conversations: d.gateway.Settings().Messages.Lifetime,
	}
}

// pruneOnce removes all that is too old or too much now. The store does it in small
// steps, so that messages need not wait for it.
func (d *daemon) pruneOnce(ctx context.Context, limits store.PruneLimits) {
	total := 0
	for ctx.Err() == nil {
		n, more, err := d.store.Prune(ctx, limits)
		total += n
		if err != nil && ctx.Err() == nil {
			d.log.Error().Err(err).Msg("cannot remove old rows, trying again later")
		}
		if err != nil || !more {
			break
		}
	}
	if total > 0 {
		d.log.Info().Int("rows", total).Msg("removed old rows")
	}
}
