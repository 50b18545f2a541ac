package rest

import (
	"net/http"
	"slices"
	"strings"
)

// What pages of other origins may send and read.
const (
	corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	corsSends   = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID"
	corsReads   = "X-Total-Count, X-Next-Before, X-Truncated, X-Request-Id, Idempotent-Replayed, Location, Retry-After, Link"
	corsMaxAge  = "600" // seconds that a browser need not ask again
)

// share tells browsers that the page behind a request may read the answer, if it is
// of one of the origins. Credentials that a browser keeps are never allowed for: a
// page has to know its own. It reports whether the request was a browser's question
// of what is allowed, which is answered then.
func share(origins []string, w http.ResponseWriter, r *http.Request) (answered bool) {
	if len(origins) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(origins, strings.ToLower(origin)) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		h.Set("Access-Control-Expose-Headers", corsReads)
		return false
	}
	h.Set("Access-Control-Allow-Methods", corsMethods)
	h.Set("Access-Control-Allow-Headers", corsSends)
	h.Set("Access-Control-Max-Age", corsMaxAge)
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}
