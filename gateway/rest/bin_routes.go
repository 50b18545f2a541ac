package rest

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// binMethods are those that a bin takes; GET includes HEAD.
var binMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

var errNoBin = &gateway.Error{Code: gateway.NotFound, Message: "there is no bin with this id; they are gone after a day, and when the gateway is restarted. POST /bins makes one"}

var binPath = regexp.MustCompile(`^/bin/[A-Za-z0-9_-]+$`)

// IsBin reports whether a path of the API is that of a request bin, into which may
// write whoever knows it.
func IsBin(path string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		rest, ok := strings.CutPrefix(path, prefix)
		return ok && binPath.MatchString(rest)
	})
}

// addBin is POST /bins.
func (s *server) addBin(w http.ResponseWriter, r *http.Request) error {
	b := s.bins.add()
	path, _ := strings.CutSuffix(r.URL.EscapedPath(), "s")
	u := baseOf(r)
	u.Path = path + "/" + b.id
	return reply(w, http.StatusCreated, api.Bin{ID: b.id, URL: u.String(), ExpiresAt: wire(b.expires)})
}

// removeBin is DELETE /bins/{id}.
func (s *server) removeBin(w http.ResponseWriter, r *http.Request) error {
	s.bins.remove(r.PathValue("id"))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// fillBin is any method on /bin/{id}, without credentials.
func (s *server) fillBin(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !s.bins.open(id) {
		return errNoBin
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBinBody+1))
	if err != nil {
		return &gateway.Error{Code: gateway.Invalid, Message: "the request body did not arrive whole", Err: err}
	}
	req := binRequest{at: s.now(), method: r.Method, query: r.URL.RawQuery, remote: r.RemoteAddr, body: body}
	if len(body) > maxBinBody {
		req.body, req.truncated = body[:maxBinBody:maxBinBody], true
	}
	req.header, req.truncated = bounded(r.Header, req.truncated)
	if len(req.query) > maxBinHeader {
		req.query, req.truncated = req.query[:maxBinHeader], true
	}
	switch known, allowed := s.bins.take(id, req); {
	case !known:
		return errNoBin
	case !allowed:
		return &gateway.Error{Code: gateway.TooSoon, Message: "too many requests to this bin: try again later"}
	}
	if r.Method == http.MethodOptions {
		// What CloudEvents asks of a receiver that does not mind (HTTP 1.1 Web Hooks §4.2).
		w.Header().Set("WebHook-Allowed-Origin", "*")
	}
	return reply(w, http.StatusOK, struct {
		OK bool `json:"ok"`
	}{true})
}

// bounded returns a copy of h of a bounded size.
func bounded(h http.Header, truncated bool) (http.Header, bool) {
	out := make(http.Header)
	left := maxBinHeader
	for _, name := range sortedNames(h) {
		for _, v := range h[name] {
			if left -= len(name) + len(v); left < 0 {
				return out, true
			}
			out[name] = append(out[name], v)
		}
	}
	return out, truncated
}

// sortedNames returns the names of h, those that matter to receivers of webhooks
// first.
func sortedNames(h http.Header) []string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	rank := func(name string) int {
		if strings.HasPrefix(name, "Webhook-") || strings.HasSuffix(name, "-Signature") || name == "X-Timestamp" || name == "Content-Type" {
			return 0
		}
		return 1
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}

// listBin is GET /bins/{id}/requests, newest first.
func (s *server) listBin(w http.ResponseWriter, r *http.Request) error {
	b, ok := s.bins.requests(r.PathValue("id"))
	if !ok {
		return errNoBin
	}
	senders := s.sendersTo(b.id)
	out := api.BinRequests{ExpiresAt: wire(b.expires), Dropped: b.dropped, Requests: make([]api.BinRequest, len(b.requests))}
	for i := range b.requests {
		q := &b.requests[i]
		shown := api.BinRequest{
			At: wire(q.at), Method: q.method, Query: q.query, Remote: q.remote, Header: q.header,
			Body: strings.ToValidUTF8(string(q.body), string(utf8.RuneError)), Truncated: q.truncated,
		}
		if !utf8.Valid(q.body) {
			shown.BodyBase64 = base64.StdEncoding.EncodeToString(q.body)
		}
		for j := range senders {
			shown.Hints = append(shown.Hints, s.hint(&senders[j], q))
		}
		out.Requests[i] = shown
	}
	return reply(w, http.StatusOK, out)
}

// sendersTo returns the webhooks that point to a bin.
func (s *server) sendersTo(id string) []gateway.Endpoint {
	return slices.DeleteFunc(s.gateway.Endpoints(), func(e gateway.Endpoint) bool {
		u, err := url.Parse(e.URL)
		return err != nil || !strings.HasSuffix(u.Path, "/bin/"+id)
	})
}

// hint says whether q is signed as e signs.
func (s *server) hint(e *gateway.Endpoint, q *binRequest) string {
	name := "webhook " + e.ID
	if q.truncated {
		return name + ": the signature cannot be checked, since the request was not kept whole"
	}
	err := s.hooks.Verify(e, q.header, q.body, q.at)
	if err == nil {
		return name + ": the signature is right"
	}
	if e, ok := errors.AsType[*gateway.Error](err); ok {
		return name + ": " + e.Message
	}
	return name + ": " + err.Error()
}
