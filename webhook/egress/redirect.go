package egress

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Redirects says what to make of an answer that redirects.
type Redirects string

// The policies. Under each, 301, 302, 303, 307 and 308 with a Location redirect.
const (
	// RedirectDefault is RedirectFollow for Google Apps Script, which answers each
	// request with a redirect to what the script returned, and RedirectFail for all
	// others.
	RedirectDefault Redirects = ""
	// RedirectFail takes it for a failure.
	RedirectFail Redirects = "fail"
	// RedirectFollow makes the request there, at most five times. 301, 302 and 303
	// are followed with GET and without the body, 307 and 308 with what was sent.
	// Only the headers that travel go to another host or port.
	RedirectFollow Redirects = "follow"
	// RedirectSuccess takes 302 and 303 for successes, and the others for failures.
	RedirectSuccess Redirects = "treat-as-success"
)

// Valid returns an error that lists the policies if r is none of them.
func (r Redirects) Valid() error {
	switch r {
	case RedirectDefault, RedirectFail, RedirectFollow, RedirectSuccess:
		return nil
	}
	return fmt.Errorf("redirects must be %s, %s or %s, not %q", RedirectFail, RedirectFollow, RedirectSuccess, string(r))
}

// of returns the policy for requests to u.
func (r Redirects) of(u *url.URL) Redirects {
	switch {
	case r != RedirectDefault:
		return r
	case strings.EqualFold(u.Hostname(), "script.google.com") && strings.HasPrefix(u.Path, "/macros/"):
		return RedirectFollow
	}
	return RedirectFail
}

// maxHops is how many redirects are followed.
const maxHops = 5

// Hop is a redirect that was followed.
type Hop struct {
	Code int    // HTTP status of the answer that redirected
	To   string // scheme, host and port; the rest may hold a secret
}

// redirects reports whether the answer sends the request elsewhere.
func (a *Answer) redirects() bool {
	switch a.Code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return a.location != ""
	}
	return false
}

// next returns the request that the redirect a, the answer to req, asks for, or
// an error for people if it must not be made.
func (c *Client) next(req *Request, a *Answer) (*Request, error) {
	from, err := url.Parse(req.URL)
	if err != nil {
		return nil, err
	}
	to, err := from.Parse(a.location)
	if err != nil {
		return nil, errors.New("it is not a valid URL")
	}
	if from.Scheme == "https" && to.Scheme != "https" {
		return nil, errors.New("it is not https://, as the address before it is")
	}
	next := *req
	next.Header = req.Header.Clone()
	if next.Header == nil {
		next.Header = make(http.Header)
	}
	if u := from.User; u != nil && to.User == nil && sameHost(from, to) {
		to.User = u
	}
	next.URL = to.String()
	if err := c.CheckURL(next.URL); err != nil {
		return nil, err
	}
	if a.Code < http.StatusTemporaryRedirect {
		next.Method, next.Body = http.MethodGet, nil
		next.Header.Del("Content-Type")
	}
	if !sameHost(from, to) {
		for name := range next.Header {
			if !travels(name) {
				next.Header.Del(name)
			}
		}
	}
	if !strings.EqualFold(from.Hostname(), to.Hostname()) {
		next.TLS = req.TLS.abroad()
	}
	return &next, nil
}

// sameHost reports whether host and port of two URLs are the same.
func sameHost(a, b *url.URL) bool {
	return strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

// origin returns scheme, host and port of a URL.
func origin(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func portOf(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// travels reports whether a header goes to another host or port after a redirect:
// those by which a receiver knows what it is sent, and from whom. Others may be
// credentials.
func travels(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "accept", "content-type", "user-agent":
		return true
	}
	return strings.HasPrefix(name, "webhook-") || strings.HasSuffix(name, "-signature") || strings.HasSuffix(name, "-timestamp")
}
