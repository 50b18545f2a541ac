package receivers

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// StartGo starts the receivers in Go.
func StartGo(t testing.TB) *Host {
	t.Helper()
	s := httptest.NewServer(&goServer{receivers: make(map[string]*goReceiver)})
	t.Cleanup(s.Close)
	return newHost(t, s.URL)
}

// goServer has the receivers in Go. It speaks like server.js.
type goServer struct {
	mu        sync.Mutex // guards the rest
	receivers map[string]*goReceiver
}

type goReceiver struct {
	Secrets  []string   `json:"secrets"`
	Requests []*Request `json:"requests"`
}

func (s *goServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender has gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case len(path) == 1:
		var kinds []string
		for _, rule := range slices.Sorted(maps.Keys(rules)) {
			kinds = append(kinds, "go/"+rule)
		}
		json.NewEncoder(w).Encode(map[string][]string{"kinds": kinds})
	case path[0] == "_" && r.Method == http.MethodPut:
		if s.receivers[path[1]] == nil {
			s.receivers[path[1]] = new(goReceiver)
		}
		if err := json.Unmarshal(body, s.receivers[path[1]]); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	case path[0] == "_":
		json.NewEncoder(w).Encode(s.receivers[path[1]])
	default:
		w.WriteHeader(s.receivers[path[2]].receive(rules[path[1]], r, body))
	}
}

// receive notes a request and returns the status to answer with.
func (g *goReceiver) receive(genuine rule, r *http.Request, body []byte) int {
	request := &Request{Method: r.Method, Query: r.URL.RawQuery, Body: body}
	signed := body
	if r.Method == http.MethodGet {
		signed = []byte(r.URL.RawQuery)
	}
	for name, values := range r.Header {
		for _, v := range values {
			request.Headers = append(request.Headers, name, v)
		}
	}
	g.Requests = append(g.Requests, request)
	now := time.Now()
	switch {
	case !slices.ContainsFunc(g.Secrets, func(s string) bool { return genuine(s, r.Header, signed, now) }):
		request.Status = http.StatusUnauthorized
	case r.Method != http.MethodGet && json.Unmarshal(body, &request.Understood) != nil:
		request.Status = http.StatusBadRequest
	default:
		request.Status = http.StatusOK
	}
	return request.Status
}
