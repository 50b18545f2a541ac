package webhook

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"tetherd/gateway"
	"tetherd/webhook/egress"
	"tetherd/webhook/format"
)

// maxTrials is how many tests run at a time; the others wait.
const maxTrials = 8

// Test sends to, which need not be registered, a sample of an event of type t in
// the way of a first attempt, and waits for the answer. With reachOnly it asks the
// receiver with OPTIONS for nothing in particular: then any answer will do. Tests
// have the header Webhook-Test. They are neither stored nor counted, and a paused
// webhook can be tested, too. When ctx ends Test does.
func (w *Worker) Test(ctx context.Context, to gateway.Endpoint, t gateway.EventType, reachOnly bool) gateway.WebhookTest {
	res := gateway.WebhookTest{Event: t, URL: gateway.RedactedURL(to.URL)}
	select {
	case w.trials <- struct{}{}:
		defer func() { <-w.trials }()
	case <-ctx.Done():
		res.Error, res.What = "cancelled", "Nothing was sent: other tests were under way all the time."
		return res
	}
	req, err := w.trial(&to, t, reachOnly)
	if err != nil {
		res.Error = err.Error()
		res.What = fmt.Sprintf("Nothing was sent: the event cannot be written for the webhook: %v.", err)
		res.Advice = "Correct the template of the webhook."
		return res
	}
	res.Method, res.URL, res.Sent = req.Method, gateway.RedactedURL(req.URL), req.Body
	res.Header = shownHeader(req.Header, to.Headers)
	ans, err := w.client(to.URL).Do(ctx, req)
	now, clockRight := w.clock.Wall()
	if err != nil {
		res.Exchange = judgeError(err, clockRight).Exchange
		res.What, res.Advice = egress.Explain(0, err)
		return res
	}
	res.Exchange = judgeAnswer(&to, ans, now, clockRight).Exchange
	res.OK = ans.OK()
	res.What, res.Advice = ans.Explain()
	if reachOnly {
		res.OK, res.Error, res.Advice = true, "", ""
		res.What = fmt.Sprintf("The receiver can be reached: it answered HTTP %d to OPTIONS, which says nothing about events.", ans.Code)
	}
	return res
}

// trial returns the request of a test.
func (w *Worker) trial(to *gateway.Endpoint, t gateway.EventType, reachOnly bool) (req egress.Request, err error) {
	now, _ := w.clock.Wall()
	a := &attempt{to: *to, event: format.Sample(t, now), delivery: gateway.Delivery{ID: gateway.NewID(), Endpoint: to.Num, Rev: to.Rev}}
	if reachOnly {
		req = egress.Request{
			Method: http.MethodOptions, URL: to.URL, Header: w.header(a, &format.Body{}),
			Timeout: w.timeout(to), TLS: (*egress.TLS)(to.TLS), Redirects: egress.Redirects(to.Redirects),
		}
	} else if req, err = w.request(a); err != nil {
		return req, err
	}
	req.Method = cmp.Or(req.Method, http.MethodPost)
	req.Header.Set("Webhook-Test", "1")
	return req, nil
}

// shownHeader returns h without the values that may be secret: those that the
// owner of the webhook gave.
func shownHeader(h http.Header, own []gateway.Header) map[string]string {
	shown := make(map[string]string, len(h))
	for name, values := range h {
		if len(values) > 0 {
			shown[name] = strings.Join(values, ", ")
		}
	}
	for _, line := range own {
		name := http.CanonicalHeaderKey(line.Name)
		if len(h[name]) > 0 && line.Value != "" && strings.Contains(shown[name], line.Value) {
			shown[name] = gateway.Redacted
		}
	}
	if shown["Authorization"] != "" {
		shown["Authorization"] = gateway.Redacted
	}
	return shown
}
