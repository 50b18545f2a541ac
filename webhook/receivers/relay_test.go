package receivers_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// relay passes requests on to receivers, in the place of whatever sits between a
// gateway and its receiver. It changes the first request to each receiver, or loses
// the answer to it.
type relay struct {
	*httptest.Server

	mu    sync.Mutex
	lines map[string]*line // by path
}

// line is the way to one receiver.
type line struct {
	target string
	change func(http.Header, []byte) []byte // nil once it was made
	deaf   bool                             // until an answer was lost
}

var errLost = errors.New("answer lost")

func newRelay(t *testing.T) *relay {
	t.Helper()
	r := &relay{lines: make(map[string]*line)}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// to returns a URL that leads to target. The first request on the way there is given
// to change, which returns its new body.
func (r *relay) to(target string, change func(http.Header, []byte) []byte) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.add(&line{target: target, change: change})
}

// deafTo returns a URL that leads to target. The first answer on the way back is lost.
func (r *relay) deafTo(target string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.add(&line{target: target, deaf: true})
}

func (r *relay) add(l *line) string {
	path := "/" + strings.TrimPrefix(l.target, "http://")
	r.lines[path] = l
	return r.URL + path
}

func (r *relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	status, err := r.pass(req)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

// pass returns the status with which the receiver answers.
func (r *relay) pass(req *http.Request) (int, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return 0, err
	}
	l := r.lines[req.URL.Path]
	if l.change != nil {
		body = l.change(req.Header, body)
		l.change = nil
	}
	// Not that of the request: who hangs up must not keep the answer from being seen.
	target := l.target
	if req.URL.RawQuery != "" {
		target += "?" + req.URL.RawQuery
	}
	on, err := http.NewRequestWithContext(context.WithoutCancel(req.Context()), req.Method, target, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	on.Header = req.Header
	res, err := http.DefaultClient.Do(on)
	if err != nil {
		return 0, err
	}
	if l.deaf {
		l.deaf = false
		res.Body.Close()
		return 0, errLost
	}
	return res.StatusCode, res.Body.Close()
}
