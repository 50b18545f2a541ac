package webhook

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"tetherd/gateway"
)

// attempt is one try to deliver an event to a webhook. The scheduler makes it and
// reads it again when it is over; between these one goroutine owns it.
type attempt struct {
	webhook  *endpoint
	to       gateway.Endpoint // as registered when the attempt was started
	delivery gateway.Delivery // as stored before the attempt
	event    gateway.Event    // its Payload is nil if it cannot be read any more
	ping     bool             // the event and its delivery exist in memory only

	outcome outcome          // set when the attempt is over
	settled gateway.Delivery // the delivery as it is to be stored after it
	keep    bool             // settled is to be stored; else the attempt alone
}

// eventType returns the type of the event, empty if it cannot be read.
func (a *attempt) eventType() gateway.EventType {
	if a.event.Payload == nil {
		return ""
	}
	return a.event.Type()
}

// run makes the attempt.
func (a *attempt) run(ctx context.Context, w *Worker) {
	defer func() {
		if v := recover(); v != nil {
			// An event that cannot be handled must not take the others down. The
			// value of the panic may quote a message, unless the runtime wrote it.
			text := fmt.Sprintf("panic of type %T", v)
			if e, ok := v.(runtime.Error); ok {
				text = e.Error()
			}
			a.outcome = internalError(text)
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
	if a.event.Payload == nil {
		o := internalError("the stored event is damaged")
		o.final = true
		return o
	}
	req, err := w.request(a)
	if err != nil {
		return internalError(err.Error())
	}
	ans, err := w.client(a.to.URL).Do(ctx, req)
	if err != nil && ctx.Err() != nil {
		return outcome{verdict: cancelled}
	}
	now, clockRight := w.clock.Wall()
	if err != nil {
		return judgeError(err, clockRight)
	}
	return judgeAnswer(&a.to, ans, now, clockRight)
}

// settle sets a.settled from the outcome.
func (a *attempt) settle(retries int, base time.Duration) {
	d, o := a.delivery, &a.outcome
	d.LastCode, d.LastErr, d.LastAt = o.Code, o.Error, o.at
	switch o.verdict {
	case delivered:
		d.Attempts++
		d.State = gateway.Succeeded
	case blocked:
		d.State = gateway.Blocked
	case failed:
		d.Attempts++
		n := d.Attempts - d.Base
		switch {
		case o.pause != "" && !o.final: // it waits with the others until the webhook is resumed
			d.Base, d.Due = d.Attempts, o.ended
		case o.final, n > retries, o.internal && n >= maxInternal:
			d.State = gateway.Exhausted
		default:
			d.Due = o.ended.Add(max(retryDelay(&a.to.Retry, base, n), o.after))
		}
	case local: // a ping, which becomes a row
		d.Due = o.ended.Add(minPause)
	}
	if d.State != gateway.Undelivered {
		d.Ended = o.ended
	}
	a.settled = d
}

// entry returns a for the log of attempts.
func (a *attempt) entry() gateway.Attempt {
	o := &a.outcome
	e := gateway.Attempt{
		Endpoint: a.to.Num, Delivery: a.delivery.ID, Event: a.delivery.Event, Type: a.eventType(),
		Number: a.delivery.Attempts + 1, At: o.at, Tick: o.ended, Exchange: o.Exchange,
	}
	switch o.verdict {
	case delivered:
		e.Verdict = gateway.AttemptSucceeded
	case failed:
		e.Verdict = gateway.AttemptFailed
	case local:
		e.Verdict = gateway.AttemptLocal
	case blocked:
		e.Verdict = gateway.AttemptBlocked
	}
	switch {
	case a.settled.State != gateway.Undelivered:
	case o.verdict == local:
		e.Next = max(a.webhook.hold, a.settled.Due)
	default:
		e.Next = a.settled.Due
	}
	return e
}
