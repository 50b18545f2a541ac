package format

import (
	"encoding/base64"
	"fmt"
	"time"

	"tetherd/gateway"
)

// View is an event as templates see it, and as the formats of other products are
// made of. Fields that an event does not have are empty or 0.
type View struct {
	ID        string // of the delivery, the same in all attempts
	EventID   string // the same for all webhooks
	WebhookID string
	DeviceID  string // of the gateway
	Event     string // such as sms:received
	Type      string // the same in the other spelling, sms.received
	Time      string // when it happened, RFC 3339 with milliseconds and the gateway's offset
	Unix      int64  // the same, in seconds since 1970

	Modem     string // its ID
	SIM       int    // from 1; 0 if there is none
	MessageID string
	From      string // number or name of the sender, or of who opted out
	To        string // number of the recipient
	Text      string // content of the message, or what the operator answered
	Data      string // content of a data message, base64
	Parts     int    // how many SMS a sent message is made of
	Reason    string // why something failed or was done, for people
	Code      string // of the failure, such as CMS 38
	State     string // of a modem

	PossibleDuplicate bool // the message may have been sent twice
	Thin              bool // content and numbers were left out

	at    time.Time
	name  string        // of the event, in the format
	event gateway.Event // without content if it is thin
	in    *Input
}

// newView returns the view of an event, without content if thin.
func newView(in *Input, thin bool) (*View, error) {
	e := *in.Event
	if thin {
		e.Payload = withoutContent(e.Payload)
	}
	v := &View{
		ID: in.Delivery, EventID: e.ID, WebhookID: in.Webhook.ID, DeviceID: in.DeviceID,
		Thin: thin, at: e.At, event: e, in: in,
	}
	if err := v.take(e.Payload); err != nil {
		return nil, err
	}
	v.Event, v.Type = string(e.Type()), dotted(e.Type())
	v.Time, v.Unix = string(shownTime(&e, v.at)), v.at.Unix()
	return v, nil
}

// take fills in what p says.
func (v *View) take(p gateway.Payload) error {
	switch p := p.(type) {
	case gateway.MessageReceived:
		v.receive(&p)
	case gateway.MessageMatched:
		v.receive(&p.MessageReceived)
	case gateway.DataReceived:
		v.incoming(p.MessageID, p.Sender, p.Recipient, p.SIM, p.Modem, p.ReceivedAt)
		v.Data = base64.StdEncoding.EncodeToString(p.Data)
	case gateway.MMSReceived:
		v.incoming(p.MessageID, p.Sender, p.Recipient, p.SIM, p.Modem, p.ReceivedAt)
		v.Text = p.Subject
	case gateway.CallReceived:
		v.incoming("", p.Caller, "", p.SIM, p.Modem, p.At)
	case gateway.OptedOut:
		v.consent(&p.Consent)
	case gateway.OptedIn:
		v.consent(&p.Consent)
	case gateway.MessageSent:
		v.outgoing(&p.MessageProgress)
		v.Parts = p.Parts
	case gateway.MessageDelivered:
		v.outgoing(&p.MessageProgress)
		v.Parts = p.Parts
	case gateway.MessageFailed:
		v.outgoing(&p.MessageProgress)
		v.Reason, v.Code = known(p.Reason), p.Code
	case gateway.MessageCancelled:
		v.outgoing(&p.MessageProgress)
	default:
		return v.takeNotice(p)
	}
	return nil
}

func (v *View) receive(p *gateway.MessageReceived) {
	v.incoming(p.MessageID, p.Sender, p.Recipient, p.SIM, p.Modem, p.ReceivedAt)
	v.Text = p.Text
}

func (v *View) incoming(id, from, to string, slot int, modem string, at time.Time) {
	v.MessageID, v.From, v.To, v.SIM, v.Modem, v.at = id, from, to, slot, modem, at
}

func (v *View) consent(c *gateway.Consent) {
	v.incoming(c.MessageID, c.Number, "", c.SIM, c.Modem, c.At)
	v.Text, v.Reason = c.Text, c.Keyword
}

func (v *View) outgoing(p *gateway.MessageProgress) {
	v.MessageID, v.From, v.To, v.SIM, v.Modem, v.at = p.MessageID, p.Sender, p.Recipient, p.SIM, p.Modem, p.At
	v.PossibleDuplicate = p.PossibleDuplicate
}

// Payload returns what the event says, as the payload of the format smsgate. It
// prints as JSON.
func (v *View) Payload() (fmt.Stringer, error) { return v.payload() }

func (v *View) payload() (object, error) {
	p, err := payload(&v.event)
	if err != nil || !v.Thin {
		return p, err
	}
	return append(withoutEmpty(p), member{"thin", boolean(true)}), nil
}

// known returns the reason of a failure, which receivers expect to be there.
func known(reason string) string {
	if reason == "" {
		return "Unknown"
	}
	return reason
}
