package format

import (
	"time"

	"tetherd/gateway"
)

// integify is the format of Integify. Its times are UTC in whole seconds; the ids
// of messages are those that the API returned.
var integify = Format{
	Name: gateway.FormatIntegify, Title: "Integify", Timeout: 10 * time.Second, Retries: 3,
	own: &scheme{header: "X-Integify-Signature", hash: "sha256", prefix: "sha256="},
	events: map[gateway.EventType]string{
		gateway.EventReceived:  "sms.received",
		gateway.EventMatched:   "sms.received",
		gateway.EventDelivered: "sms.delivered",
		gateway.EventFailed:    "sms.failed",
	},
	aliases: map[string][]gateway.EventType{
		"SMS_RECEIVED":    {gateway.EventReceived},
		"DELIVERY_REPORT": {gateway.EventDelivered, gateway.EventFailed},
	},
	render: func(v *View) (object, error) {
		var data object
		var err error
		switch p := v.event.Payload.(type) {
		case gateway.MessageReceived:
			data = integifyReceived(v)
		case gateway.MessageMatched:
			data = integifyReceived(v)
			s := object{{"index", integer(p.Suggestion.Index)}}
			s = addText(s, "text", p.Suggestion.Text)
			data = append(data, member{"in_reply_to", str(p.InReplyTo)},
				member{"suggestion", addText(s, "postback_data", p.Suggestion.Postback)})
		case gateway.MessageDelivered:
			data = integifyProgress(v, "delivered")
		case gateway.MessageFailed:
			data = addText(append(integifyProgress(v, "failed"), member{"error", str(v.Reason)}), "error_code", v.Code)
		case gateway.MessageSent: // not documented, but in the manner of the others
			data = integifyProgress(v, "sent")
		case gateway.MessageCancelled:
			data = integifyProgress(v, "cancelled")
		default:
			data, err = v.payload()
		}
		return object{
			{"id", prefixed("evt_", v.ID)},
			{"type", str(v.name)},
			{"created_at", utcSeconds(v.event.At)},
			{"data", data},
		}, err
	},
}

func integifyReceived(v *View) object {
	o := object{{"from", orNull(v.From)}}
	if v.Thin {
		o = append(o, member{"body", null{}})
	} else {
		o = append(o, member{"body", str(v.Text)})
	}
	return v.marked(append(o,
		member{"received_at", utcSeconds(v.at)},
		member{"message_id", str(v.MessageID)},
		member{"to", orNull(v.To)},
		member{"device_id", orNull(v.Modem)}))
}

func integifyProgress(v *View, status string) object {
	o := object{
		{"message_id", str(v.MessageID)},
		{"to", orNull(v.To)},
		{"status", str(status)},
		{status + "_at", utcSeconds(v.at)},
		{"from", orNull(v.From)},
		{"device_id", orNull(v.Modem)},
	}
	o = v.addPart(o)
	if v.PossibleDuplicate {
		o = append(o, member{"possible_duplicate", boolean(true)})
	}
	return v.marked(o)
}
