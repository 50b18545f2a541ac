package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
)

// maxAnswer bounds what a client reads of one answer, in bytes.
const maxAnswer = 256 << 20

// answer is what came back of one exchange.
type answer struct {
	call   string // for errors: method and path
	status int
	header http.Header
	body   []byte
}

func (a *answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// decoded wraps the error of decoding a's body; nil stays nil.
func (a *answer) decoded(err error) error {
	if err != nil {
		return fmt.Errorf("decode answer of %s: %w", a.call, err)
	}
	return nil
}

// refusal returns the error that a stands for when it is not ok.
func (a *answer) refusal() error {
	e := &Error{Status: a.status}
	t, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil || t != "application/json" || json.Unmarshal(a.body, e) != nil {
		return &Error{Status: a.status} // a proxy's page, or nothing
	}
	return e
}

// list fetches one page into into and returns how many items there are in all.
func (c *Client) list(ctx context.Context, path string, q url.Values, into any) (total int, err error) {
	h, err := c.do(ctx, http.MethodGet, path, q, nil, into)
	if err != nil {
		return 0, err
	}
	if total, err = strconv.Atoi(h.Get(TotalHeader)); err != nil {
		return 0, fmt.Errorf("read %s of GET %s: %w", TotalHeader, path, err)
	}
	return total, nil
}

// call is one call to make.
type call struct {
	method, path string
	query        url.Values
	key          string // Idempotency-Key; empty: none
	body         any    // sent as JSON; nil: none
}

// do makes one call, with body as JSON unless it is nil, and decodes the answer
// into into unless that is nil.
func (c *Client) do(ctx context.Context, method, path string, q url.Values, body, into any) (http.Header, error) {
	return c.perform(ctx, call{method: method, path: path, query: q, body: body}, into)
}

// perform makes one call and decodes the answer into into unless that is nil.
func (c *Client) perform(ctx context.Context, what call, into any) (http.Header, error) {
	a, err := c.exchange(ctx, what)
	if err != nil {
		return nil, err
	}
	if !a.ok() {
		return nil, a.refusal()
	}
	if into != nil {
		err = a.decoded(json.Unmarshal(a.body, into))
	}
	return a.header, err
}

// exchange sends one request and reads the whole answer, whatever its status.
func (c *Client) exchange(ctx context.Context, what call) (*answer, error) {
	name := what.method + " " + what.path
	var in io.Reader
	if what.body != nil {
		b, err := json.Marshal(what.body)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", name, err)
		}
		in = bytes.NewReader(b)
	}
	target := c.base + what.path
	if len(what.query) > 0 {
		target += "?" + what.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, what.method, target, in)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", name, err)
	}
	c.authorize(req)
	req.Header.Set("Accept", "application/json")
	if what.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if what.key != "" {
		req.Header.Set(IdempotencyKey, what.key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", name, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read answer of %s: %w", name, err)
	}
	return &answer{call: name, status: resp.StatusCode, header: resp.Header, body: b}, nil
}
