package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway"
	"tetherd/store"
)

// History that is too large goes within a minute, history that is too old within an
// hour.
func TestPruneHistory(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(dir+"/"+databaseName, store.Options{Clock: gateway.ClockSource{
			Boot: func() (time.Duration, string) { return time.Duration(time.Now().UnixNano()), "boot" },
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		gw, err := gateway.New(t.Context(), gateway.Options{Store: db, Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		d := &daemon{store: db, gateway: gw, log: zerolog.Nop(), cfg: &config.Config{
			Webhooks: config.Webhooks{History: 24 * time.Hour, HistorySize: 10_000},
		}}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- d.prune(ctx) }()
		events := func() int {
			es, _, err := db.EventsAfter(0, 10_000)
			if err != nil {
				t.Fatal(err)
			}
			return len(es)
		}
		synctest.Wait()
		var c gateway.Change
		for range 100 {
			c.Emissions = append(c.Emissions, gateway.Emission{Event: gateway.Event{
				ID: gateway.NewID(), At: time.Now(), Payload: gateway.MessageSent{Parts: 1},
			}})
		}
		if err := db.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := events(); n < 10 || n > 90 {
			t.Errorf("%d events are left of 100 after a minute, want some", n)
		}
		time.Sleep(23 * time.Hour)
		synctest.Wait()
		if n := events(); n == 0 {
			t.Error("no events are left, want those of less than a day")
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if n := events(); n != 0 {
			t.Errorf("%d events are left after a day, want none", n)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
