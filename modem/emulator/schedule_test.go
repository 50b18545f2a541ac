package emulator

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAgenda(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var ran []string
		var a agenda
		a.fire = func() {
			mu.Lock()
			defer mu.Unlock()
			a.due()
		}
		begin := time.Now()
		note := func(name string) func() {
			return func() { ran = append(ran, fmt.Sprintf("%s at %v", name, time.Since(begin))) }
		}
		mu.Lock()
		a.after(2*time.Second, note("c"))
		a.after(time.Second, note("a"))
		a.after(time.Second, note("b"))
		a.after(0, note("now"))
		a.after(3*time.Second, func() {
			note("d")()
			a.after(0, note("e"))
			a.after(time.Second, note("f"))
			a.after(time.Minute, note("never"))
		})
		mu.Unlock()
		time.Sleep(10 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		a.stop()
		mu.Unlock()
		time.Sleep(time.Hour)
		mu.Lock()
		want := []string{"now at 0s", "a at 1s", "b at 1s", "c at 2s", "d at 3s", "e at 3s", "f at 4s"}
		if diff := cmp.Diff(want, ran); diff != "" {
			t.Errorf("ran (-want +got):\n%s", diff)
		}
	})
}

func TestNetworkClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{DeliverDelay: func() time.Duration { return time.Second }})
		m := NewModem(n, ModemOptions{Number: ours})
		if err := n.DeliverText("12345", ours, "x"); err != nil {
			t.Fatal(err)
		}
		n.Close()
		time.Sleep(time.Minute)
		if got := len(m.Stored()); got != 0 {
			t.Errorf("%d delivered after Close, want none", got)
		}
	})
}
