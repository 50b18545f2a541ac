package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// TotalHeader carries how many items match a list request in all.
const TotalHeader = "X-Total-Count"

// NextHeader carries where a search goes on: the value of the parameter before of the
// next request. An answer without it was the last.
const NextHeader = "X-Next-Before"

// Client calls the API of one gateway. It is safe for concurrent use.
type Client struct {
	base           string
	user, password string
	token          string // instead of them, unless it is empty
	http           *http.Client
}

// New returns a client for the gateway at baseURL, such as
// "http://127.0.0.1:8080". A nil hc means [http.DefaultClient]; it should have a
// timeout unless every call gets a context with a deadline.
func New(baseURL, user, password string, hc *http.Client) *Client {
	if hc == nil {
		hc = http.DefaultClient
	}
	return &Client{base: strings.TrimRight(baseURL, "/"), user: user, password: password, http: hc}
}

// WithToken returns a client that proves who it is with an access token instead of a
// password.
func (c *Client) WithToken(token string) *Client {
	with := *c
	with.token = token
	return &with
}

// authorize adds the credentials to a request.
func (c *Client) authorize(req *http.Request) {
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
		return
	}
	req.SetBasicAuth(c.user, c.password)
}

// Check returns nil if the gateway answers and accepts the credentials.
func (c *Client) Check(ctx context.Context) error {
	_, err := c.do(ctx, http.MethodGet, "/", nil, nil, &Greeting{})
	return err
}

// Inbox returns a page of incoming messages and how many match in all. It is not for
// queries with a Search, a Before or the DeviceID of a modem: nobody counts what they
// match.
func (c *Client) Inbox(ctx context.Context, q InboxQuery) ([]InboxItem, int, error) {
	var is []InboxItem
	total, err := c.list(ctx, "/inbox", q.values(), &is)
	return is, total, err
}

// FindInbox returns a page of incoming messages, newest first, which may have fewer than
// q.Limit, even none: the gateway looks for a bounded time. It goes on with next as
// q.Before; an empty next says that there are no others.
func (c *Client) FindInbox(ctx context.Context, q InboxQuery) (is []InboxItem, next string, err error) {
	h, err := c.do(ctx, http.MethodGet, "/inbox", q.values(), nil, &is)
	return is, h.Get(NextHeader), err
}

// Webhooks returns every registered webhook, oldest first.
func (c *Client) Webhooks(ctx context.Context) ([]Webhook, error) {
	var ws []Webhook
	_, err := c.do(ctx, http.MethodGet, "/webhooks", nil, nil, &ws)
	return ws, err
}

// RegisterWebhook registers w, or replaces the webhook with its ID, and returns
// what was stored.
func (c *Client) RegisterWebhook(ctx context.Context, w Webhook) (Webhook, error) {
	var out Webhook
	_, err := c.do(ctx, http.MethodPost, "/webhooks", nil, w, &out)
	return out, err
}

// DeleteWebhook removes a webhook. An unknown ID is no error.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	_, err := c.do(ctx, http.MethodDelete, "/webhooks/"+url.PathEscape(id), nil, nil, nil)
	return err
}

// Devices returns the gateway itself, as the only device, with its SIM cards.
func (c *Client) Devices(ctx context.Context) ([]Device, error) {
	var ds []Device
	_, err := c.do(ctx, http.MethodGet, "/devices", nil, nil, &ds)
	return ds, err
}

// Modems returns every modem, in the order of their slots.
func (c *Client) Modems(ctx context.Context) ([]Modem, error) {
	var ms []Modem
	_, err := c.do(ctx, http.MethodGet, "/modems", nil, nil, &ms)
	return ms, err
}

// Modem returns one modem, by its name or the number of its slot.
func (c *Client) Modem(ctx context.Context, modem string) (Modem, error) {
	var m Modem
	_, err := c.do(ctx, http.MethodGet, "/modems/"+url.PathEscape(modem), nil, nil, &m)
	return m, err
}

// RestartModem asks for a modem to be restarted. Level is the name or the number
// of a recovery step, from "reopen", 1, to "command", 6; empty is reopen.
func (c *Client) RestartModem(ctx context.Context, modem, level string) (Restart, error) {
	var q url.Values
	if level != "" {
		q = url.Values{"level": {level}}
	}
	var r Restart
	_, err := c.do(ctx, http.MethodPost, "/modems/"+url.PathEscape(modem)+"/restart", q, nil, &r)
	return r, err
}

// Health returns the state of the gateway. A verdict of [Fail] is an answer, not
// an error, although the gateway gives it with HTTP status 500.
func (c *Client) Health(ctx context.Context) (Health, error) {
	a, err := c.exchange(ctx, call{method: http.MethodGet, path: "/health"})
	if err != nil {
		return Health{}, err
	}
	var h Health
	err = json.Unmarshal(a.body, &h)
	switch {
	case a.ok():
		return h, a.decoded(err)
	case err == nil && h.Status == Fail:
		return h, nil
	}
	return Health{}, a.refusal()
}

// CheckBalance has the operator asked for the credit of a modem's SIM, by the name of
// the modem or the number of its slot. It may take more than a minute.
func (c *Client) CheckBalance(ctx context.Context, modem string) (ModemBalance, error) {
	var b ModemBalance
	_, err := c.do(ctx, http.MethodPost, "/modems/"+url.PathEscape(modem)+"/balance", nil, nil, &b)
	return b, err
}

// PurgeModem deletes what others stored on a SIM or in its modem, by the name of the
// modem or the number of its slot. It may take minutes.
func (c *Client) PurgeModem(ctx context.Context, modem string) (Purged, error) {
	var p Purged
	_, err := c.do(ctx, http.MethodPost, "/modems/"+url.PathEscape(modem)+"/purge", nil, nil, &p)
	return p, err
}
