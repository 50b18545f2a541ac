package api

import (
	"context"
	"net/http"
)

// Limit is how much of a limit of what may be sent is used now.
type Limit struct {
	// Limit is per_minute, per_30_minutes, per_hour, per_day, per_month,
	// recipients_per_month, cost_per_day or cost_per_month; messages.PerHour and the like
	// for that of the settings.
	Limit     string  `json:"limit"`
	ModemID   string  `json:"modemId,omitempty"` // whose it is; missing: all modems together
	SIMNumber int     `json:"simNumber,omitempty"`
	Used      float64 `json:"used"`
	Most      float64 `json:"most"`
	Reserved  float64 `json:"reserved,omitempty"` // of most, for messages of a higher priority
	Unit      string  `json:"unit,omitempty"`     // SMS, messages, numbers, or a currency
	Text      string  `json:"text"`               // the same as a sentence
}

// Limits returns the limits that hold.
func (c *Client) Limits(ctx context.Context) ([]Limit, error) {
	var ls []Limit
	_, err := c.do(ctx, http.MethodGet, "/limits", nil, nil, &ls)
	return ls, err
}
