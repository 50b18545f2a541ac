package modem

import (
	"time"

	"tetherd/gateway"
	"tetherd/gateway/cause"
)

// verdict is what an error result says about a submitted PDU and its message.
type verdict uint8

const (
	again    verdict = iota // refused; the same message may pass later
	never                   // refused; the same message would be refused again
	pause                   // refused; this modem, SIM or network is at fault: it rests for a while
	doubtful                // the message may have left
	accepted                // the service centre has it
)

// finding is what an error result means for the flow.
type finding struct {
	verdict verdict
	wait    time.Duration // again: least delay; pause: first length, 0 is minRest
	text    string        // one plain sentence
}

// verdicts translates what the table of causes says.
var verdicts = map[cause.Class]verdict{
	cause.Permanent: never,
	cause.Retry:     again,
	cause.Pause:     pause,
	cause.Fix:       pause,
	cause.Unknown:   doubtful,
	cause.Accepted:  accepted,
}

// cause looks an error result up.
func (r refusal) cause() finding {
	if r.code < 0 && r.text != "" {
		return finding{again, 0, "The modem refused: " + evidence(r.text) + "."}
	}
	c := cause.Lookup(cause.Family(r.family), r.code)
	return finding{verdicts[c.Class], c.Wait, c.Text}
}

// sendError returns the engine's view of an error result. committed says that the
// PDU was complete; before that nothing can have left.
func (r refusal) sendError(committed bool, err error) *gateway.SendError {
	c := r.cause()
	e := &gateway.SendError{Fate: gateway.Rejected, Code: r.name(), Text: c.text, Err: err}
	switch c.verdict {
	case never:
		e.Action = gateway.Fail
	case pause:
		e.Action = gateway.Wait
	case doubtful:
		e.Action = gateway.Retry
		if committed {
			e.Fate = gateway.Unknown
		}
	default:
		e.Action, e.After = gateway.Retry, c.wait
	}
	if !committed && e.Action == gateway.Wait {
		e.Fate = gateway.NotSent
	}
	return e
}
