package main_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/modem"
	"tetherd/modem/emulator"
	"tetherd/store"
)

const (
	manyModems    = 16
	parallelRadio = 250 * time.Millisecond // a fast network: real ones take seconds
	perModem      = 40                     // messages
)

// BenchmarkParallel sends with one modem and then with sixteen in one process, all
// on ptys, and reports how many times as fast sixteen are. Modems do not wait for
// each other, so that it is sixteen, within five in a hundred; less is an error.
func BenchmarkParallel(b *testing.B) {
	for b.Loop() {
		one := sendRate(b, 1)
		many := sendRate(b, manyModems)
		ratio := many / one
		b.ReportMetric(one, "messages/s/1-modem")
		b.ReportMetric(many, fmt.Sprintf("messages/s/%d-modems", manyModems))
		b.ReportMetric(ratio, "ratio")
		if ratio < manyModems*0.95 {
			b.Errorf("%d modems send %.2f times as fast as one, want at least %.1f", manyModems, ratio, manyModems*0.95)
		}
	}
}

// sendRate returns how many messages per second n modems send.
func sendRate(b *testing.B, n int) float64 {
	b.Helper()
	dir := b.TempDir()
	network := emulator.NewNetwork(emulator.NetworkOptions{SubmitDelay: func() time.Duration { return parallelRadio }})
	defer network.Close()
	booted := time.Now()
	db, err := store.Open(filepath.Join(dir, "tetherd.db"), store.Options{Clock: gateway.ClockSource{
		Boot: func() (time.Duration, string) { return time.Since(booted), "bench" },
	}})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	total := n * perModem
	sent := make(chan struct{})
	left := total
	db.OnCommit(func(c gateway.Change) { // in the writer's goroutine alone
		for i := range c.Messages {
			if c.Messages[i].State() == gateway.Sent {
				if left--; left == 0 {
					close(sent)
				}
			}
		}
	})
	gw, err := gateway.New(b.Context(), gateway.Options{Store: db, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	changed := make(chan struct{}, 1)
	modems := make([]*modem.Modem, n)
	for i := range modems {
		stick := emulator.NewModem(network, emulator.ModemOptions{Number: fmt.Sprintf("+49151100000%02d", i)})
		port, err := emulator.OpenPort(stick, filepath.Join(dir, fmt.Sprintf("port%d", i)))
		if err != nil {
			b.Fatal(err)
		}
		defer port.Close()
		modems[i], err = modem.New(modem.Options{
			Name: fmt.Sprintf("m%d", i), Slot: i + 1, Port: port.Path(), Inbox: gw, Journal: db, Log: zerolog.Nop(),
			Changed: func() {
				select {
				case changed <- struct{}{}:
				default:
				}
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		gw.Attach(modems[i])
	}
	for i := range total {
		if _, err := gw.Submit(b.Context(), gateway.Submission{
			Text: "a message of a common length", Numbers: []string{fmt.Sprintf("+49170%07d", i)}, SIM: i%n + 1,
		}); err != nil {
			b.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var tasks sync.WaitGroup
	defer tasks.Wait()
	defer cancel()
	for _, m := range modems {
		tasks.Go(func() { m.Run(ctx) })
	}
	for _, m := range modems {
		for m.Status().State != gateway.ModemReady {
			<-changed
		}
	}
	begun := time.Now()
	tasks.Go(func() { gw.Run(ctx, ctx) })
	<-sent
	return float64(total) / time.Since(begun).Seconds()
}
