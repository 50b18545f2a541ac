package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

func TestPrintTrace(t *testing.T) {
	at := func(ms int) api.Time {
		return api.Time{Time: time.Date(2026, 3, 13, 14, 25, 16, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)}
	}
	var b strings.Builder
	err := printTrace(&b, api.Trace{ID: "m1", Recipients: []api.RecipientTrace{{
		PhoneNumber: "+49151\x1b", State: api.Sent, DroppedHops: 1, Hops: []api.Hop{
			{At: at(0), Description: "accepted by the gateway", State: api.Pending},
			{At: at(1500), Description: "part 1 accepted", Evidence: "+CMGS: 0\r", State: api.Sent, EventID: "e1"},
		},
	}}})
	want := "m1  +49151·  Sent\n" +
		"  2026-03-13 14:25:16.000             accepted by the gateway  => Pending\n" +
		"  2026-03-13 14:25:17.500      +1.5s  part 1 accepted  [+CMGS: 0·]  => Sent  event e1\n" +
		"  (1 step left out of the middle)\n"
	if diff := cmp.Diff(want, b.String()); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}
