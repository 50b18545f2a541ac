package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// RecordedLine is one line of the dialogue with a modem. Numbers, texts, PDUs, PINs
// and identities of SIMs are masked.
type RecordedLine struct {
	Seq  uint64 `json:"seq"` // counts from 1 at the start of the gateway
	At   Time   `json:"at"`
	Dir  string `json:"dir"` // ">" to the modem, "<" from it, "#" a remark of the gateway
	Text string `json:"text"`
}

// Recording is a saved part of the dialogue with a modem, around a failure.
type Recording struct {
	Name string `json:"name"` // unique; begins with that of the modem
	Size int64  `json:"size"` // bytes
	At   Time   `json:"at"`   // when the failure was
}

// ModemTrace returns the latest dialogue with a modem, the oldest line first,
// without the lines up to the one numbered after.
func (c *Client) ModemTrace(ctx context.Context, modem string, after uint64) ([]RecordedLine, error) {
	var ls []RecordedLine
	q := url.Values{"after": {strconv.FormatUint(after, 10)}}
	_, err := c.do(ctx, http.MethodGet, "/modems/"+url.PathEscape(modem)+"/trace", q, nil, &ls)
	return ls, err
}

// Recordings lists what was saved around failures, newest first.
func (c *Client) Recordings(ctx context.Context) ([]Recording, error) {
	var rs []Recording
	_, err := c.do(ctx, http.MethodGet, "/recordings", nil, nil, &rs)
	return rs, err
}

// Recording returns a saved recording as text.
func (c *Client) Recording(ctx context.Context, name string) (string, error) {
	a, err := c.exchange(ctx, call{method: http.MethodGet, path: "/recordings/" + url.PathEscape(name)})
	if err != nil {
		return "", err
	}
	if !a.ok() {
		return "", a.refusal()
	}
	return string(a.body), nil
}
