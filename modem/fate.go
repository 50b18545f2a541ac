package modem

import (
	"time"

	"tetherd/gateway"
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

// cause is a row of the table of error results.
type cause struct {
	verdict verdict
	wait    time.Duration // again: least delay; pause: first length, 0 is minRest
	text    string        // one plain sentence
}

// smsCauses are the +CMS ERROR codes: network causes up to 255 (3GPP TS 24.011
// annex E, 23.040 §9.2.3.22), the modem's own from 300 (27.005 §3.2.5), vendors'
// from 500.
var smsCauses = map[int]cause{
	1:   {never, 0, "The number is not assigned to anyone."},
	8:   {pause, 0, "The operator bars this SIM from sending; check its credit and contract."},
	10:  {never, 0, "Messages to this number are barred."},
	17:  {again, 0, "The network failed."},
	21:  {again, 0, "The network rejected the message; credit, spam filter or service centre number may be the cause."},
	22:  {again, 0, "The network is congested."},
	27:  {again, 0, "The destination is out of order."},
	28:  {pause, 0, "The network does not know this SIM; it may not be activated."},
	29:  {pause, 0, "The network refuses the SMS service to this SIM."},
	30:  {never, 0, "The network does not know the recipient."},
	38:  {again, 0, "The network is out of order, or refuses without saying why."},
	41:  {again, 10 * time.Second, "The network failed for a moment."},
	42:  {again, 30 * time.Second, "The network is congested."},
	47:  {again, 0, "The network lacks resources."},
	50:  {pause, 0, "This SIM's contract does not include SMS."},
	69:  {again, 0, "The network does not support the request; check the service centre number."},
	81:  {again, 0, "The network lost track of the message."},
	95:  {never, 0, "The network finds the message malformed."},
	96:  {never, 0, "The network misses information in the message."},
	97:  {never, 0, "The network does not know this type of message."},
	98:  {never, 0, "The network does not accept this message now."},
	99:  {never, 0, "The network does not know a part of the message."},
	111: {again, 0, "The network reports a protocol error."},
	127: {again, 0, "The destination's network did not take the message."},
	192: {again, 0, "The service centre is busy."},
	193: {pause, 0, "This SIM has no subscription at the service centre; check the service centre number."},
	194: {again, 0, "The service centre failed."},
	195: {never, 0, "The service centre finds the number invalid."},
	196: {never, 0, "The service centre bars messages to this number."},
	197: {accepted, 0, "The service centre has this message already."},
	198: {again, 0, "The service centre does not support this validity period."},
	199: {again, 0, "The service centre does not support validity periods."},
	302: {pause, 0, "The modem does not allow sending now."},
	303: {pause, 0, "The modem does not support sending; it may be a phone that never does."},
	304: {again, 0, "The modem finds the message malformed."},
	305: {again, 0, "The modem finds the message malformed."},
	310: {pause, 0, "There is no SIM in the modem."},
	311: {pause, 0, "The SIM needs its PIN."},
	312: {pause, 0, "The SIM needs a PIN of the modem."},
	313: {pause, 0, "The SIM failed."},
	314: {pause, 2 * time.Second, "The SIM is busy."},
	315: {pause, 0, "The SIM is of the wrong kind."},
	316: {pause, 0, "The SIM needs its PUK."},
	317: {pause, 0, "The SIM needs its PIN2."},
	318: {pause, 0, "The SIM needs its PUK2."},
	322: {again, 0, "The message storage is full."},
	330: {pause, 0, "The service centre number is unknown; set smsc in the configuration."},
	331: {pause, 5 * time.Second, "The modem has no network."},
	332: {doubtful, 0, "The network did not answer the modem in time."},
	500: {again, 0, "The modem or the network refused without saying why; check the SIM's credit."},
	512: {again, 0, "The modem could not reach the network."},
	513: {doubtful, 0, "The modem got no acknowledgement from the network."},
	514: {again, 0, "The network is congested."},
	515: {pause, 5 * time.Second, "The modem is still starting."},
	516: {never, 0, "The modem finds the message malformed."},
	517: {never, 0, "The modem finds the message malformed."},
	518: {never, 0, "The modem finds the message malformed."},
	519: {never, 0, "The modem finds the message malformed."},
	520: {never, 0, "The modem finds the message malformed."},
	521: {doubtful, 0, "The modem waited too long for the network."},
	522: {never, 0, "The modem finds the message malformed."},
	532: {pause, 5 * time.Second, "The SIM is not ready."},
	538: {never, 0, "The modem finds the message malformed."},
	549: {never, 0, "The modem finds the message malformed."},
	550: {never, 0, "The modem finds the message malformed."},
	551: {never, 0, "The modem finds the message malformed."},
	552: {never, 0, "The modem finds the message malformed."},
	553: {never, 0, "The modem finds the message malformed."},
	554: {never, 0, "The modem finds the message malformed."},
	615: {again, 0, "The network failed."},
	616: {again, 0, "The network is down."},
	770: {pause, 0, "The SIM is invalid."},
	772: {pause, 0, "The SIM has no power."},
}

// equipmentCauses are the +CME ERROR codes (3GPP TS 27.007 §9.2).
var equipmentCauses = map[int]cause{
	3:   {pause, 0, "The modem does not allow sending now."},
	4:   {pause, 0, "The modem does not support sending; it may be a phone that never does."},
	10:  {pause, 0, "There is no SIM in the modem."},
	11:  {pause, 0, "The SIM needs its PIN."},
	12:  {pause, 0, "The SIM needs its PUK."},
	13:  {pause, 0, "The SIM failed."},
	14:  {pause, 2 * time.Second, "The SIM is busy."},
	15:  {pause, 0, "The SIM is of the wrong kind."},
	16:  {pause, 0, "The SIM refused the PIN."},
	17:  {pause, 0, "The SIM needs its PIN2."},
	18:  {pause, 0, "The SIM needs its PUK2."},
	30:  {pause, 5 * time.Second, "The modem has no network."},
	31:  {doubtful, 0, "The network did not answer the modem in time."},
	32:  {pause, 5 * time.Second, "The network allows emergency calls only."},
	262: {pause, 0, "The SIM is blocked."},
	515: {pause, 5 * time.Second, "The modem is still starting."},
	772: {pause, 0, "The SIM has no power."},
}

// cause looks an error result up.
func (r refusal) cause() cause {
	table := smsCauses
	if r.family == "CME" {
		table = equipmentCauses
	}
	if c, ok := table[r.code]; ok {
		return c
	}
	if r.family == "CMS" && r.code >= 128 && r.code < 192 {
		// TP-FCS: protocol identifier, coding scheme, class or TPDU not supported.
		return cause{never, 0, "The service centre does not support this kind of message."}
	}
	switch {
	case r.family == "":
		return cause{again, 0, "The modem refused without saying why."}
	case r.code < 0:
		return cause{again, 0, "The modem refused: " + r.text + "."}
	}
	return cause{again, 0, "The modem or the network refused."}
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
