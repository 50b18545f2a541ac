package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// webhookPath returns the path of a webhook and of what is below it.
func webhookPath(id string, below ...string) string {
	path := "/webhooks/" + url.PathEscape(id)
	for _, b := range below {
		path += "/" + url.PathEscape(b)
	}
	return path
}

// Webhook returns one webhook.
func (c *Client) Webhook(ctx context.Context, id string) (w Webhook, err error) {
	_, err = c.do(ctx, http.MethodGet, webhookPath(id), nil, nil, &w)
	return w, err
}

// EditWebhook changes the fields of a webhook that are in patch; null takes one back to
// its default.
func (c *Client) EditWebhook(ctx context.Context, id string, patch map[string]any) (w Webhook, err error) {
	_, err = c.do(ctx, http.MethodPatch, webhookPath(id), nil, patch, &w)
	return w, err
}

// PauseWebhook has nothing sent to a webhook until it is resumed. The note is for
// people.
func (c *Client) PauseWebhook(ctx context.Context, id, note string) (w Webhook, err error) {
	_, err = c.do(ctx, http.MethodPost, webhookPath(id, "pause"), nil, map[string]string{"note": note}, &w)
	return w, err
}

// ResumeWebhook ends the pause of a webhook.
func (c *Client) ResumeWebhook(ctx context.Context, id string) (w Webhook, err error) {
	_, err = c.do(ctx, http.MethodPost, webhookPath(id, "resume"), nil, nil, &w)
	return w, err
}

// WebhookStats returns the numbers of a webhook.
func (c *Client) WebhookStats(ctx context.Context, id string) (s WebhookStats, err error) {
	_, err = c.do(ctx, http.MethodGet, webhookPath(id, "stats"), nil, nil, &s)
	return s, err
}

// TestWebhook sends a sample of an event to a webhook; of the first that it is
// registered for if event is empty. With reach it only finds out whether the receiver
// can be reached. It takes as long as the receiver.
func (c *Client) TestWebhook(ctx context.Context, id, event string, reach bool) (t WebhookTest, err error) {
	q := url.Values{}
	if event != "" {
		q.Set("event", event)
	}
	if reach {
		q.Set("mode", "reach")
	}
	_, err = c.do(ctx, http.MethodPost, webhookPath(id, "test"), q, nil, &t)
	return t, err
}

// WebhookSecrets returns the valid secrets of a webhook.
func (c *Client) WebhookSecrets(ctx context.Context, id string) (s WebhookSecrets, err error) {
	_, err = c.do(ctx, http.MethodGet, webhookPath(id, "secret"), nil, nil, &s)
	return s, err
}

// RotateSecret gives a webhook a new secret. The older ones stay valid for grace, of at
// most 168 h.
func (c *Client) RotateSecret(ctx context.Context, id string, grace time.Duration) (s WebhookSecrets, err error) {
	_, err = c.do(ctx, http.MethodPost, webhookPath(id, "secret", "rotate"), nil, map[string]Duration{"grace": Duration(grace)}, &s)
	return s, err
}

// ActivateSecret has the newest secret of a webhook sign everywhere from now on.
func (c *Client) ActivateSecret(ctx context.Context, id string) (s WebhookSecrets, err error) {
	_, err = c.do(ctx, http.MethodPost, webhookPath(id, "secret", "activate"), nil, nil, &s)
	return s, err
}

// HistoryQuery selects deliveries or attempts, newest first. The zero value selects the
// newest 50.
type HistoryQuery struct {
	State    []string // of deliveries; empty: any
	Delivery string   // of attempts; empty: of any
	Before   string   // cursor: only older ones
	Limit    int      // 1–500; 0: 50
}

func (q HistoryQuery) values() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"state": strings.Join(q.State, ","), "delivery": q.Delivery, "before": q.Before} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Limit != 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return v
}

// Deliveries returns deliveries to a webhook.
func (c *Client) Deliveries(ctx context.Context, id string, q HistoryQuery) (ds []Delivery, err error) {
	_, err = c.do(ctx, http.MethodGet, webhookPath(id, "deliveries"), q.values(), nil, &ds)
	return ds, err
}

// Delivery returns one delivery to a webhook.
func (c *Client) Delivery(ctx context.Context, id, delivery string) (d Delivery, err error) {
	_, err = c.do(ctx, http.MethodGet, webhookPath(id, "deliveries", delivery), nil, nil, &d)
	return d, err
}

// Redeliver has a delivery attempted at once. It keeps its ID unless newID is set.
func (c *Client) Redeliver(ctx context.Context, id, delivery string, newID bool) (d Delivery, err error) {
	_, err = c.do(ctx, http.MethodPost, webhookPath(id, "deliveries", delivery, "redeliver"), nil, map[string]bool{"newId": newID}, &d)
	return d, err
}

// CancelDelivery ends a delivery that waits.
func (c *Client) CancelDelivery(ctx context.Context, id, delivery string) (d Delivery, err error) {
	_, err = c.do(ctx, http.MethodPost, webhookPath(id, "deliveries", delivery, "cancel"), nil, nil, &d)
	return d, err
}

// Attempts returns attempts at deliveries to a webhook.
func (c *Client) Attempts(ctx context.Context, id string, q HistoryQuery) (as []Attempt, err error) {
	_, err = c.do(ctx, http.MethodGet, webhookPath(id, "attempts"), q.values(), nil, &as)
	return as, err
}

// Recover starts a job that has deliveries which ended badly begin anew.
func (c *Client) Recover(ctx context.Context, id string, r RecoverRequest) (j Job, err error) {
	_, err = c.do(ctx, http.MethodPost, webhookPath(id, "recover"), nil, r, &j)
	return j, err
}

// ReplayMissing starts a job that gives a webhook the events since then that it never
// was sent; zero is all that are kept.
func (c *Client) ReplayMissing(ctx context.Context, id string, since time.Time) (j Job, err error) {
	_, err = c.do(ctx, http.MethodPost, webhookPath(id, "replay-missing"), nil, RecoverRequest{Since: Time{since}}, &j)
	return j, err
}

// Job returns how far a job for a webhook is.
func (c *Client) Job(ctx context.Context, id, job string) (j Job, err error) {
	_, err = c.do(ctx, http.MethodGet, webhookPath(id, "jobs", job), nil, nil, &j)
	return j, err
}

// EventQuery selects events. The zero value selects the oldest 50 that are kept.
type EventQuery struct {
	After string        // cursor; empty: from the oldest
	Event []string      // types; empty: any
	Limit int           // 1–500; 0: 50
	Wait  time.Duration // for one if there is none, up to a minute
}

// Events returns events in the order in which they happened.
func (c *Client) Events(ctx context.Context, q EventQuery) (p EventPage, err error) {
	v := url.Values{}
	for name, value := range map[string]string{"after": q.After, "event": strings.Join(q.Event, ",")} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Limit != 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Wait != 0 {
		v.Set("wait", q.Wait.String())
	}
	_, err = c.do(ctx, http.MethodGet, "/events", v, nil, &p)
	return p, err
}

// Egress says from which addresses requests to webhooks come.
func (c *Client) Egress(ctx context.Context) (e Egress, err error) {
	_, err = c.do(ctx, http.MethodGet, "/webhooks/egress", nil, nil, &e)
	return e, err
}
