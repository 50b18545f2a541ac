package main_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"
)

// apiPrefixes are where clients expect the API: at the root as the local server has it,
// and where the servers that have the same API put it.
var apiPrefixes = []string{"", "/3rdparty/v1", "/api/3rdparty/v1", "/api/v1"}

// everyPrefix runs a test with the address of the API under each prefix, and with a name
// that is another for each.
func (r *rig) everyPrefix(t *testing.T, test func(t *testing.T, url, name string)) {
	defer func() { r.t = t }() // whose failure shows the daemon's log
	for i, prefix := range apiPrefixes {
		t.Run("at "+cmp.Or(prefix, "the root"), func(t *testing.T) {
			r.t = t
			test(t, "http://"+r.addr+prefix, fmt.Sprintf("interop-%d", i))
		})
	}
}

// arrive has somebody send a text, and waits until the webhook was told of it as often
// as given.
func (r *rig) arrive(webhook, text string, times int) {
	r.t.Helper()
	if times == 1 {
		if err := r.network.DeliverText("+4917099999999", r.sticks[0].number, text); err != nil {
			r.t.Fatal(err)
		}
	}
	r.until("the webhook to be told", 20*time.Second, func() bool {
		n := 0
		for _, p := range r.receiver.all() {
			if p.WebhookID == webhook && p.Payload.Message == text {
				n++
			}
		}
		return n >= times
	})
}

// expect fails the test unless err is about what is in text; "" is for none.
func expect(t *testing.T, what string, err error, text string) {
	t.Helper()
	switch {
	case text == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case text != "" && err == nil:
		t.Errorf("%s: no error, want one about %q", what, text)
	case text != "" && !strings.Contains(err.Error(), text):
		t.Errorf("%s: got error %v, want one about %q", what, err, text)
	}
}
