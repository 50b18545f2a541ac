package api

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// ModemSample is how a modem was at a time.
type ModemSample struct {
	At           Time         `json:"at"`
	State        string       `json:"state"`            // as in [Modem]
	Signal       *ModemSignal `json:"signal,omitempty"` // nil while unknown
	Registration string       `json:"registration"`     // in words
	Registered   bool         `json:"registered"`       // so that SMS can be sent
}

// ModemHistory returns how a modem, by its name or the number of its slot, was between
// two times, oldest first; zero times are open. A week is kept: a sample every 5 minutes,
// and the changes of state and registration.
func (c *Client) ModemHistory(ctx context.Context, modem string, from, to time.Time) (out []ModemSample, err error) {
	q := url.Values{}
	if !from.IsZero() {
		q.Set("from", from.Format(time.RFC3339Nano))
	}
	if !to.IsZero() {
		q.Set("to", to.Format(time.RFC3339Nano))
	}
	_, err = c.do(ctx, http.MethodGet, "/modems/"+url.PathEscape(modem)+"/history", q, nil, &out)
	return out, err
}
