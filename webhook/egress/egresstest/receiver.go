// Package egresstest has a receiver of requests, for tests.
package egresstest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Receiver is a server that answers as told and passes on what it was sent. It is safe
// for concurrent use.
type Receiver struct {
	*httptest.Server
	Got chan *http.Request // with the body in Form["body"]

	mu     sync.Mutex
	answer http.HandlerFunc // nil: 200
}

// NewReceiver starts a receiver that answers 200. It is closed when the test ends.
func NewReceiver(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{Got: make(chan *http.Request, 10_000)}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP implements [http.Handler].
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	req.Form = map[string][]string{"body": {string(body)}}
	r.Got <- req
	r.mu.Lock()
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		answer(w, req)
	}
}

// Answer sets how requests are answered from now on; nil is with 200.
func (r *Receiver) Answer(answer http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// Next waits for the next request, for a minute.
func (r *Receiver) Next(t testing.TB) *http.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	select {
	case req := <-r.Got:
		return req
	case <-ctx.Done():
		t.Fatal("no request came")
		return nil
	}
}
