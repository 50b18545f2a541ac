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

// BenchmarkSend measures the whole way of a single-part message from the durable
// queue through one emulated modem on a pty into the durable outcome, fsyncs and
// all. With a radio delay it reports what is spent on each message beyond it.
func BenchmarkSend(b *testing.B) {
	for _, radio := range []time.Duration{0, 100 * time.Millisecond} {
		b.Run(fmt.Sprintf("radio=%v", radio), func(b *testing.B) { benchmarkSend(b, radio) })
	}
}

func benchmarkSend(b *testing.B, radio time.Duration) {
	dir := b.TempDir()
	network := emulator.NewNetwork(emulator.NetworkOptions{SubmitDelay: func() time.Duration { return radio }})
	defer network.Close()
	stick := emulator.NewModem(network, emulator.ModemOptions{Name: "bench", Number: "+4915110000001"})
	port, err := emulator.OpenPort(stick, filepath.Join(dir, "port"))
	if err != nil {
		b.Fatal(err)
	}
	defer port.Close()
	booted := time.Now()
	db, err := store.Open(filepath.Join(dir, "tetherd.db"), store.Options{Clock: gateway.ClockSource{
		Boot: func() (time.Duration, string) { return time.Since(booted), "bench" },
	}})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()

	sent := make(chan struct{})
	var once sync.Once
	left := b.N
	db.OnCommit(func(c gateway.Change) { // in the writer's goroutine alone
		for i := range c.Messages {
			if c.Messages[i].State() == gateway.Sent {
				if left--; left == 0 {
					once.Do(func() { close(sent) })
				}
			}
		}
	})
	gw, err := gateway.New(b.Context(), gateway.Options{Store: db, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	ready := make(chan struct{}, 1)
	var m *modem.Modem
	m, err = modem.New(modem.Options{
		Name: "bench", Slot: 1, Port: port.Path(), Inbox: gw, Journal: db, Log: zerolog.Nop(),
		Changed: func() {
			select {
			case ready <- struct{}{}:
			default:
			}
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	gw.Attach(m)
	for i := range b.N {
		if _, err := gw.Submit(b.Context(), gateway.Submission{
			Text: "a message of a common length", Numbers: []string{fmt.Sprintf("+49170%07d", i)},
		}); err != nil {
			b.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var tasks sync.WaitGroup
	tasks.Go(func() { m.Run(ctx) })
	for m.Status().State != gateway.ModemReady {
		<-ready
	}
	b.ResetTimer()
	tasks.Go(func() { gw.Run(ctx, ctx) })
	<-sent
	b.StopTimer()
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64((each-radio).Microseconds())/1000, "overhead-ms/message")
	cancel()
	tasks.Wait()
}
