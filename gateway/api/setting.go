package api

import (
	"context"
	"net/url"
)

// Settings are values by their names, by their sections, such as
// Settings{"messages": {"limit_value": 5}}. What the server answers leaves out
// secrets, and what is not set; numbers in it are of type float64.
type Settings map[string]map[string]any

// Settings returns what holds.
func (c *Client) Settings(ctx context.Context) (s Settings, err error) {
	_, err = c.do(ctx, "GET", "/settings", nil, nil, &s)
	return s, err
}

// EditSettings changes what s names and returns what holds then. A nil value is the
// configured one.
func (c *Client) EditSettings(ctx context.Context, s Settings) (now Settings, err error) {
	_, err = c.do(ctx, "PATCH", "/settings", nil, s, &now)
	return now, err
}

// SettingSources returns where each setting comes from, secrets as well: "stored" for
// what was changed, "configured" for the rest.
func (c *Client) SettingSources(ctx context.Context) (Settings, error) {
	var out struct {
		Sources Settings `json:"sources"`
	}
	_, err := c.do(ctx, "GET", "/settings", url.Values{"sources": {"true"}}, nil, &out)
	return out.Sources, err
}
