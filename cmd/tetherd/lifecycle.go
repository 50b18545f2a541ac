package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// softLimit is how long work in hand is waited for: a modem may take as long to
	// say whether an SMS left. The unit's TimeoutStopSec must exceed it.
	softLimit = 75 * time.Second
	// hardLimit is how long components may take to end once they must.
	hardLimit = 10 * time.Second
)

var (
	errSignal = errors.New("signal")
	errStuck  = errors.New("a component did not end: giving up on it; nothing that was stored is lost")
)

// run runs the daemon until a signal comes or a component fails, and closes it.
//
// The order of stopping: soft ends, so that the API accepts no more connections
// and the engine and the webhooks take nothing new; they wait for what is in
// hand. A second signal, or softLimit, ends hard, which aborts that. Then the
// modems and other components end, and the store is closed.
func (d *daemon) run(ctx context.Context, signals <-chan os.Signal) error {
	soft, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	hard, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	plugged, unplug := context.WithCancel(hard)
	defer unplug()

	if err := d.gateway.TellStarted(soft); err != nil {
		d.log.Error().Err(err).Msg("cannot tell webhooks of the start")
	}

	// begin starts a component. One that ends before it was told to stops the
	// daemon.
	begin := func(g *errgroup.Group, until context.Context, name string, run func() error) {
		g.Go(func() error {
			err := run()
			if err == nil && until.Err() == nil {
				err = errors.New("ended without being told to")
			}
			if err != nil {
				err = fmt.Errorf("%s: %w", name, err)
				stop(err)
			}
			return err
		})
	}

	var devices, work errgroup.Group
	for _, c := range d.components {
		begin(&devices, plugged, c.name, func() error { return c.run(plugged) })
	}
	for _, m := range d.modems {
		begin(&devices, plugged, "modem "+m.ID(), func() error { return m.Run(plugged) })
	}
	begin(&work, soft, "engine", func() error { return d.gateway.Run(soft, hard) })
	begin(&work, soft, "webhooks", func() error { return d.worker.Run(soft, hard) })
	begin(&work, soft, "api", func() error { return serveHTTP(soft, hard, d.server, d.listener) })
	begin(&work, soft, "janitor", func() error { return d.prune(soft) })
	begin(&work, soft, "status", func() error { return d.reportStatus(soft) })
	begin(&devices, plugged, "watchdog", func() error { return d.systemd.watch(plugged, d.alive) })

	up := d.log.Info().Str("version", versionString()).Str("listen", d.listener.Addr().String()).
		Str("data", d.cfg.DataDir).Int("modems", len(d.modems))
	if d.tls != nil {
		up = up.Str("certificate_sha256", d.tls.Fingerprint())
	}
	up.Msg("gateway is up")
	d.systemd.ready(modemSummary(d.gateway.Modems()))
	if d.ready != nil {
		d.ready(d.listener.Addr())
	}

	finished := make(chan error, 1) // written by the goroutine below, read by conduct
	go func() {
		err := work.Wait()
		unplug()
		finished <- errors.Join(err, devices.Wait())
	}()
	err := d.conduct(soft, stop, abort, signals, finished)
	if errors.Is(err, errStuck) {
		return err // the store may be in use; closing it could wait for ever
	}
	if cerr := d.close(); cerr != nil {
		err = errors.Join(err, cerr)
	}
	if err == nil {
		d.log.Info().Msg("gateway has stopped")
	}
	return err
}

// conduct waits for the reason to stop and leads through it. It returns what
// finished says.
func (d *daemon) conduct(soft context.Context, stop context.CancelCauseFunc, abort func(), signals <-chan os.Signal, finished <-chan error) error {
	select {
	case s := <-signals:
		d.log.Info().Stringer("signal", s).Msg("stopping; a second signal stops at once")
		stop(errSignal)
	case <-soft.Done():
		if err := context.Cause(soft); !errors.Is(err, context.Canceled) {
			d.log.Error().Err(err).Msg("a component failed, stopping")
		}
	}
	d.systemd.stopping()

	limit := time.NewTimer(softLimit)
	defer limit.Stop()
	select {
	case err := <-finished:
		return err
	case <-signals:
		d.log.Warn().Msg("stopping at once")
	case <-limit.C:
		d.log.Warn().Msg("work in hand takes too long, stopping at once")
	}
	abort()

	last := time.NewTimer(hardLimit)
	defer last.Stop()
	select {
	case err := <-finished:
		return err
	case <-last.C:
		return errStuck
	}
}
