package receivers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// Host runs receivers. It is safe for concurrent use.
type Host struct {
	Kinds []string // that it has

	url  string
	next atomic.Int64 // number of the latest receiver
}

// newHost returns the host that listens at url.
func newHost(t testing.TB, url string) *Host {
	t.Helper()
	h := &Host{url: url}
	var answer struct {
		Kinds []string `json:"kinds"`
	}
	h.call(t, http.MethodGet, "/_", nil, &answer)
	h.Kinds = answer.Kinds
	return h
}

// Rule returns the rule of a kind: what follows the framework.
func Rule(kind string) string {
	_, rule, _ := strings.Cut(kind, "/")
	return rule
}

// New returns a new receiver of the given kind that knows the given secrets.
func (h *Host) New(t testing.TB, kind string, secrets ...string) *Receiver {
	t.Helper()
	r := &Receiver{Kind: kind, t: t, host: h, id: strconv.FormatInt(h.next.Add(1), 10)}
	r.URL = h.url + "/" + kind + "/" + r.id
	r.Know(secrets...)
	return r
}

// Receiver is one receiver of webhooks. It is safe for concurrent use.
type Receiver struct {
	Kind string
	URL  string

	t    testing.TB
	host *Host
	id   string
}

// Request is what a receiver was sent, and what it made of it.
type Request struct {
	Method  string   `json:"method"`
	Query   string   `json:"query"`   // what follows ? in the URL, as it came
	Headers []string `json:"headers"` // names and values, in turn, as they came
	Body    []byte   `json:"body"`
	Status  int      `json:"status"` // of the answer
	// Understood is what the receiver read in the event, nil if it refused it.
	Understood map[string]any `json:"understood"`
}

// Header returns all values sent under a name, whatever its case.
func (r *Request) Header(name string) []string {
	var values []string
	for i := 0; i+1 < len(r.Headers); i += 2 {
		if strings.EqualFold(r.Headers[i], name) {
			values = append(values, r.Headers[i+1])
		}
	}
	return values
}

// Know replaces the secrets that the receiver accepts signatures of.
func (r *Receiver) Know(secrets ...string) {
	r.t.Helper()
	r.host.call(r.t, http.MethodPut, "/_/"+r.id, map[string][]string{"secrets": secrets}, nil)
}

// Requests returns what was sent so far, oldest first.
func (r *Receiver) Requests() []Request {
	r.t.Helper()
	var answer struct {
		Requests []Request `json:"requests"`
	}
	r.host.call(r.t, http.MethodGet, "/_/"+r.id, nil, &answer)
	return answer.Requests
}

// call speaks to the control side of the host.
func (h *Host) call(t testing.TB, method, path string, in, out any) {
	t.Helper()
	if err := h.exchange(t.Context(), method, path, in, out); err != nil {
		t.Fatalf("%s %s of the receivers: %v", method, path, err)
	}
}

func (h *Host) exchange(ctx context.Context, method, path string, in, out any) error {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, h.url+path, &body)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d", res.StatusCode)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(out)
}
