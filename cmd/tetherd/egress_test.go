package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"tetherd/gateway"
)

// What the configuration says of how webhooks are reached is what happens.
func TestEgressIsAsConfigured(t *testing.T) {
	seen := make(chan string, 10)
	note := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen <- r.Method + " " + r.RemoteAddr + " " + r.RequestURI
	})
	receiver, proxy := httptest.NewServer(note), httptest.NewServer(note)
	defer receiver.Close()
	defer proxy.Close()

	cfg := emulatedConfig(t)
	cfg.Webhooks.Policy, cfg.Webhooks.Allow = "strict", []string{"127.0.0.1", "10.255.0.0/16"}
	cfg.Webhooks.Proxy, cfg.Webhooks.Source = proxy.URL, netip.MustParseAddr("127.0.0.9")
	d, err := openDaemon(t.Context(), cfg, zerolog.New(zerolog.NewTestWriter(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()

	events := []gateway.EventType{gateway.EventReceived}
	for url, want := range map[string]string{
		"http://127.0.0.2/":         "webhooks.policy is strict",
		"https://192.168.1.1/":      "list it in webhooks.allow",
		"http://127.0.0.1:25/":      "url must not have the port 25",
		"https://10.255.255.1/hook": "",
	} {
		_, err := d.gateway.SaveEndpoint(t.Context(), gateway.Endpoint{URL: url, Events: events})
		if got := err != nil; got != (want != "") || got && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", url, err, want)
		}
	}

	if res := d.worker.Test(t.Context(), gateway.Endpoint{URL: receiver.URL, Events: events}, gateway.EventReceived, false); !res.OK {
		t.Errorf("this machine: %+v", res)
	}
	if got := <-seen; !strings.HasPrefix(got, "POST 127.0.0.9:") {
		t.Errorf("the receiver saw %s", got)
	}
	d.worker.Test(t.Context(), gateway.Endpoint{URL: "https://10.255.255.1/hook", Events: events}, gateway.EventReceived, false)
	if got := <-seen; !strings.HasPrefix(got, "CONNECT 127.0.0.9:") || !strings.HasSuffix(got, " 10.255.255.1:443") {
		t.Errorf("the proxy saw %s", got)
	}
}
