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
		b.Run(fmt.Sprintf("radio=%v", radio), func(b *testing.B) {
			q := newFullQueue(b, 1, b.N, radio)
			b.ResetTimer()
			q.send()
			b.StopTimer()
			each := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64((each-radio).Microseconds())/1000, "overhead-ms/message")
			q.close()
		})
	}
}

// fullQueue is a gateway that has messages to send, and modems on ptys that are
// ready to.
type fullQueue struct {
	gw      *gateway.Gateway
	tasks   sync.WaitGroup
	ctx     context.Context
	sent    chan struct{} // closed when the last message was sent
	closers []func()      // in the order of opening
}

// newFullQueue queues messages for a number of modems in turn.
func newFullQueue(b *testing.B, modems, messages int, radio time.Duration) *fullQueue {
	b.Helper()
	return newLimitedQueue(b, modems, messages, radio, gateway.Protection{})
}

// newLimitedQueue is newFullQueue with limits.
func newLimitedQueue(b *testing.B, modems, messages int, radio time.Duration, limits gateway.Protection) *fullQueue {
	b.Helper()
	q := &fullQueue{sent: make(chan struct{})}
	dir := b.TempDir()
	network := emulator.NewNetwork(emulator.NetworkOptions{SubmitDelay: func() time.Duration { return radio }})
	q.closers = append(q.closers, network.Close)
	booted := time.Now()
	db, err := store.Open(filepath.Join(dir, "tetherd.db"), store.Options{Clock: gateway.ClockSource{
		Boot: func() (time.Duration, string) { return time.Since(booted), "bench" },
	}})
	if err != nil {
		b.Fatal(err)
	}
	q.closers = append(q.closers, func() { _ = db.Close() })
	left := messages
	db.OnCommit(func(c gateway.Change) { // in the writer's goroutine alone
		for i := range c.Messages {
			if c.Messages[i].State() == gateway.Sent {
				if left--; left == 0 {
					close(q.sent)
				}
			}
		}
	})
	if q.gw, err = gateway.New(b.Context(), gateway.Options{Store: db, Log: zerolog.Nop(), Protection: limits}); err != nil {
		b.Fatal(err)
	}
	changed := make(chan struct{}, 1)
	sticks := make([]*modem.Modem, modems)
	for i := range sticks {
		stick := emulator.NewModem(network, emulator.ModemOptions{Number: fmt.Sprintf("+49151100000%02d", i)})
		port, err := emulator.OpenPort(stick, filepath.Join(dir, fmt.Sprintf("port%d", i)))
		if err != nil {
			b.Fatal(err)
		}
		q.closers = append(q.closers, func() { _ = port.Close() })
		sticks[i], err = modem.New(modem.Options{
			Name: fmt.Sprintf("m%d", i), Slot: i + 1, Port: port.Path(), Inbox: q.gw, Journal: db, Log: zerolog.Nop(),
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
		q.gw.Attach(sticks[i])
	}
	for i := range messages {
		if _, err := q.gw.Submit(b.Context(), gateway.Submission{
			Text: "a message of a common length", Numbers: []string{fmt.Sprintf("+49170%07d", i)}, SIM: i%modems + 1,
		}); err != nil {
			b.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	q.ctx = ctx
	q.closers = append(q.closers, q.tasks.Wait, cancel)
	for _, m := range sticks {
		q.tasks.Go(func() { m.Run(ctx) })
	}
	for _, m := range sticks {
		for m.Status().State != gateway.ModemReady {
			<-changed
		}
	}
	return q
}

// send sends everything.
func (q *fullQueue) send() {
	q.tasks.Go(func() { q.gw.Run(q.ctx, q.ctx) })
	<-q.sent
}

func (q *fullQueue) close() {
	for i := len(q.closers) - 1; i >= 0; i-- {
		q.closers[i]()
	}
}
