package api

import (
	"context"
	"net/http"
	"net/url"
)

// Routes returns every route, oldest first.
func (c *Client) Routes(ctx context.Context) ([]Route, error) {
	var rs []Route
	_, err := c.do(ctx, http.MethodGet, "/routes", nil, nil, &rs)
	return rs, err
}

// Route returns one route.
func (c *Client) Route(ctx context.Context, id string) (Route, error) {
	var r Route
	_, err := c.do(ctx, http.MethodGet, routePath(id), nil, nil, &r)
	return r, err
}

// AddRoute adds a route, or replaces the one with r's ID, and returns what was stored.
func (c *Client) AddRoute(ctx context.Context, r Route) (Route, error) {
	var out Route
	_, err := c.do(ctx, http.MethodPost, "/routes", nil, r, &out)
	return out, err
}

// EditRoute alters the fields of a route that are in change, which may be anything
// that encodes to a JSON object, and returns what was stored. Null resets a field.
func (c *Client) EditRoute(ctx context.Context, id string, change any) (Route, error) {
	var out Route
	_, err := c.do(ctx, http.MethodPatch, routePath(id), nil, change, &out)
	return out, err
}

// DeleteRoute removes a route, and the webhook that was made for it if no other route
// has its URL.
func (c *Client) DeleteRoute(ctx context.Context, id string) error {
	_, err := c.do(ctx, http.MethodDelete, routePath(id), nil, nil, nil)
	return err
}

// TestRoute returns what would become of a sample. Nothing is sent.
func (c *Client) TestRoute(ctx context.Context, id string, s RouteSample) (RouteTest, error) {
	var out RouteTest
	_, err := c.do(ctx, http.MethodPost, routePath(id)+"/test", nil, s, &out)
	return out, err
}

func routePath(id string) string { return "/routes/" + url.PathEscape(id) }
