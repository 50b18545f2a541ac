package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// OptOut is somebody who does not want to be sent messages.
type OptOut struct {
	PhoneNumber string `json:"phoneNumber"`
	Since       *Time  `json:"since,omitempty"`   // ignored in requests
	Keyword     string `json:"keyword,omitempty"` // of the message that said so; empty if it was entered. Ignored in requests
}

// OptOuts returns a page of those who opted out, and how many there are.
func (c *Client) OptOuts(ctx context.Context, limit, offset int) (os []OptOut, total int, err error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}}
	h, err := c.do(ctx, http.MethodGet, "/opt-outs", q, nil, &os)
	if err != nil {
		return nil, 0, err
	}
	total, err = strconv.Atoi(h.Get(TotalHeader))
	return os, total, err
}

// AddOptOut enters a number by the wish of its owner.
func (c *Client) AddOptOut(ctx context.Context, number string) (o OptOut, err error) {
	_, err = c.do(ctx, http.MethodPost, "/opt-outs", nil, OptOut{PhoneNumber: number}, &o)
	return o, err
}

// DeleteOptOut takes a number off the list, so that it can be sent to again.
func (c *Client) DeleteOptOut(ctx context.Context, number string) error {
	_, err := c.do(ctx, http.MethodDelete, "/opt-outs/"+url.PathEscape(number), nil, nil, nil)
	return err
}
