package rest

import (
	"context"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestModemHistory(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office", State: gateway.ModemReady, Signal: 20, Registration: 1}})
	w.gateway.History = true
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.gateway.Run(ctx, t.Context()) }()
	for a := "[]"; a == "[]"; { // until the first sample is stored
		a = w.do("GET", "/modems/1/history", "").body
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	want := `[{"at":"TIME","state":"ready","signal":{"rssi":20,"dbm":-73,"bars":5},"registration":"home","registered":true}]`
	if a := w.do("GET", "/modems/office/history", ""); a.status != 200 || masked(a.body) != want {
		t.Errorf("got %d %s, want %s", a.status, a.body, want)
	}
	if s, err := w.client.ModemHistory(t.Context(), "office", time.Now().Add(time.Hour), time.Time{}); err != nil || len(s) != 0 {
		t.Errorf("got %+v, %v, want nothing from the future", s, err)
	}
	for query, want := range map[string]string{"?from=x": "from and to must be dates", "?from=2026-06-22T08:00:00Z&to=2026-06-21T08:00:00Z": "Start date cannot be after"} {
		if a := w.do("GET", "/modems/office/history"+query, ""); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: got %d %s", query, a.status, a.body)
		}
	}
}
