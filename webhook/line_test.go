package webhook

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A receiver with a webhook for each kind of event gets those of a message in
// their order, but a webhook that does not answer holds the others up for a
// second only, and those of other receivers not at all.
func TestOrderAcrossWebhooksOfOneReceiver(t *testing.T) {
	tests := map[string]struct {
		first time.Duration // the first webhook's answer takes
		other string        // URL of the second webhook
		want  time.Duration // when the second webhook gets its event
	}{
		"quick":               {0, "https://example.com/delivered", 0},
		"slow":                {300 * time.Millisecond, "https://example.com/delivered", 300 * time.Millisecond},
		"does not answer":     {time.Hour, "https://example.com/delivered", time.Second},
		"at another receiver": {300 * time.Millisecond, "https://example.org/delivered", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{}).start()
				first := w.register("first", "https://example.com/sent")
				second := w.register("second", tt.other)
				w.rcv.set(func(req *http.Request) (*http.Response, error) {
					if strings.HasSuffix(req.URL.Path, "sent") {
						return slowly(tt.first)(req)
					}
					return status(200, ""), nil
				})
				start := time.Now()
				w.emit("m", first)
				w.emit("m", second)
				w.emit("other", second)
				pass(10 * time.Second)
				at := make(map[string]time.Duration)
				hits := w.rcv.take()
				for i, n := range texts(hits) {
					at[n] = hits[i].at.Sub(start)
				}
				if at["2"] != tt.want || at["3"] != 0 || at["1"] != 0 {
					t.Errorf("events came at %v, want the second at %v and the others at once", at, tt.want)
				}
			})
		})
	}
}
