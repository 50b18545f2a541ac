package format

import (
	"maps"
	"slices"
	"time"

	"tetherd/gateway"
)

// timeLayout is ISO 8601 with milliseconds and the offset.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// smsgate is the format of "SMS Gateway for Android".
var smsgate = Format{
	Name: gateway.FormatSMSGate, Title: "SMS Gateway for Android", Timeout: usualTimeout, Retries: usualRetries,
	own: &scheme{header: "X-Signature", hash: "sha256", stamp: "X-Timestamp"},
	aliases: map[string][]gateway.EventType{
		"message.received": {gateway.EventReceived},
		"SMS_RECEIVED":     {gateway.EventReceived},
		"DELIVERY_REPORT":  {gateway.EventDelivered, gateway.EventFailed},
	},
	render: func(v *View) (object, error) {
		p, err := v.payload()
		if err != nil {
			return nil, err
		}
		return object{
			{"id", str(v.ID)},
			{"webhookId", str(v.WebhookID)},
			{"event", str(v.Event)},
			{"deviceId", str(v.DeviceID)},
			{"payload", p},
		}, nil
	},
}

// payload returns what e says. Fields whose values are not known are left out.
func payload(e *gateway.Event) (object, error) {
	switch p := e.Payload.(type) {
	case gateway.MessageReceived:
		return receivedPayload(e, p), nil
	case gateway.MessageMatched:
		return matchedPayload(e, p), nil
	case gateway.DataReceived, gateway.MMSReceived, gateway.CallReceived:
		return incomingPayload(e), nil
	case gateway.DeviceOnline, gateway.DeviceOffline, gateway.BalanceLow, gateway.LimitWarning, gateway.LimitReached, gateway.CanaryFailed, gateway.CanaryRecovered:
		return modemPayload(e), nil
	case gateway.MessageSent:
		parts := integer(p.Parts)
		if parts < 1 {
			parts = -1
		}
		return progressPayload(&p.MessageProgress, object{
			{"partsCount", parts},
			{"sentAt", shownTime(e, p.At)},
		}), nil
	case gateway.MessageDelivered:
		o := progressPayload(&p.MessageProgress, object{{"deliveredAt", shownTime(e, p.At)}})
		if p.Part > 0 {
			o = append(o, member{"part", integer(p.Part)}, member{"partsCount", integer(p.Parts)})
		}
		return o, nil
	case gateway.MessageFailed:
		o := progressPayload(&p.MessageProgress, object{
			{"failedAt", shownTime(e, p.At)},
			{"reason", str(known(p.Reason))},
		})
		return addText(o, "errorCode", p.Code), nil
	case gateway.MessageCancelled:
		return progressPayload(&p.MessageProgress, object{{"cancelledAt", shownTime(e, p.At)}}), nil
	case gateway.Ping:
		return pingPayload(p), nil
	case gateway.ReceivedBatch, gateway.DataBatch, gateway.MMSBatch:
		return batchPayload(e)
	}
	return noticePayload(e)
}

// batchPayload writes each message as an event of it alone would.
func batchPayload(e *gateway.Event) (object, error) {
	messages := array{}
	for _, single := range gateway.Singles(e.Payload) {
		o, err := payload(&gateway.Event{At: e.At, Payload: single})
		if err != nil {
			return nil, err
		}
		messages = append(messages, o)
	}
	return object{{"messages", messages}}, nil
}

func receivedPayload(e *gateway.Event, p gateway.MessageReceived) object {
	o := object{
		{"message", str(p.Text)},
		{"receivedAt", shownTime(e, p.ReceivedAt)},
		{"messageId", str(p.MessageID)},
	}
	o = addText(o, "sender", p.Sender)
	o = addText(o, "recipient", p.Recipient)
	o = addSIM(o, p.SIM)
	o = append(o, member{"phoneNumber", str(p.Sender)})
	return addMarks(addText(o, "modemId", p.Modem), p.Marks)
}

func matchedPayload(e *gateway.Event, p gateway.MessageMatched) object {
	o := append(receivedPayload(e, p.MessageReceived), member{"inReplyTo", str(p.InReplyTo)})
	return append(addText(o, "workflowId", p.Workflow), member{"suggestion", addText(object{
		{"index", integer(p.Suggestion.Index)},
		{"text", str(p.Suggestion.Text)},
	}, "postbackData", p.Suggestion.Postback)})
}

// progressPayload adds to o what the events of an outgoing message have in
// common.
func progressPayload(p *gateway.MessageProgress, o object) object {
	o = append(o, member{"messageId", str(p.MessageID)})
	o = addText(o, "sender", p.Sender)
	o = append(o, member{"recipient", str(p.Recipient)})
	o = addSIM(o, p.SIM)
	o = append(o, member{"phoneNumber", str(p.Recipient)})
	o = addText(o, "modemId", p.Modem)
	if p.PossibleDuplicate {
		o = append(o, member{"possibleDuplicate", boolean(true)})
	}
	return o
}

func pingPayload(p gateway.Ping) object {
	if p.Health.Status == "" {
		return object{}
	}
	checks := object{}
	for _, name := range slices.Sorted(maps.Keys(p.Health.Checks)) {
		c := p.Health.Checks[name]
		checks = append(checks, member{name, object{
			{"status", str(c.Status)},
			{"observedValue", integer(c.ObservedValue)},
			{"observedUnit", str(c.ObservedUnit)},
			{"description", str(c.Description)},
		}})
	}
	return object{{"health", object{
		{"version", str(p.Health.Version)},
		{"releaseId", integer(p.Health.ReleaseID)},
		{"status", str(p.Health.Status)},
		{"checks", checks},
	}}}
}

func addText(o object, key, s string) object {
	if s == "" {
		return o
	}
	return append(o, member{key, str(s)})
}

func addSIM(o object, slot int) object {
	if slot == 0 {
		return o
	}
	return append(o, member{"simNumber", integer(slot)})
}

// shownTime returns t in the offset that e was stored with. A time zone by name
// would not do: its offset can differ when the machine's zone was changed, and
// the body with it.
func shownTime(e *gateway.Event, t time.Time) str {
	_, offset := e.At.Zone()
	return str(t.In(time.FixedZone("", offset)).Format(timeLayout))
}
