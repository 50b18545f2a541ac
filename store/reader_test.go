package store

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/webhook"
	"tetherd/webhook/egress"
)

// Nobody reads the store while a receiver is waited for or an observer is told: an
// old reader would keep every page that was freed since from being used again.
func TestNoReaderAcrossCallbacks(t *testing.T) {
	db := openTest(t)
	idle := func(where string) {
		// Another delivery may be looked for at this moment, but not for long.
		for deadline := time.Now().Add(5 * time.Second); db.bolt.Stats().OpenTxN > 0; runtime.Gosched() {
			if time.Now().After(deadline) {
				t.Error("a reader stays open in", where)
				return
			}
		}
	}
	arrived := make(chan struct{}, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		idle("a request")
		arrived <- struct{}{}
	}))
	defer srv.Close()
	client, err := egress.New(egress.Options{Clock: db.Timeline().Wall})
	if err != nil {
		t.Fatal(err)
	}
	worker, err := webhook.New(webhook.Options{Queue: db, DeviceID: "device", Client: client})
	if err != nil {
		t.Fatal(err)
	}
	db.OnCommit(worker.Observe)
	db.OnCommit(func(gateway.Change) { idle("an observer") })
	soft, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- worker.Run(soft, context.Background()) }()

	es := []gateway.Endpoint{{ID: "one", URL: srv.URL, Events: []gateway.EventType{gateway.EventSent}}}
	commit(t, db, gateway.Change{Endpoints: es})
	for i := range 5 {
		emit(t, db, fmt.Sprint("e", i), 1, es[0].Num)
	}
	for range 5 {
		<-arrived
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
