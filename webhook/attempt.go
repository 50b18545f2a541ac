package webhook

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/egress"
	"tetherd/webhook/format"
)

// attempt is one try to deliver an event to a webhook. The scheduler makes it and
// reads it again when it is over; between these one goroutine owns it.
type attempt struct {
	webhook  *endpoint
	to       gateway.Endpoint // as registered when the attempt was started
	delivery gateway.Delivery // as stored before the attempt
	event    gateway.Event
	ping     bool // the event and its delivery exist in memory only

	outcome outcome          // set when the attempt is over
	settled gateway.Delivery // the delivery as it is to be stored after it
}

// outcome is how an attempt ended.
type outcome struct {
	verdict verdict
	code    int           // HTTP status; 0 if there was no answer
	text    string        // what went wrong, for the delivery; empty after a success
	after   time.Duration // least delay the receiver asked for
	ended   gateway.Tick
	at      time.Time // wall clock when it ended
}

// verdict is what an attempt means for its delivery.
type verdict uint8

const (
	cancelled verdict = iota // ended by a stop: as if it had not been made
	delivered                // the receiver took it
	failed                   // counted
	local                    // a fault of this machine: not counted, the webhook pauses
	blocked                  // the address may not be contacted: final
)

// judge maps the error of an attempt that got no answer to its verdict.
func judge(err error, clockRight bool) verdict {
	switch egress.Judge(err, clockRight) {
	case egress.LocalFault, egress.ClockFault:
		return local
	case egress.Blocked:
		return blocked
	}
	return failed
}

// run makes the attempt.
func (a *attempt) run(ctx context.Context, w *Worker) {
	defer func() {
		if v := recover(); v != nil {
			// An event that cannot be handled must not take the others down. The
			// value of the panic may quote a message, unless the runtime wrote it.
			text := fmt.Sprintf("internal error: panic of type %T", v)
			if e, ok := v.(runtime.Error); ok {
				text = "internal error: " + e.Error()
			}
			a.outcome = outcome{verdict: failed, text: text}
			w.log.Error().Str("webhook", a.to.ID).Str("delivery", a.delivery.ID).
				Str("panic", text).Bytes("stack", debug.Stack()).Msg("webhook attempt panicked")
		}
		a.outcome.ended = w.clock.Now()
		now, _ := w.clock.Wall()
		a.outcome.at = now.Round(0)
	}()
	a.outcome = a.send(ctx, w)
}

func (a *attempt) send(ctx context.Context, w *Worker) outcome {
	body, err := format.Render(&format.Input{
		DeviceID: w.o.DeviceID, Webhook: &a.to, Rendering: a.to.RenderingOf(a.delivery.Rev),
		Delivery: a.delivery.ID, Event: &a.event,
	})
	if err != nil {
		return outcome{verdict: failed, text: "internal error: " + err.Error()}
	}
	now, _ := w.clock.Wall()
	h := a.header(w.agent, a.secrets(w.o.SigningKey, w.clock.Now()), &body, now)
	ans, err := w.o.Client.Do(ctx, egress.Request{
		Method: body.Method, URL: body.Target(a.to.URL), Header: h, Body: body.Content(), Timeout: w.o.Timeout,
		TLS: (*egress.TLS)(a.to.TLS), Redirects: egress.Redirects(a.to.Redirects),
	})
	if err != nil {
		if ctx.Err() != nil {
			return outcome{verdict: cancelled}
		}
		_, clockRight := w.clock.Wall()
		return outcome{verdict: judge(err, clockRight), text: err.Error()}
	}
	if ans.OK() {
		return outcome{verdict: delivered, code: ans.Code}
	}
	o := outcome{verdict: failed, code: ans.Code, text: ans.Failure()}
	if ans.Code == 429 || ans.Code == 503 {
		now, _ := w.clock.Wall()
		o.after = parseRetryAfter(ans.Header.Get("Retry-After"), now)
	}
	return o
}

// settle sets a.settled from the outcome.
func (a *attempt) settle(retries int, base time.Duration) {
	d, o := a.delivery, &a.outcome
	d.LastCode, d.LastErr, d.LastAt = o.code, o.text, o.at
	switch o.verdict {
	case delivered:
		d.Attempts++
		d.State = gateway.Succeeded
	case blocked:
		d.State = gateway.Blocked
	case failed:
		d.Attempts++
		if d.Attempts > retries {
			d.State = gateway.Exhausted
			break
		}
		d.Due = o.ended.Add(max(growingDelay(base, maxDelay, d.Attempts), o.after))
	case local:
		d.Due = o.ended.Add(minPause)
	}
	a.settled = d
}
