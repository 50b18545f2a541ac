package rest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// history registers webhook w1 and stores n events with deliveries to it, which it
// returns oldest first.
func (w *world) history(n int) []gateway.Delivery {
	w.t.Helper()
	if a := w.do("POST", "/webhooks", `{"id":"w1","url":"https://example.org","event":"sms:failed"}`); a.status != 201 {
		w.t.Fatal(a.body)
	}
	for i := range n {
		e, _ := w.gateway.Endpoint("w1")
		w.store(gateway.Change{Emissions: []gateway.Emission{{
			Event:      gateway.Event{ID: fmt.Sprintf("event%d", i), At: w.gateway.Now(), Subject: "m1", Payload: gateway.MessageFailed{Reason: "no"}},
			Deliveries: []gateway.Delivery{{ID: fmt.Sprintf("d%d", i), Endpoint: e.Num, Rev: e.Rev, Due: 1}},
		}}})
	}
	ds, _, err := w.gateway.Deliveries("w1", gateway.DeliveryQuery{Limit: n})
	if err != nil || len(ds) != n {
		w.t.Fatalf("got %d deliveries, %v, want %d", len(ds), err, n)
	}
	slices.Reverse(ds)
	return ds
}

// list gets a list of items.
func list[T any](w *world, path string) (items []T) {
	w.t.Helper()
	a := w.do("GET", path, "")
	if err := json.Unmarshal([]byte(a.body), &items); err != nil || a.status != 200 {
		w.t.Fatalf("%s: got %d %s", path, a.status, a.body)
	}
	return items
}

func TestDeliveries(t *testing.T) {
	w := newWorld(t)
	ds := w.history(6)
	now := w.db.Timeline().Now()
	for i, state := range []gateway.DeliveryState{gateway.Succeeded, gateway.Exhausted, gateway.Blocked, gateway.Dropped, gateway.Withdrawn} {
		d := ds[i]
		d.State, d.Attempts, d.Ended = state, i, now
		if state == gateway.Exhausted {
			d.LastCode, d.LastErr, d.LastAt = 500, "HTTP 500: <b>no</b>", w.gateway.Now()
		}
		w.store(gateway.Change{Deliveries: []gateway.Delivery{d}})
	}
	ids := func(query string) (out []string) {
		t.Helper()
		for _, d := range list[api.Delivery](w, "/webhooks/w1/deliveries"+query) {
			out = append(out, d.ID+" "+d.State)
		}
		return out
	}
	all := []string{"d5 pending", "d4 cancelled", "d3 dropped", "d2 blocked", "d1 exhausted", "d0 succeeded"}
	for query, want := range map[string][]string{
		"":                               all,
		"?limit=2":                       all[:2],
		"?state=pending":                 all[:1],
		"?state=dead":                    all[2:5],
		"?state=dead&limit=1":            all[2:3],
		"?state=succeeded,exhausted":     all[4:],
		"?state=cancelled&state=blocked": {all[1], all[3]},
	} {
		if diff := cmp.Diff(want, ids(query)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", query, diff)
		}
	}
	// Page by page.
	var paged []string
	for before := ""; ; {
		page := list[api.Delivery](w, "/webhooks/w1/deliveries?limit=4&before="+before)
		if len(page) == 0 {
			break
		}
		for _, d := range page {
			paged = append(paged, d.ID+" "+d.State)
		}
		before = page[len(page)-1].Cursor
	}
	if diff := cmp.Diff(all, paged); diff != "" {
		t.Errorf("paged (-want +got)\n%s", diff)
	}

	one := func(method, path string, status int) string {
		t.Helper()
		a := w.do(method, "/webhooks/w1/deliveries/"+path, "")
		if a.status != status {
			t.Errorf("%s %s: got %d %s, want %d", method, path, a.status, a.body, status)
		}
		return masked(a.body)
	}
	want := `{"id":"d1","eventId":"event1","event":"sms:failed","subject":"m1","state":"exhausted","occurredAt":"TIME","attempts":1,` +
		`"lastCode":500,"lastError":"HTTP 500: \u003cb\u003eno\u003c/b\u003e","lastAt":"TIME","endedAt":"TIME","cursor":"2"}`
	if diff := cmp.Diff(want, one("GET", "d1", 200)); diff != "" {
		t.Errorf("one (-want +got)\n%s", diff)
	}
	if got := one("POST", "d1/redeliver", 202); !strings.Contains(got, `"state":"pending","occurredAt":"TIME","attempts":1,"replays":1`) || !strings.Contains(got, `"nextAttempt":"TIME"`) {
		t.Errorf("redelivered: got %s", got)
	}
	if got := one("POST", "d5/cancel", 200); !strings.Contains(got, `"state":"cancelled"`) {
		t.Errorf("cancelled: got %s", got)
	}
	if got := one("POST", "d5/cancel", 409); !strings.Contains(got, "does not wait any more, it is cancelled") {
		t.Errorf("cancelled again: got %s", got)
	}
	one("GET", "none", 404)
	if a := w.do("POST", "/webhooks/w1/deliveries/d0/redeliver", `{"newId":true}`); a.status != 202 || strings.Contains(a.body, `"id":"d0"`) {
		t.Errorf("with another id: got %d %s", a.status, a.body)
	}
	for query, want := range map[string]string{
		"?state=lost": "state must be one or more of pending, succeeded, exhausted, blocked, dropped, cancelled, dead",
		"?before=x":   "before must be the cursor of an item",
		"?limit=0":    "limit must be between 1 and 500",
		"?limit=501":  "limit must be between 1 and 500",
	} {
		if a := w.do("GET", "/webhooks/w1/deliveries"+query, ""); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s, want %s", query, a.status, a.body, want)
		}
	}
	h := w.shown("w1").Health
	if h.Pending != 2 || h.Dead != 2 || h.NextAttempt.IsZero() {
		t.Errorf("health: got %+v, want 2 pending and 2 dead", h)
	}
}

func TestAttempts(t *testing.T) {
	w := newWorld(t)
	w.history(1)
	e, _ := w.gateway.Endpoint("w1")
	now := w.gateway.Now()
	tick := w.db.Timeline().Now()
	w.store(gateway.Change{
		Attempts: []gateway.Attempt{
			{Endpoint: e.Num, Delivery: "d0", Event: 1, Type: "sms:failed", Number: 1, Verdict: gateway.AttemptFailed, At: now, Tick: tick, Next: tick + 10_000, Exchange: gateway.Exchange{
				Code: 503, Error: "HTTP 503", ContentType: "text/html", Body: []byte("<script>alert(1)</script>\xff"), Truncated: true,
				RetryAfter: 20 * time.Second, Location: "https://x/", Remote: "192.0.2.1:443", TLS: "TLS 1.3",
				Timings: gateway.Timings{DNS: time.Millisecond, Connect: 2 * time.Millisecond, TLS: 3 * time.Millisecond, FirstByte: 4500 * time.Microsecond, Total: 5 * time.Millisecond},
			}},
			{Endpoint: e.Num, Delivery: "d0", Event: 1, Type: "sms:failed", Number: 2, Verdict: gateway.AttemptSucceeded, At: now, Tick: tick, Exchange: gateway.Exchange{Code: 200, Body: []byte("ok")}},
			{Endpoint: e.Num, Delivery: "d9", Event: 2, Type: "system:ping", Number: 1, Verdict: gateway.AttemptLocal, At: now, Tick: tick, Exchange: gateway.Exchange{Error: "no route"}},
		},
		EndpointStates: []gateway.EndpointState{{
			Endpoint: e.Num, Succeeded: 1, Failed: 2, Exhausted: 3, Dropped: 4, Failures: 5, FailingSince: tick, LastSuccess: now, LastFailure: now,
		}},
	})
	a := w.do("GET", "/webhooks/w1/attempts?delivery=d0", "")
	want := `[{"cursor":"2","delivery":"d0","event":"sms:failed","number":2,"outcome":"succeeded","at":"TIME","code":200,"body":"ok","timings":{"total":0}},` +
		`{"cursor":"1","delivery":"d0","event":"sms:failed","number":1,"outcome":"failed","at":"TIME","next":"TIME","code":503,"error":"HTTP 503","contentType":"text/html",` +
		`"body":"\u003cscript\u003ealert(1)\u003c/script\u003e` + "\ufffd" + `","bodyBase64":"PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pv8=","truncated":true,"retryAfter":"20s",` +
		`"location":"https://x/","remote":"192.0.2.1:443","tls":"TLS 1.3","timings":{"dns":1,"connect":2,"tls":3,"firstByte":4.5,"total":5}}]`
	if diff := cmp.Diff(want, masked(a.body)); a.status != 200 || diff != "" {
		t.Errorf("got %d (-want +got)\n%s", a.status, diff)
	}
	// What a receiver answered never becomes a page.
	if got := a.header.Get("Content-Type") + " " + a.header.Get("X-Content-Type-Options"); got != "application/json; charset=utf-8 nosniff" {
		t.Errorf("got %s", got)
	}
	as := list[api.Attempt](w, "/webhooks/w1/attempts?limit=2")
	if len(as) != 2 || as[0].Outcome != "local" || as[1].Number != 2 {
		t.Errorf("newest two: got %+v", as)
	}
	if as = list[api.Attempt](w, "/webhooks/w1/attempts?before="+as[1].Cursor); len(as) != 1 || as[0].Number != 1 || as[0].Next.Sub(as[0].At.Time) != 10*time.Second {
		t.Errorf("the one before: got %+v", as)
	}
	st := w.do("GET", "/webhooks/w1/stats", "")
	want = `{"status":"failing","pending":1,"dead":0,"failures":5,"lastSuccess":"TIME","lastFailure":"TIME","nextAttempt":"TIME",` +
		`"succeeded":1,"failed":2,"exhausted":3,"dropped":4,"failingSince":"TIME"}`
	if diff := cmp.Diff(want, masked(st.body)); st.status != 200 || diff != "" {
		t.Errorf("stats: got %d (-want +got)\n%s", st.status, diff)
	}
}

// The engine does not run, so jobs wait.
func TestJobRoutes(t *testing.T) {
	w := newWorld(t)
	w.history(1)
	for path, body := range map[string]string{
		"recover":        `{"since":"2026-03-13T14:25:16Z","until":"2026-03-14T14:25:16Z","state":["exhausted"]}`,
		"recover/":       `{"state":"dead"}`,
		"replay-missing": "",
	} {
		a := w.do("POST", "/api/v1/webhooks/w1/"+path, body)
		var j api.Job
		if err := json.Unmarshal([]byte(a.body), &j); err != nil || a.status != 202 || j.State != "waiting" || j.Kind+"/" != strings.TrimSuffix(path, "/")+"/" {
			t.Errorf("%s: got %d %s", path, a.status, a.body)
		}
		if want := "/api/v1/webhooks/w1/jobs/" + j.ID; a.header.Get("Location") != want {
			t.Errorf("%s: got Location %s, want %s", path, a.header.Get("Location"), want)
		}
		if b := w.do("GET", a.header.Get("Location"), ""); b.status != 200 || b.body != a.body {
			t.Errorf("%s: got %d %s, want %s", path, b.status, b.body, a.body)
		}
	}
	if js := list[api.Job](w, "/webhooks/w1/jobs"); len(js) != 3 {
		t.Errorf("got %+v, want 3", js)
	}
	for body, want := range map[string]string{
		`{"since":"yesterday"}`: "since must be a date and time",
		`{"state":["pending"]}`: "state must be exhausted, blocked, dropped or cancelled, not pending",
		`{"state":["lost"]}`:    "state must be one or more of",
		`{"state":7}`:           "state must be an array of strings",
		`{"since":"2026-03-15T14:25:16Z","until":"2026-03-14T14:25:16Z"}`: "since must not be after until",
	} {
		if a := w.do("POST", "/webhooks/w1/recover", body); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s, want %s", body, a.status, a.body, want)
		}
	}
}
