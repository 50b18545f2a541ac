package api

import (
	"context"
	"net/http"
	"net/url"
)

// messagePath returns the path of a message and of what is below it.
func messagePath(id, below string) string { return "/messages/" + url.PathEscape(id) + below }

// query returns the parameters that go with a request to send.
func (r *SendRequest) query() url.Values {
	q := url.Values{}
	if r.SkipPhoneValidation {
		q.Set("skipPhoneValidation", "true")
	}
	return q
}

// Send asks for a message to be sent. When it returns without an error the
// gateway has stored the message.
func (c *Client) Send(ctx context.Context, r SendRequest) (Message, error) {
	m, _, err := c.SendOnce(ctx, "", r)
	return m, err
}

// SendOnce is [Client.Send] for requests that may be repeated: with the same key, of 1
// to 128 printable characters of ASCII, the gateway sends one message within a day,
// and answers the repetitions as it did the first; replayed is set then. An empty key is
// none.
func (c *Client) SendOnce(ctx context.Context, key string, r SendRequest) (m Message, replayed bool, err error) {
	h, err := c.perform(ctx, call{method: http.MethodPost, path: "/messages", query: r.query(), key: key, body: r}, &m)
	return m, h.Get(IdempotentReplayed) == "true", err
}

// Plan returns what would become of a message. Nothing is sent or stored.
func (c *Client) Plan(ctx context.Context, r SendRequest) (p Plan, err error) {
	q := r.query()
	q.Set("dryRun", "true")
	_, err = c.do(ctx, http.MethodPost, "/messages", q, r, &p)
	return p, err
}

// query returns the parameters that go with a batch.
func (b *BatchRequest) query() url.Values {
	r := SendRequest{SkipPhoneValidation: b.SkipPhoneValidation}
	q := r.query()
	if b.Partial {
		q.Set("partial", "true")
	}
	return q
}

// SendBatch asks for several messages to be sent. When it returns without an error the
// gateway has stored those that it accepted; replayed is set if it had done so before,
// with the same key. If nothing was accepted since messages are wrong, the [*Error] says
// which.
func (c *Client) SendBatch(ctx context.Context, b BatchRequest) (a BatchAnswer, replayed bool, err error) {
	h, err := c.perform(ctx, call{method: http.MethodPost, path: "/messages/batch", query: b.query(), key: b.Key, body: b}, &a)
	return a, h.Get(IdempotentReplayed) == "true", err
}

// PlanBatch returns what would become of several messages. Nothing is sent or stored, and
// a key is not used up; if it was, only Replayed is set.
func (c *Client) PlanBatch(ctx context.Context, b BatchRequest) (p BatchPlan, err error) {
	q := b.query()
	q.Set("dryRun", "true")
	_, err = c.perform(ctx, call{method: http.MethodPost, path: "/messages/batch", query: q, key: b.Key, body: b}, &p)
	return p, err
}

// Preview returns how a text would be sent. Numbers are not needed; everything but the
// text, the encoding and the numbers is of no account.
func (c *Client) Preview(ctx context.Context, r SendRequest) (p Preview, err error) {
	_, err = c.do(ctx, http.MethodPost, "/messages/preview", r.query(), r, &p)
	return p, err
}

// Message returns one message with its text.
func (c *Client) Message(ctx context.Context, id string) (m Message, err error) {
	_, err = c.do(ctx, http.MethodGet, messagePath(id, ""), nil, nil, &m)
	return m, err
}

// Trace returns the way of one message.
func (c *Client) Trace(ctx context.Context, id string) (t Trace, err error) {
	_, err = c.do(ctx, http.MethodGet, messagePath(id, "/trace"), nil, nil, &t)
	return t, err
}

// Messages returns a page of messages and how many match in all. It is not for queries
// with a Search, a Before or the DeviceID of a modem: nobody counts what they match.
func (c *Client) Messages(ctx context.Context, q MessageQuery) ([]Message, int, error) {
	var ms []Message
	total, err := c.list(ctx, "/messages", q.values(), &ms)
	return ms, total, err
}

// FindMessages returns a page of messages, newest first, which may have fewer than
// q.Limit, even none: the gateway looks for a bounded time. It goes on with next as
// q.Before; an empty next says that there are no others.
func (c *Client) FindMessages(ctx context.Context, q MessageQuery) (ms []Message, next string, err error) {
	h, err := c.do(ctx, http.MethodGet, "/messages", q.values(), nil, &ms)
	return ms, h.Get(NextHeader), err
}

// Cancel withdraws a message that is Pending, and returns it without its text.
func (c *Client) Cancel(ctx context.Context, id string) (m Message, err error) {
	_, err = c.do(ctx, http.MethodDelete, messagePath(id, ""), nil, nil, &m)
	return m, err
}

// Retry sends a message again as a new one, to those recipients for whom it failed
// or was cancelled, and returns the new one.
func (c *Client) Retry(ctx context.Context, id string) (m Message, err error) {
	_, err = c.do(ctx, http.MethodPost, messagePath(id, "/retry"), nil, nil, &m)
	return m, err
}

// Release lets a message be sent now that is held back because it repeats itself, and
// returns it without its text.
func (c *Client) Release(ctx context.Context, id string) (m Message, err error) {
	_, err = c.do(ctx, http.MethodPost, messagePath(id, "/release"), nil, nil, &m)
	return m, err
}
