package api

import "context"

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
