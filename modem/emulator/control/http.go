package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// maxBody bounds a request, in octets.
const maxBody = 1 << 20

// about is a command as GET / shows it.
type about struct {
	Name       string   `json:"name"`
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Parameters []string `json:"parameters"` // those in brackets may be left out
	Help       string   `json:"help"`
}

// Handler serves the commands over HTTP: GET / lists them, GET /NAME?PARAMETER=… runs one
// that only reads, POST /NAME with an object of JSON runs any. The answer is
// {"result": …} or {"error": "…"}.
func (b *Bench) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", serveIndex)
	mux.HandleFunc("GET /{command}", func(w http.ResponseWriter, r *http.Request) {
		a := args{}
		for name, values := range r.URL.Query() {
			a[name] = values[len(values)-1]
		}
		b.serve(w, r, a)
	})
	mux.HandleFunc("POST /{command}", func(w http.ResponseWriter, r *http.Request) {
		a, err := readArgs(r)
		if err != nil {
			answer(w, http.StatusBadRequest, nil, err)
			return
		}
		b.serve(w, r, a)
	})
	return localOnly(http.NewCrossOriginProtection().Handler(mux))
}

// localOnly refuses requests for a name that is not this machine's, which a web page can
// bring about by letting its own name point here.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if host != "localhost" && (err != nil || !ip.IsLoopback()) {
			answer(w, http.StatusForbidden, nil, errors.New("use the address 127.0.0.1, ::1 or localhost"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func serveIndex(w http.ResponseWriter, _ *http.Request) {
	out := []about{}
	for _, c := range commands() {
		e := about{Name: c.name, Method: http.MethodPost, Path: "/" + c.name, Parameters: c.params, Help: c.help}
		if c.reads {
			e.Method = http.MethodGet
		}
		if e.Parameters == nil {
			e.Parameters = []string{}
		}
		out = append(out, e)
	}
	answer(w, http.StatusOK, out, nil)
}

// serve runs a command and answers.
func (b *Bench) serve(w http.ResponseWriter, r *http.Request, a args) {
	c, err := find(r.PathValue("command"))
	if err != nil {
		answer(w, http.StatusNotFound, nil, errors.New("there is no such command: GET / lists them"))
		return
	}
	if r.Method != http.MethodPost && !c.reads {
		w.Header().Set("Allow", http.MethodPost)
		answer(w, http.StatusMethodNotAllowed, nil, errors.New("it changes something: use POST"))
		return
	}
	out, err := b.call(r.Context(), c, a)
	if _, ok := errors.AsType[Mistake](err); ok {
		answer(w, http.StatusBadRequest, nil, err)
		return
	}
	if err != nil {
		answer(w, http.StatusInternalServerError, nil, err)
		return
	}
	answer(w, http.StatusOK, out, nil)
}

// readArgs reads an object whose values are strings or numbers. No body is no parameter.
func readArgs(r *http.Request) (args, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read body: %w", err)
	case len(body) > maxBody:
		return nil, errors.New("the body is too large")
	case len(strings.TrimSpace(string(body))) == 0:
		return args{}, nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, errors.New("the Content-Type has to be application/json")
	}
	var values map[string]any
	if err := json.Unmarshal(body, &values); err != nil {
		return nil, fmt.Errorf("the body is no object of JSON: %w", err)
	}
	a := args{}
	for name, v := range values {
		switch v := v.(type) {
		case string:
			a[name] = v
		case float64:
			a[name] = fmt.Sprint(int64(v))
		default:
			return nil, fmt.Errorf("%s: is neither a string nor a number", name)
		}
	}
	return a, nil
}

// answer writes a result or an error.
func answer(w http.ResponseWriter, status int, result any, err error) {
	var out struct {
		Result any    `json:"result,omitempty"`
		Error  string `json:"error,omitempty"`
	}
	out.Result = result
	if err != nil {
		out.Error = err.Error()
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // a client that has left needs no answer
}
