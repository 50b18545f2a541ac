package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"tetherd/gateway"
)

const (
	maxHeaderBytes = 64 << 10 // of an answer
	maxTextBytes   = 4 << 10  // of the body, read for the error text
	maxDrainBytes  = 64 << 10 // of the body, read so that the connection can be used again
	maxTextRunes   = 500      // of the body, kept in the error text

	// A connection is closed here before common receivers close it (5 s), so that
	// few requests meet a closing one.
	idlePlain  = 4 * time.Second
	idleSecure = 30 * time.Second
)

// poster makes the HTTP exchanges. It is safe for concurrent use.
type poster struct {
	timeout time.Duration
	plain   *http.Client // for http://
	secure  *http.Client // for https://
}

// answer is what a receiver said.
type answer struct {
	code       int
	text       string // the beginning of the body, in one line
	location   string
	retryAfter string
}

func (a *answer) ok() bool { return a.code >= 200 && a.code <= 299 }

// error returns the failure in words, or "" for a success.
func (a *answer) error() string {
	switch {
	case a.ok():
		return ""
	case a.location != "":
		return fmt.Sprintf("HTTP %d: redirected to %s, which is not followed: register that address instead", a.code, a.location)
	case a.text == "":
		return fmt.Sprintf("HTTP %d", a.code)
	}
	return fmt.Sprintf("HTTP %d: %s", a.code, a.text)
}

func newPoster(o Options, clock *gateway.Timeline) *poster {
	return &poster{
		timeout: o.Timeout,
		plain:   newClient(o, clock, newGuard(o.Policy, true, o.OwnAddrs), idlePlain),
		secure:  newClient(o, clock, newGuard(o.Policy, false, o.OwnAddrs), idleSecure),
	}
}

func newClient(o Options, clock *gateway.Timeline, g *guard, idle time.Duration) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:       nil, // one from the environment would be judged instead of the receiver
			DialContext: g.dial,
			TLSClientConfig: &tls.Config{
				RootCAs: o.RootCAs,
				Time:    func() time.Time { t, _ := clock.Wall(); return t },
			},
			TLSHandshakeTimeout:    connectTimeout,
			DisableCompression:     true,
			MaxIdleConns:           o.GlobalSlots,
			MaxIdleConnsPerHost:    o.GlobalSlots,
			IdleConnTimeout:        idle,
			MaxResponseHeaderBytes: maxHeaderBytes,
			ForceAttemptHTTP2:      true,
			HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post sends body and returns the answer, or an error without the URL in it.
func (p *poster) post(ctx context.Context, rawURL string, h http.Header, body []byte) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, rawURL, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the URL is not valid")
	}
	req.Header = h
	// A kept connection may be closed by the receiver just when it is used again.
	// This entry, which is not sent, lets the transport repeat the request on a
	// new one: a repetition is harmless, receivers know it by the delivery's id.
	req.Header["Idempotency-Key"] = []string{}
	client := p.secure
	if req.URL.Scheme == "http" {
		client = p.plain
	}
	resp, err := client.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the URL, which may hold a secret
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) && !isLookup(err) {
			err = fmt.Errorf("no answer within %s", p.timeout)
		}
		return nil, err
	}
	defer resp.Body.Close()
	a := &answer{code: resp.StatusCode, retryAfter: resp.Header.Get("Retry-After")}
	if resp.StatusCode >= 300 && resp.StatusCode <= 399 {
		a.location = oneLine(resp.Header.Get("Location"))
	}
	// The status is the answer: what becomes of the body changes nothing.
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxTextBytes))
	if !a.ok() {
		a.text = oneLine(string(text))
	}
	if err == nil {
		io.Copy(io.Discard, io.LimitReader(resp.Body, maxDrainBytes-maxTextBytes))
	}
	return a, nil
}

func (p *poster) close() {
	p.plain.CloseIdleConnections()
	p.secure.CloseIdleConnections()
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
	if r := []rune(s); len(r) > maxTextRunes {
		return string(r[:maxTextRunes]) + "…"
	}
	return s
}
