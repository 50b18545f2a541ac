package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/egress"
)

// maxInternal is how many attempts end a delivery whose event cannot be turned
// into a request.
const maxInternal = 3

// verdict is what an attempt means for its delivery.
type verdict uint8

const (
	cancelled verdict = iota // ended by a stop: as if it had not been made
	delivered                // the receiver took it
	failed                   // counted
	local                    // a fault of this machine: not counted, the webhook pauses
	blocked                  // the address may not be contacted: final
)

// outcome is how an attempt ended.
type outcome struct {
	verdict verdict
	gateway.Exchange
	after time.Duration // least delay for the whole webhook the receiver asked for
	final bool          // if it failed: it is of no use to try again
	// pause is why the webhook is to be paused, one of the reasons of a
	// [gateway.Pause]; empty: it is not.
	pause    string
	clock    bool // local, because the clock of this machine is wrong
	internal bool // failed before anything was sent
	ended    gateway.Tick
	at       time.Time // wall clock when it ended
}

// internalError returns the outcome of an attempt that could not be made.
func internalError(text string) outcome {
	return outcome{verdict: failed, internal: true, Exchange: gateway.Exchange{Error: "internal error: " + text}}
}

// judgeError returns the outcome of an attempt that got no answer. clockRight
// tells whether the wall clock is plausible.
func judgeError(err error, clockRight bool) outcome {
	o := outcome{verdict: failed, Exchange: gateway.Exchange{Error: err.Error()}}
	if e, ok := errors.AsType[*egress.Error](err); ok {
		noteTrace(&o.Exchange, &e.Trace)
	}
	switch egress.Judge(err, clockRight) {
	case egress.LocalFault:
		o.verdict = local
	case egress.ClockFault:
		o.verdict, o.clock = local, true
	case egress.Blocked:
		o.verdict = blocked
	}
	return o
}

// judgeAnswer returns the outcome of an attempt that to answered at now.
func judgeAnswer(to *gateway.Endpoint, a *egress.Answer, now time.Time, clockRight bool) outcome {
	o := outcome{verdict: failed, Exchange: gateway.Exchange{
		Code: a.Code, Error: a.Failure(),
		ContentType: a.Header.Get("Content-Type"), Body: a.Body, Truncated: a.Truncated,
		RetryAfter: parseRetryAfter(a.Header.Get("Retry-After"), now),
	}}
	noteTrace(&o.Exchange, &a.Trace)
	if a.OK() {
		o.verdict = delivered
	} else {
		o.Location = a.Header.Get("Location")
		o.final = slices.Contains(to.Retry.GiveUpOn, a.Code)
	}
	switch a.Code {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		o.after = o.RetryAfter
	case http.StatusGone:
		if !to.KeepOnGone {
			o.pause = gateway.PausedGone
		}
	case http.StatusBadRequest, http.StatusUnauthorized:
		if !clockRight { // a signature with a wrong time looks forged
			o.verdict, o.clock, o.final = local, true, false
		}
	}
	switch strings.ToLower(strings.TrimSpace(a.Header.Get("Webhook-Delivery"))) {
	case "disable":
		o.pause = gateway.PausedByReceiver
	case "abort-message":
		o.final = true
	}
	return o
}

// noteTrace adds to x how the exchange went.
func noteTrace(x *gateway.Exchange, t *egress.Trace) {
	x.Timings = gateway.Timings{
		DNS: t.DNS, Connect: t.Connect, TLS: t.Timings.TLS, FirstByte: t.FirstByte, Total: t.Total,
	}
	if t.RemoteAddr.IsValid() {
		x.Remote = t.RemoteAddr.String()
	}
	if s := t.TLS; s != nil {
		x.TLS = strings.TrimSpace(fmt.Sprintf("%s %s certificate of %s, valid until %s",
			s.Version, s.Cipher, s.Subject, s.Expires.UTC().Format(time.RFC3339)))
	}
}
