package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/modem/emulator"
	"tetherd/webhook/format"
	"tetherd/webhook/receivers"
)

// customer is a receiver of one of the products, whose webhook was registered by the
// names of that product.
type customer struct {
	*receivers.Receiver
	id     string // of the webhook
	events []string
	knows  []string // secrets
}

// The built daemon tells receivers in the formats of all products of what emulated
// modems receive and send, also while their secrets are replaced.
func TestFormatsEndToEnd(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *receivers.Host{
		"go": receivers.StartGo, "node": receivers.StartNode, "python": receivers.StartPython,
	} {
		t.Run(name, func(t *testing.T) {
			host := start(t)
			r := newRig(t, 1, emulator.NetworkOptions{Seed: 1})
			r.start()
			var all []*customer
			for _, f := range format.Formats() {
				for _, kind := range host.Kinds {
					if rule := receivers.Rule(kind); rule == string(f.Name) || f.Name == gateway.FormatTemplate && rule == "reserialised" {
						all = append(all, r.sell(t, host, f, kind))
					}
				}
			}
			if len(all) == 0 {
				t.Fatal("nobody listens")
			}
			r.ready()
			if _, err := r.send(text("question", "+4917012345678", "Are you open?")); err != nil {
				t.Fatal(err)
			}
			r.until("the message to arrive", 30*time.Second, func() bool { return r.get("question").State == "Delivered" })
			r.ask(all, 1)

			for _, c := range all {
				c.learn(r, http.MethodPost, "/secret/rotate") // both are valid; the new one only in lists
			}
			r.ask(all, 2)
			for _, c := range all {
				c.learn(r, http.MethodPost, "/secret/activate")
				c.Know(c.knows[len(c.knows)-1])
			}
			r.ask(all, 3)

			for _, c := range all {
				requests := c.Requests()
				if want := len(c.events) + 2; len(requests) != want {
					t.Errorf("%s got %d requests, want %d", c.Kind, len(requests), want)
				}
				for _, request := range requests {
					if request.Status > 299 {
						t.Errorf("%s answered %d to %v %s", c.Kind, request.Status, request.Headers, request.Body)
					}
				}
			}
		})
	}
}

// sell registers a webhook for what happens to ordinary messages, by the names that
// the product has for it.
func (r *rig) sell(t *testing.T, host *receivers.Host, f *format.Format, kind string) *customer {
	t.Helper()
	c := &customer{Receiver: host.New(t, kind), knows: []string{rigKey}}
	for _, e := range []gateway.EventType{gateway.EventReceived, gateway.EventSent, gateway.EventDelivered} {
		if f.Carries(e, &gateway.Rendering{Format: f.Name}) {
			c.events = append(c.events, f.EventName(e))
		}
	}
	hook := map[string]any{"url": c.URL, "events": c.events, "format": f.Name}
	if f.Name == gateway.FormatTemplate {
		hook["template"] = `{"text": {{.Text | json}}}`
	}
	var registered api.Webhook
	r.must(http.MethodPost, "/webhooks", hook, &registered)
	c.id = registered.ID
	if registered.Secret != nil {
		c.knows = []string{registered.Secret.Text}
	}
	c.Know(c.knows...)
	return c
}

// learn makes a request about the secrets of the webhook, and notes the newest one
// for the time when it will be the only one.
func (c *customer) learn(r *rig, method, path string) {
	r.t.Helper()
	var answer api.WebhookSecrets
	r.must(method, "/webhooks/"+c.id+path, nil, &answer)
	if newest := answer.Secrets[0].Secret; !slices.Contains(c.knows, newest) {
		c.knows = append(c.knows, newest)
	}
}

// ask has somebody send a text, and waits until all customers were told of it and of
// what was sent before.
func (r *rig) ask(all []*customer, nth int) {
	r.t.Helper()
	if err := r.network.DeliverText("+4917099999999", r.sticks[0].number, fmt.Sprintf("What are your hours? <%d> & \u2028", nth)); err != nil {
		r.t.Fatal(err)
	}
	for _, c := range all {
		want := len(c.events) + nth - 1
		r.until(fmt.Sprintf("%d requests to %s", want, c.Kind), 20*time.Second, func() bool { return len(c.Requests()) >= want })
	}
}
