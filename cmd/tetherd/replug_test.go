package main_test

import (
	"fmt"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

// The stick is pulled and put back in the middle of 20 messages. All are sent,
// none twice unless marked, and those the modem did not have in hand go on
// within 5 s.
func TestReplug(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 5, SubmitDelay: func() time.Duration { return 100 * time.Millisecond }})
	r.settings = "send:\n  unknown_grace: 2s\n"
	r.start()
	r.ready()
	ids := make([]string, 20)
	number := make(map[string]string)
	for i := range ids {
		ids[i] = fmt.Sprintf("m%d", i)
		number[ids[i]] = fmt.Sprintf("+491701234%03d", i)
		if _, err := r.send(text(ids[i], number[ids[i]], "message "+ids[i])); err != nil {
			t.Fatal(err)
		}
	}
	r.until("some messages to be sent", 20*time.Second, func() bool { return len(r.network.Ledger()) >= 7 })
	r.sticks[0].port.Unplug()
	atUnplug := len(r.network.Ledger())
	if err := r.sticks[0].port.Plug(); err != nil {
		t.Fatal(err)
	}
	back := time.Now()
	r.until("sending to go on", 20*time.Second, func() bool { return len(r.network.Ledger()) > atUnplug })
	took := time.Since(back)
	t.Logf("sending went on %v after the stick was back", took.Round(time.Millisecond))
	if took > 5*time.Second {
		t.Errorf("sending went on after %v, want at most 5 s", took)
	}
	r.until("all to be sent", time.Minute, func() bool {
		for _, id := range ids {
			if s := r.get(id).State; s != "Sent" && s != "Delivered" {
				return false
			}
		}
		return true
	})
	count := make(map[string]int)
	for _, s := range r.network.Ledger() {
		count[s.To]++
	}
	for _, id := range ids {
		n, marked := count[number[id]], r.get(id).Recipients[0].PossibleDuplicate
		if n == 0 || n > 1 && !marked {
			t.Errorf("%s was sent %d times, marked %v", id, n, marked)
		}
	}
	r.terminate()
}
