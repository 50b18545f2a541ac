package egress

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

const (
	maxBody  = 4 << 10 // bytes of an answer's body that are kept
	maxValue = 1 << 10 // bytes of a header's value that are kept
	maxRunes = 500     // of a text for people
)

// Answer is what a receiver said.
type Answer struct {
	// Code is the HTTP status.
	Code int
	// Header holds what is kept of the answer's: Content-Type, Location,
	// Retry-After and Webhook-Delivery, each the first 1024 bytes of its first
	// value.
	Header http.Header
	// Body is the beginning of the answer's body, at most 4096 bytes, as they came:
	// they may be of any kind, and may try to harm whoever displays them.
	Body []byte
	// Truncated tells that Body is not all of it.
	Truncated bool

	Trace

	location string    // of a redirect, whole
	policy   Redirects // that the request was made under
	refused  string    // why a redirect was not followed; empty if that is the policy
}

// OK reports whether the receiver took what it was sent.
func (a *Answer) OK() bool {
	if a.policy == RedirectSuccess && (a.Code == http.StatusFound || a.Code == http.StatusSeeOther) {
		return true
	}
	return a.Code >= 200 && a.Code <= 299
}

// Failure returns in one line what the receiver had against the request, or ""
// if it is OK. It may quote the receiver.
func (a *Answer) Failure() string {
	switch text := oneLine(string(a.Body)); {
	case a.OK():
		return ""
	case a.Code >= 300 && a.Code <= 399 && a.location != "":
		return fmt.Sprintf("HTTP %d: redirected to %s, which is not followed: %s",
			a.Code, oneLine(a.location), cmp.Or(a.refused, "register that address instead"))
	case text == "":
		return fmt.Sprintf("HTTP %d", a.Code)
	default:
		return fmt.Sprintf("HTTP %d: %s", a.Code, text)
	}
}

// keptHeader returns what is kept of the header of an answer.
func keptHeader(h http.Header) http.Header {
	kept := make(http.Header)
	for _, name := range []string{"Content-Type", "Location", "Retry-After", "Webhook-Delivery"} {
		if v := h.Get(name); v != "" {
			kept.Set(name, strings.ToValidUTF8(v[:min(len(v), maxValue)], "\uFFFD"))
		}
	}
	return kept
}

// oneLine returns the beginning of s, fit to be shown and stored.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxRunes {
		return string(r[:maxRunes]) + "…"
	}
	return s
}
