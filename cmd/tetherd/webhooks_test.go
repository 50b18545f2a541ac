package main

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/egress"
	"tetherd/webhook/format"
)

func TestLocalBins(t *testing.T) {
	own := func() []netip.AddrPort {
		return []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8080"), netip.MustParseAddrPort("[::1]:8080"), netip.MustParseAddrPort("192.0.2.7:80")}
	}
	var serves http.Handler = http.NotFoundHandler()
	local := localBins(own, false, func() http.Handler { return serves })
	for raw, want := range map[string]bool{
		"http://127.0.0.1:8080/bin/abc":           true,
		"http://127.0.0.1:8080/api/v1/bin/abc":    true,
		"http://localhost:8080/bin/abc?q=1":       true,
		"http://[::1]:8080/bin/abc":               true,
		"http://[::ffff:127.0.0.1]:8080/bin/abc":  true,
		"http://192.0.2.7/bin/abc":                true,
		"https://127.0.0.1:8080/bin/abc":          false, // it has no TLS
		"http://127.0.0.1:8081/bin/abc":           false,
		"http://192.0.2.8/bin/abc":                false,
		"http://127.0.0.1:8080/messages":          false, // no event reaches the API by itself
		"http://127.0.0.1:8080/bin/../messages":   false,
		"http://127.0.0.1:8080/bin/%2e%2e/x":      false,
		"http://127.0.0.1:8080/bin/":              false,
		"http://127.0.0.1:8080/bin/..":            false,
		"http://127.0.0.1:8080/bin/%2E%2E":        false,
		"http://127.0.0.1:8080/messages/bin/abc":  false,
		"http://127.0.0.1:8080/bin/abc/x":         false,
		"http://127.0.0.1:8080/bins/abc/requests": false,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := local(u) != nil; got != want {
			t.Errorf("%s: got %t, want %t", raw, got, want)
		}
	}
	secure := localBins(own, true, func() http.Handler { return serves })
	for raw, want := range map[string]bool{
		"https://127.0.0.1:8080/bin/abc": true, "http://127.0.0.1:8080/bin/abc": false, "https://192.0.2.7/bin/abc": false,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := secure(u) != nil; got != want {
			t.Errorf("with TLS, %s: got %t, want %t", raw, got, want)
		}
	}
	serves = nil // not yet there
	if u, _ := url.Parse("http://127.0.0.1:8080/bin/abc"); local(u) != nil {
		t.Error("a handler before there is one")
	}
}

// A webhook to a bin of the daemon is accepted whatever the policy says of its
// address, but not with other mistakes.
func TestCheckWebhook(t *testing.T) {
	client, err := egress.New(egress.Options{Policy: egress.PolicyStrict})
	if err != nil {
		t.Fatal(err)
	}
	local := func(u *url.URL) http.Handler {
		if strings.HasPrefix(u.Path, "/bin/") {
			return http.NotFoundHandler()
		}
		return nil
	}
	check := checkWebhook(client, local)
	for name, tt := range map[string]struct {
		e    gateway.Endpoint
		want string // part of the error; empty: none
	}{
		"bin":        {gateway.Endpoint{URL: "http://127.0.0.1:8080/bin/x"}, ""},
		"elsewhere":  {gateway.Endpoint{URL: "http://127.0.0.1:8080/x"}, "webhooks.policy is strict"},
		"bin, TLS":   {gateway.Endpoint{URL: "http://127.0.0.1:8080/bin/x", TLS: &gateway.EndpointTLS{CA: "rubbish"}}, "tls.ca"},
		"bin, 3xx":   {gateway.Endpoint{URL: "http://127.0.0.1:8080/bin/x", Redirects: "what"}, "redirects"},
		"alias":      {gateway.Endpoint{URL: "https://example.org", Rendering: gateway.Rendering{Format: "integify"}, Events: []gateway.EventType{"sms.received"}}, ""},
		"no format":  {gateway.Endpoint{URL: "https://example.org", Rendering: gateway.Rendering{Format: "x"}}, "format must be"},
		"no address": {gateway.Endpoint{URL: "https://"}, "name a host"},
	} {
		err := check(&tt.e)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	err = check(&gateway.Endpoint{URL: "http://example.org"})
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok || e.Message != "url must start with https:// or http://127.0.0.1" || !strings.HasPrefix(e.Detail, e.Message+"; webhooks.policy is strict") || e.Field != "url" {
		t.Errorf("got %+v, want the message that clients know, and the policy in the detail", err)
	}
}

func TestWebhooksOfTheAPI(t *testing.T) {
	w := &webhooks{deviceID: "box", key: "global key"}
	now := time.Date(2026, 3, 13, 14, 25, 16, 0, time.UTC)
	event := format.Sample(gateway.EventReceived, now)
	e, err := w.Event(&event)
	if err != nil || e.Event != "sms:received" || e.ID != event.ID || e.DeviceID != "box" || !strings.Contains(string(e.Payload), `"message":`) {
		t.Errorf("event: got %+v, %v", e, err)
	}

	body := []byte(`{"a":1}`)
	for _, tt := range []struct {
		secrets []gateway.Secret // of the webhook
		signed  string           // with
		right   bool
	}{
		{nil, "global key", true},
		{nil, "another key", false},
		{[]gateway.Secret{{Key: "newer one"}, {Key: "older one"}}, "newer one", true},
		{[]gateway.Secret{{Key: "newer one"}, {Key: "older one"}}, "older one", true},
		{[]gateway.Secret{{Key: "newer one"}}, "global key", false},
	} {
		f, _ := format.Lookup("")
		h := http.Header{}
		f.Sign(h, &format.Signing{Delivery: "d", Body: body, At: now, Secrets: []gateway.Secret{{Key: tt.signed}}})
		h.Set("Content-Type", "application/json")
		err := w.Verify(&gateway.Endpoint{Secrets: tt.secrets}, h, body, now)
		if (err == nil) != tt.right {
			t.Errorf("%+v signed with %s: got %v", tt.secrets, tt.signed, err)
		}
	}

	if text, err := w.Prompt(&gateway.Endpoint{URL: "https://example.org/x", Events: []gateway.EventType{gateway.EventReceived}}); err != nil || !strings.Contains(text, "https://example.org/x") {
		t.Errorf("prompt: got %q, %v", text, err)
	}
	if _, err := w.Prompt(&gateway.Endpoint{Rendering: gateway.Rendering{Format: "x"}}); err == nil {
		t.Error("a prompt for a format that there is not")
	}
}
