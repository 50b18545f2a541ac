package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"tetherd/webhook/egress"
)

// maxLocalBody is how much is kept of what a handler of this process answers.
const maxLocalBody = 64 << 10

// client returns what makes requests to a URL.
func (w *Worker) client(rawURL string) *egress.Client {
	if w.local == nil {
		return w.o.Client
	}
	if u, err := url.Parse(rawURL); err != nil || w.o.Local(u) == nil {
		return w.o.Client
	}
	return w.local
}

// localTransport has handlers of this process serve requests. Its answers are
// complete when it returns them.
type localTransport struct {
	handler func(*url.URL) http.Handler
}

// RoundTrip implements [http.RoundTripper].
func (t localTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	h := t.handler(req.URL)
	if h == nil {
		return nil, errors.New("nothing serves this address any more")
	}
	r := req.Clone(req.Context())
	r.RequestURI, r.Host = req.URL.RequestURI(), req.URL.Host
	if r.Body == nil {
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	a := &localAnswer{header: make(http.Header)}
	h.ServeHTTP(a, r)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		StatusCode: a.code, Status: fmt.Sprintf("%03d %s", a.code, http.StatusText(a.code)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.sent, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: req,
	}, nil
}

// localAnswer is an [http.ResponseWriter] in memory.
type localAnswer struct {
	header http.Header
	sent   http.Header // as it was when the code was written
	code   int         // 0 until it is written
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (a *localAnswer) Header() http.Header { return a.header }

// WriteHeader implements [http.ResponseWriter].
func (a *localAnswer) WriteHeader(code int) {
	if a.code == 0 && code >= 200 {
		a.code, a.sent = code, a.header.Clone()
	}
}

// Write implements [http.ResponseWriter]. What exceeds the bound is dropped.
func (a *localAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body.Write(b[:min(len(b), maxLocalBody-a.body.Len())])
	return len(b), nil
}
