package gateway_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRefresh has every modem look, whatever the others do, and ends with the gateway.
func TestRefresh(t *testing.T) {
	bubble(t, 3, func(w *world) {
		w.start()
		asked := func() (n []int64) {
			for _, m := range w.modems {
				n = append(n, m.sweeps.Load())
			}
			return n
		}
		w.gw.Refresh()
		w.settle()
		if diff := cmp.Diff([]int64{1, 1, 1}, asked()); diff != "" {
			t.Errorf("asked (-want +got)\n%s", diff)
		}
		for range 5 { // while one does not answer
			w.gw.Refresh()
		}
		w.pass(3 * time.Minute)
		if diff := cmp.Diff([]int64{2, 2, 2}, asked()); diff != "" {
			t.Errorf("asked again (-want +got)\n%s", diff)
		}
	})
}
