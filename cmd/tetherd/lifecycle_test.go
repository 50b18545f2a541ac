package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// TestConduct leads a daemon without components through the ways it can stop.
func TestConduct(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name    string
		signals []time.Duration // when signals come
		fails   time.Duration   // when a component fails; 0 never
		works   time.Duration   // how long components need after they were told to stop
		aborted time.Duration   // how long they need after hard ended; 0 as long as works
		want    error
		after   time.Duration // when it must have stopped
		abort   bool          // hard must have ended
	}{
		{name: "a signal, nothing in hand", signals: []time.Duration{time.Hour}, after: time.Hour},
		{name: "a signal, work in hand", signals: []time.Duration{time.Hour}, works: 70 * time.Second, after: time.Hour + 70*time.Second},
		{name: "a second signal", signals: []time.Duration{time.Hour, time.Hour + 3*time.Second}, works: 70 * time.Second, aborted: time.Second, after: time.Hour + 4*time.Second, abort: true},
		{name: "work takes too long", signals: []time.Duration{time.Hour}, works: 24 * time.Hour, aborted: time.Second, after: time.Hour + softLimit + time.Second, abort: true},
		{name: "work never ends", signals: []time.Duration{time.Hour}, works: 24 * time.Hour, aborted: 24 * time.Hour, after: time.Hour + softLimit + hardLimit, want: errStuck, abort: true},
		{name: "a component fails", fails: time.Minute, works: 2 * time.Second, after: time.Minute + 2*time.Second, want: broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &daemon{log: zerolog.Nop()}
				soft, stop := context.WithCancelCause(context.Background())
				hard, abort := context.WithCancel(context.Background())
				defer abort()
				signals := make(chan os.Signal, 2)
				for _, at := range tt.signals {
					time.AfterFunc(at, func() { signals <- syscall.SIGTERM })
				}
				if tt.fails > 0 {
					time.AfterFunc(tt.fails, func() { stop(broken) })
				}
				finished := make(chan error, 1)
				var components sync.WaitGroup
				defer components.Wait()
				components.Go(func() {
					<-soft.Done()
					select {
					case <-time.After(tt.works):
					case <-hard.Done():
						time.Sleep(tt.aborted)
					}
					if tt.fails > 0 {
						finished <- broken
						return
					}
					finished <- nil
				})
				begin := time.Now()
				err := d.conduct(soft, stop, abort, signals, finished)
				if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
					t.Errorf("conduct = %v, want %v", err, tt.want)
				}
				if got := time.Since(begin); got != tt.after {
					t.Errorf("stopped after %s, want %s", got, tt.after)
				}
				if got := hard.Err() != nil; got != tt.abort {
					t.Errorf("work aborted: %v, want %v", got, tt.abort)
				}
				if soft.Err() == nil {
					t.Error("soft did not end")
				}
			})
		})
	}
}
