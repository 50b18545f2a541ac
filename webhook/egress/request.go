package egress

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Check returns an error for people, which names the field, if r could never be
// made: for its URL as CheckURL does, for its TLS and for its Redirects.
func (c *Client) Check(r Request) error {
	if err := c.CheckURL(r.URL); err != nil {
		return err
	}
	if err := r.Redirects.Valid(); err != nil {
		return err
	}
	if _, ok := r.TLS.key(); !ok {
		return nil
	}
	if u, err := url.Parse(r.URL); err == nil && u.Scheme == "http" {
		return errors.New("tls is of no use with an http:// url: write https:// or remove it")
	}
	return r.TLS.Check()
}

// Request is what to send.
type Request struct {
	// Method of HTTP. Default POST.
	Method string
	// URL with the scheme http or https. Credentials in it are sent as basic
	// authentication unless Header holds an Authorization.
	URL string
	// Header is sent as it is. It is not changed.
	Header http.Header
	// Body may be empty. It is not changed.
	Body []byte
	// Timeout bounds everything from the DNS query to the end of the answer.
	// Default 30 s.
	Timeout time.Duration
	// TLS is what differs from the usual for this receiver. It must not be changed
	// as long as the request is under way. Nil: nothing.
	TLS *TLS
	// Redirects says what to make of an answer that redirects.
	Redirects Redirects
}

// Do sends r and returns what was answered, whatever the status. Its error is an
// [*Error]: there was no answer. When ctx ends Do does, too.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	timeout := cmp.Or(r.Timeout, defaultTimeout)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	t := newTracer()
	a, hops, err := c.follow(t.watch(ctx), r)
	trace, phase := t.end()
	trace.Hops = hops
	if err == nil {
		a.Trace = trace
		return a, nil
	}
	// A DNS server that does not answer is told from a receiver that does not.
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && !isLookup(err) {
		err = &timeoutError{fmt.Sprintf("no answer within %s", timeout)}
		if trace.Reused {
			// What became of this connection, such as a router that forgot it, may have
			// become of the others.
			c.CloseIdleConnections()
		}
	}
	if len(hops) > 0 {
		err = fmt.Errorf("after a redirect to %s: %w", hops[len(hops)-1].To, err)
	}
	trace.TLS = cmp.Or(trace.TLS, unverified(err))
	return nil, &Error{Err: err, Phase: phase, Trace: trace}
}

// follow makes one request and, if the policy says so, those it is redirected to.
func (c *Client) follow(ctx context.Context, r Request) (a *Answer, hops []Hop, err error) {
	policy := RedirectFail
	if u, err := url.Parse(r.URL); err == nil {
		policy = r.Redirects.of(u)
	}
	for {
		before := a
		a, err = c.exchange(ctx, r)
		if refused, ok := errors.AsType[*refusal](err); ok && before != nil {
			// It is not the registered address that may not be contacted: what the
			// receiver answers is a failure, and may change.
			before.refused = refused.Error()
			return before, hops[:len(hops)-1], nil
		}
		if err != nil {
			return nil, hops, err
		}
		a.policy = policy
		if policy != RedirectFollow || !a.redirects() {
			return a, hops, nil
		}
		if len(hops) == maxHops {
			a.refused = fmt.Sprintf("it is the redirect number %d", maxHops+1)
			return a, hops, nil
		}
		next, err := c.next(&r, a)
		if err != nil {
			a.refused = err.Error()
			return a, hops, nil
		}
		r = *next
		hops = append(hops, Hop{Code: a.Code, To: origin(r.URL)})
	}
}

// errSpokeFirst is why there was no answer from what is not a receiver.
var errSpokeFirst = errors.New("malformed HTTP: something was sent before the request was")

// exchange makes one request. Its error does not contain the URL.
func (c *Client) exchange(ctx context.Context, r Request) (*Answer, error) {
	req, err := http.NewRequestWithContext(ctx, cmp.Or(r.Method, http.MethodPost), r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, errors.New("the URL is not valid")
	}
	if r.Header != nil {
		req.Header = r.Header.Clone()
	}
	if u := req.URL.User; u != nil && req.Header.Get("Authorization") == "" {
		password, _ := u.Password()
		req.SetBasicAuth(u.Username(), password)
	}
	// A kept connection may be closed by the receiver just when it is used again.
	// This entry, which is not sent, lets the transport repeat the request on a
	// new one: a repetition is harmless, receivers know it by the delivery's id.
	if req.Header.Get("Idempotency-Key") == "" {
		req.Header["Idempotency-Key"] = []string{}
	}
	rt, release, err := c.transport(ctx, req.URL, r.TLS)
	if err != nil {
		return nil, err
	}
	defer release()
	resp, err := rt.RoundTrip(req)
	if err != nil {
		// What net/http says of a receiver that speaks before it is asked is of no use.
		if strings.HasPrefix(err.Error(), "readLoopPeekFailLocked") {
			err = errSpokeFirst
		}
		return nil, err
	}
	defer resp.Body.Close()
	a := &Answer{Code: resp.StatusCode, Header: keptHeader(resp.Header), location: resp.Header.Get("Location")}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		a.Truncated = true // it has no end, which the time-out would not bring about either
		return a, nil
	}
	// The status is the answer: what becomes of the body changes nothing.
	a.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	a.Truncated = err != nil || len(a.Body) > maxBody
	a.Body = a.Body[:min(len(a.Body), maxBody)]
	if err == nil {
		io.Copy(io.Discard, io.LimitReader(resp.Body, maxDrainBytes-maxBody))
	}
	return a, nil
}
