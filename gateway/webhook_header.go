package gateway

import (
	"slices"
	"strings"
)

// ownHeaders are those that say how a request is transmitted, and those by which
// deliveries are known and proven; nobody may set them.
var ownHeaders = []string{
	"connection", "content-encoding", "content-length", "content-type", "expect", "host", "idempotency-key", "keep-alive",
	"te", "trailer", "transfer-encoding", "upgrade",
	"x-timestamp", "x-signature", "x-infini-reach-signature", "x-oneroute-signature", "x-integify-signature",
}

// ownPrefixes begin the names of more of them.
var ownPrefixes = []string{"webhook-", "proxy-", "ce-", "sec-"}

func (e *Endpoint) checkHeaders() error {
	if len(e.Headers) > maxHeaders {
		return Invalidf("headers must be at most %d", maxHeaders)
	}
	size := 0
	seen := make(map[string]bool)
	for _, h := range e.Headers {
		name := strings.ToLower(h.Name)
		switch {
		case !isToken(h.Name):
			return Invalidf("headers: %q is not the name of a header: use letters, digits and hyphens", h.Name)
		case slices.Contains(ownHeaders, name) || slices.ContainsFunc(ownPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }):
			return Invalidf("headers.%s is set by the gateway itself: leave it out", h.Name)
		case seen[name]:
			return Invalidf("headers.%s is given twice", h.Name)
		case strings.ContainsFunc(h.Value, notInHeader):
			return Invalidf("headers.%s must be in ASCII, without line breaks and control characters", h.Name)
		}
		seen[name] = true
		size += len(h.Name) + len(h.Value)
	}
	if size > maxHeaderBytes {
		return Invalidf("headers must be at most %d bytes in all", maxHeaderBytes)
	}
	return nil
}

// isToken reports whether s can be the name of a header (RFC 9110 §5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		alnum := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !alnum && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// notInHeader reports whether r cannot be in the value of a header.
func notInHeader(r rune) bool { return r != '\t' && r < ' ' || r > '~' }
