package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
	"github.com/rs/zerolog"

	"tetherd/gateway"
)

// systemd talks to the service manager; without one it does nothing. See
// sd_notify(3).
type systemd struct{ log zerolog.Logger }

func (s systemd) notify(state string) {
	if _, err := sd.SdNotify(false, state); err != nil {
		s.log.Warn().Err(err).Msg("cannot notify systemd")
	}
}

func (s systemd) ready(status string) { s.notify(sd.SdNotifyReady + "\nSTATUS=" + status) }

func (s systemd) stopping() { s.notify(sd.SdNotifyStopping + "\nSTATUS=stopping") }

func (s systemd) status(text string) { s.notify("STATUS=" + text) }

// watch sends signs of life, twice as often as asked for, while alive returns
// nil. It returns when ctx ends.
func (s systemd) watch(ctx context.Context, alive func() error) error {
	limit, err := sd.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("read WATCHDOG_USEC: %w", err)
	}
	if limit == 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(limit / 2)
	defer tick.Stop()
	for {
		if err := alive(); err != nil {
			s.log.Error().Err(err).Msg("not alive: systemd is not told otherwise and will restart the service")
		} else {
			s.notify(sd.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// modemSummary writes the modems in one line: "2 modems: office ready, roof
// waiting (not registered)".
func modemSummary(modems []gateway.ModemStatus) string {
	parts := make([]string, len(modems))
	for i, m := range modems {
		parts[i] = m.Modem + " " + string(m.State)
		if m.State != gateway.ModemReady && m.Reason != "" {
			parts[i] += " (" + strings.Map(oneLine, m.Reason) + ")"
		}
	}
	return count(len(modems), "modem") + ": " + strings.Join(parts, ", ")
}

// oneLine keeps text within the line it is part of.
func oneLine(r rune) rune {
	if r < ' ' {
		return ' '
	}
	return r
}
