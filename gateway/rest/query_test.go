package rest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"tetherd/gateway"
)

// A moment that an answer shows is cut to the millisecond, and as the bound of a span it
// stands for all that is shown so.
func TestSpansIncludeTheirBounds(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office"}})
	var c gateway.Change
	for i := range 3 {
		ms := at(10, 0, 0).Add(time.Duration(i) * time.Millisecond) // each beside the next
		for j, nanos := range []time.Duration{0, 456_789, 999_999} {
			c.Messages = append(c.Messages, finished(fmt.Sprintf("m%d%d", i, j), ms.Add(nanos)))
			c.Inbound = append(c.Inbound, gateway.Inbound{Type: gateway.InboundSMS, From: "+4917000000001", Text: "x", Modem: "office", ArrivedAt: ms.Add(nanos)})
		}
	}
	w.store(c)
	for _, path := range []string{"/messages?", "/messages?search=m&", "/inbox?", "/inbox?deviceId=office&"} {
		a := w.do("GET", path+"limit=5", "")
		var items []struct{ CreatedAt string }
		if err := json.Unmarshal([]byte(a.body), &items); err != nil || len(items) != 5 {
			t.Fatalf("%s: got %d %s, %v", path, a.status, a.body, err)
		}
		shown := url.QueryEscape(items[4].CreatedAt) // of the millisecond in the middle
		for query, want := range map[string]int{
			"from=" + shown: 6, "to=" + shown: 6, "from=" + shown + "&to=" + shown: 3,
			"from=2026-03-13T10:00:00.001999999Z&to=2026-03-13T10:00:00.001Z": 3, // clients may be as exact as they like
		} {
			if got := len(w.do("GET", path+query, "").ids(t)); got != want {
				t.Errorf("%s%s: got %d, want %d", path, query, got, want)
			}
		}
	}
	if a := w.do("POST", "/inbox/export", `{"since":"2026-03-13T10:00:00Z","until":"2026-03-13T10:00:00.001Z"}`); a.status != 202 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	text, err := w.db.Setting("exports")
	if err != nil {
		t.Fatal(err)
	}
	var list []gateway.Export
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != 1 || !list[0].Until.Equal(at(10, 0, 0).Add(2*time.Millisecond-1)) {
		t.Errorf("got exports %s, %v, want all of the last millisecond", text, err)
	}
}
