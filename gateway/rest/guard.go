package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/access"
)

// requestIDHeader names a request in its answer and in the log.
const requestIDHeader = "X-Request-Id"

// transportSecurity has browsers use HTTPS only, for a year (RFC 6797).
const transportSecurity = "max-age=31536000"

// noContent has browsers run, load and frame nothing of an answer: it is data. Pages say
// themselves what they need.
const noContent = "default-src 'none'; frame-ancestors 'none'"

// guard is around every request: it names it, sets the headers that all answers
// have, turns away addresses and pages of other sites, catches panics, and logs.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		began := time.Now()
		w := &recorder{ResponseWriter: out}
		h := w.Header()
		h.Set(requestIDHeader, gateway.NewID())
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", noContent)
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		defer func() {
			if p := recover(); p != nil {
				s.panicked(w, r, p)
			}
			// The pattern and not the path: that has the ids of people's messages.
			s.log.Debug().Str("request", h.Get(requestIDHeader)).Str("route", r.Pattern).Str("method", r.Method).
				Int("status", w.status).Int64("bytes", w.bytes).Dur("took", time.Since(began)).Msg("request answered")
		}()
		from := s.network.locate(r)
		if from.encrypted {
			h.Set("Strict-Transport-Security", transportSecurity)
		}
		// What comes from within the process has no address.
		if r.RemoteAddr != "" && !s.network.admits(from.addr) {
			refuse(w, http.StatusForbidden, "requests from this address are not accepted")
			return
		}
		if !s.network.answersTo(r.Host) && r.RemoteAddr != "" {
			refuse(w, http.StatusForbidden, "requests to this host name are not accepted")
			return
		}
		if s.network.unknownProxy(r, from) {
			s.proxyOnce.Do(func() {
				s.log.Warn().Msg("requests come through a proxy that network.trusted_proxies does not name: its clients are taken for one, and who guesses passwords slows down all of them")
			})
		}
		if from.host != r.Host || from.encrypted != (r.TLS != nil) {
			r = r.WithContext(context.WithValue(r.Context(), originKey{}, from))
		}
		if from.forwarded {
			r = r.WithContext(r.Context()) // to alter it
			r.RemoteAddr = netip.AddrPortFrom(from.addr, 0).String()
		}
		if share(s.cors, w, r) {
			return
		}
		if s.crossSite(r) {
			refuse(w, http.StatusForbidden, "requests from pages of other sites are not accepted")
			return
		}
		r, release := s.intake.meter(r)
		defer release()
		next.ServeHTTP(w, r)
	})
}

// crossSite reports whether a page of another site made a browser send a request, to
// which it adds the credentials that it keeps. To requests that only read, too: no page
// gets to see the answers, but they keep the gateway busy. Whoever follows a link wants
// to see what it leads to.
func (s *server) crossSite(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" {
		return s.origin.Check(r) != nil // which lets through what only reads
	}
	as := *r
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions {
		as.Method = http.MethodPost
	}
	return s.origin.Check(&as) != nil
}

// panicked answers a request whose handler panicked. A handler that gives up its
// connection on purpose is let through.
func (s *server) panicked(w *recorder, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	message := s.internal(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
	if w.status == 0 {
		refuse(w, http.StatusInternalServerError, message)
	}
}

// internal logs an error that is not for the client, and returns what the client
// is told instead.
func (s *server) internal(w http.ResponseWriter, r *http.Request, err error) string {
	id := w.Header().Get(requestIDHeader)
	s.log.Error().Err(err).Str("request", id).Str("route", r.Pattern).Msg("request failed")
	return "internal error, request " + id + "; see the log"
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the header is written
	bytes  int64
	who    *access.Principal // who made the request; nil if that is not known
}

// WriteHeader implements [http.ResponseWriter].
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
