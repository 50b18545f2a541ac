package gateway_test

import (
	"fmt"
	"testing"
	"time"

	"tetherd/gateway"
)

// Nobody fills the store with messages that are never complete; nothing is lost
// for it, and other senders are not touched.
func TestCrowdOfIncompleteMessages(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		w.subscribe()
		at := time.Now()
		var crowd [][]gateway.Fragment
		for i := range 600 {
			fs := fragments(fmt.Sprintf("text %03d", i), 4, uint16(i), at)
			crowd = append(crowd, fs)
			w.receive(fs[0])
		}
		if got := len(w.stored()); got != 600-512 {
			t.Errorf("%d parts passed on at once, want %d", got, 600-512)
		}
		other := fragments("in order", 4, 1, at)
		for i := range other {
			other[i].From = "12345"
		}
		w.receive(other...)
		for _, fs := range crowd {
			w.receive(fs[1])
		}
		got := make(map[string]int)
		ins, _, err := w.gw.InboundMessages(gateway.InboundQuery{Limit: 2000})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range ins {
			if in.ReplacedBy == 0 {
				got[in.Text]++
			}
		}
		for i := range crowd {
			if n := got[fmt.Sprintf("text %03d", i)]; n != 1 {
				t.Errorf("text %03d is there %d times, want once", i, n)
			}
		}
		if got["in order"] != 1 || len(got) != 601 {
			t.Errorf("%d texts, %d of the other sender, want 601 and 1", len(got), got["in order"])
		}
	})
}
