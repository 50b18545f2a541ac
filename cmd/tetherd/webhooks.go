package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/gateway/rest"
	"tetherd/webhook"
	"tetherd/webhook/egress"
	"tetherd/webhook/format"
)

// webhooks shows to the API what makes requests to webhooks.
type webhooks struct {
	worker   *webhook.Worker
	client   *egress.Client
	cfg      config.Webhooks
	deviceID string
	key      string // that signs for webhooks without a secret of their own
}

// Test implements rest.Webhooks.
func (w *webhooks) Test(ctx context.Context, e gateway.Endpoint, t gateway.EventType, reach bool) gateway.WebhookTest {
	return w.worker.Test(ctx, e, t, reach)
}

// Event implements rest.Webhooks.
func (w *webhooks) Event(e *gateway.Event) (out api.Event, err error) {
	b, err := format.Render(&format.Input{DeviceID: w.deviceID, Webhook: &gateway.Endpoint{}, Delivery: e.ID, Event: e})
	if err != nil {
		return out, fmt.Errorf("render event: %w", err)
	}
	if err := json.Unmarshal(b.Bytes, &out); err != nil {
		return out, fmt.Errorf("read rendered event: %w", err)
	}
	return out, nil
}

// Verify implements rest.Webhooks. Any secret that was valid will do.
func (w *webhooks) Verify(e *gateway.Endpoint, h http.Header, body []byte, at time.Time) error {
	f, ok := format.Lookup(e.Format)
	if !ok {
		return fmt.Errorf("there is no format %q", e.Format)
	}
	secrets := e.Secrets
	if len(secrets) == 0 {
		secrets = []gateway.Secret{{Key: w.key}}
	}
	var first error
	for _, s := range secrets {
		err := f.Verify(s.Key, h, body, at)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// Prompt implements rest.Webhooks.
func (w *webhooks) Prompt(e *gateway.Endpoint) (string, error) {
	f, ok := format.Lookup(e.Format)
	if !ok {
		return "", fmt.Errorf("format must be %s", format.Names())
	}
	return f.Prompt(e, e.Events), nil
}

// Egress implements rest.Webhooks.
func (w *webhooks) Egress(ctx context.Context) (api.Egress, error) {
	out := api.Egress{Policy: w.cfg.Policy, Addresses: []api.EgressAddress{}}
	if w.cfg.Proxy != "" {
		out.Proxy = gateway.RedactedURL(w.cfg.Proxy)
	}
	sources, err := w.client.Addresses(ctx, "")
	if err != nil {
		return out, fmt.Errorf("find own addresses: %w", err)
	}
	for _, s := range sources {
		out.Addresses = append(out.Addresses, api.EgressAddress{Towards: "the internet", Address: s.Addr.String(), Interface: s.Interface})
	}
	return out, nil
}

// checkWebhook vets a webhook before it is stored.
func checkWebhook(client *egress.Client, local func(*url.URL) http.Handler) func(*gateway.Endpoint) error {
	return func(e *gateway.Endpoint) error {
		if err := format.Check(e); err != nil {
			return err
		}
		r := egress.Request{URL: e.URL, TLS: (*egress.TLS)(e.TLS), Redirects: egress.Redirects(e.Redirects)}
		err := client.Check(r)
		if u, bad := url.Parse(e.URL); err != nil && bad == nil && local(u) != nil {
			// No connection is made, so whatever the policy has against it does not matter.
			r.URL = "https://example.org"
			return client.Check(r)
		}
		if errors.Is(err, egress.ErrURL) {
			return &gateway.Error{Code: gateway.Invalid, Field: "url", Message: egress.ErrURL.Error(), Detail: err.Error()}
		}
		return err
	}
}

// localBins returns what serves URLs of request bins of this daemon, by the
// addresses it listens on: no webhook may connect to these. encrypted is whether it
// speaks HTTPS there.
func localBins(own func() []netip.AddrPort, encrypted bool, handler func() http.Handler) func(*url.URL) http.Handler {
	scheme, port := "http", "80"
	if encrypted {
		scheme, port = "https", "443"
	}
	return func(u *url.URL) http.Handler {
		if u.Scheme != scheme || !rest.IsBin(u.Path) {
			return nil
		}
		h := handler()
		if h == nil || !isOwn(u, port, own()) {
			return nil
		}
		return h
	}
}

// isOwn reports whether u names one of the addresses, or this machine. usual is the
// port if it names none.
func isOwn(u *url.URL, usual string, own []netip.AddrPort) bool {
	port := cmp.Or(u.Port(), usual)
	name, err := os.Hostname()
	if err != nil {
		name = ""
	}
	host := u.Hostname()
	named := strings.EqualFold(host, "localhost") || name != "" && (strings.EqualFold(host, name) || strings.EqualFold(host, name+".local"))
	addr, err := netip.ParseAddr(host)
	return slices.ContainsFunc(own, func(a netip.AddrPort) bool {
		if strconv.Itoa(int(a.Port())) != port {
			return false
		}
		return named || err == nil && addr.Unmap() == a.Addr().Unmap()
	})
}
