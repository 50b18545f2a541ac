package api

import (
	"context"
	"net/http"
	"net/url"
)

// Canaries is how the messages fared that modems send to find out whether messages
// come through.
type Canaries struct {
	Enabled      bool     `json:"enabled"`
	Every        Duration `json:"every,omitempty"`   // between two of one modem
	Timeout      Duration `json:"timeout,omitempty"` // of one
	BudgetPerDay int      `json:"budgetPerDay,omitempty"`
	Sent         int      `json:"sent"` // in the last 24 hours
	Modems       []Canary `json:"modems"`
}

// Canary is how they fared on one modem.
type Canary struct {
	ModemID string `json:"modemId"`
	Status  string `json:"status"` // [Pass], [Warn] after a miss, or [Fail]
	Misses  int    `json:"misses"` // in a row
	// Problem is why none can be sent, and what to do.
	Problem  string         `json:"problem,omitempty"`
	UnderWay *CanaryFlight  `json:"underWay,omitempty"` // nil if there is none
	NextAt   Time           `json:"nextAt,omitzero"`    // when the next is due; zero before that is known
	Results  []CanaryResult `json:"results"`            // oldest first, of the last 20
}

// CanaryFlight is a canary whose outcome is not known yet.
type CanaryFlight struct {
	MessageID string `json:"messageId"`
	At        Time   `json:"at"`
	Until     Time   `json:"until"` // it counts as missed then
}

// CanaryResult is what became of a canary.
type CanaryResult struct {
	At Time `json:"at"` // when it was ordered
	OK bool `json:"ok"` // it came through in time
	// RoundTrip is how long it took, in seconds; 0 if it did not come through. It is set for
	// one that was too late, too.
	RoundTrip float64 `json:"roundTripSeconds,omitempty"`
	Error     string  `json:"error,omitempty"` // why it counts as missed
}

// Canaries returns how canaries fared.
func (c *Client) Canaries(ctx context.Context) (out Canaries, err error) {
	_, err = c.do(ctx, http.MethodGet, "/canary", nil, nil, &out)
	return out, err
}

// RunCanary has a canary sent now by a modem, or by each if modem is empty. It does not
// wait for what becomes of it.
func (c *Client) RunCanary(ctx context.Context, modem string) (out Canaries, err error) {
	q := url.Values{}
	if modem != "" {
		q.Set("modem", modem)
	}
	_, err = c.do(ctx, http.MethodPost, "/canary/run", q, nil, &out)
	return out, err
}
