package gateway

import (
	"context"
	"strings"

	"tetherd/gateway/sms"
)

// maxUSSD is how many characters a service code or a reply may have (3GPP TS
// 22.090).
const maxUSSD = 182

// USSDQuery asks for a service of the operator. Exactly one field is set.
type USSDQuery struct {
	Code  string // begins a session, such as "*100#"
	Reply string // answers in the session that is open
	End   bool   // ends the session that is open, if there is one
}

// USSDStatus says how a session stands, in the words of the API.
type USSDStatus string

// The statuses, after <m> of 3GPP TS 27.007 §7.15.
const (
	USSDDone        USSDStatus = "done"          // 0: nothing more is expected
	USSDReplyNeeded USSDStatus = "reply-needed"  // 1: the session is open
	USSDTerminated  USSDStatus = "terminated"    // 2: the network ended the session
	USSDElsewhere   USSDStatus = "elsewhere"     // 3: another program or the SIM answered
	USSDUnsupported USSDStatus = "not-supported" // 4: the network knows no such service
	USSDTimeout     USSDStatus = "timeout"       // 5: the network waited too long
)

// USSDAnswer is what the network said.
type USSDAnswer struct {
	Text   string
	Status USSDStatus
}

// USSD runs a service code of the operator on a modem given by name or slot, or
// goes on with the session that a code before began. It may take a minute. Errors:
// Invalid for input that is no code or reply, NotFound for an unknown modem, Conflict
// if the modem or the network cannot do it now.
func (g *Gateway) USSD(ctx context.Context, ref string, q USSDQuery) (USSDAnswer, error) {
	l, err := g.laneOf(ref)
	if err != nil {
		return USSDAnswer{}, err
	}
	if err := q.check(); err != nil {
		return USSDAnswer{}, err
	}
	return l.modem.USSD(ctx, q)
}

// check refuses what must not reach a modem.
func (q *USSDQuery) check() error {
	switch {
	case q.End && q.Code == "" && q.Reply == "":
		return nil
	case q.End || (q.Code == "") == (q.Reply == ""):
		return Invalidf("give either code, to begin, or reply, to go on")
	case q.Code != "" && (len(q.Code) > maxUSSD || strings.Trim(q.Code, "0123456789*#+") != "" || !strings.ContainsAny(q.Code, "*#0123456789")):
		return Invalidf("code must be up to %d digits, * and #, such as *100#", maxUSSD)
	}
	septets, ok := sms.GSM7Septets(q.Reply)
	if !ok || len(septets) > maxUSSD || strings.ContainsFunc(q.Reply, isControl) || strings.Contains(q.Reply, `"`) {
		return Invalidf("reply must be up to %d characters of the GSM 7-bit alphabet, without quotes and control characters", maxUSSD)
	}
	return nil
}
