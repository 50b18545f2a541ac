package format

import (
	"regexp"
	"strings"

	"tetherd/gateway"
)

// The kinds of webhooks of Smobi, which can have one URL or two.
const (
	smobiStatus  = "status"
	smobiInbound = "inbound"
)

// smobi is the format of Smobi. Its bodies have no name of an event: a status tells
// by its status, an incoming message by where it came from. Numbers have no plus, times
// are UTC in whole seconds. Its page does not name the fields inside sms, inReplyTo
// and suggestion: those are ours. It knows no signature.
var smobi = Format{
	Name: gateway.FormatSmobi, Title: "Smobi", Timeout: usualTimeout, Retries: usualRetries,
	events: map[gateway.EventType]string{
		gateway.EventReceived:  "SMS Message",
		gateway.EventMatched:   "SMS Matched Text",
		gateway.EventDelivered: "Message Delivered",
		gateway.EventFailed:    "Message Failed",
	},
	aliases: map[string][]gateway.EventType{
		smobiStatus:                    {gateway.EventDelivered, gateway.EventFailed},
		smobiInbound:                   {gateway.EventReceived, gateway.EventMatched},
		"SENT":                         {gateway.EventSent},
		"DELIVERED":                    {gateway.EventDelivered},
		"FAILED":                       {gateway.EventFailed},
		"SMS Message (Customer Reply)": {gateway.EventReceived},
		// SMS has none of these.
		"READ":                       nil,
		"Message Read":               nil,
		"RCS Message (Button Click)": nil,
		"RCS Message (Text Reply)":   nil,
		"RCS Button Click":           nil,
		"RCS Matched Text":           nil,
	},
	kinds: []string{smobiStatus, smobiInbound},
	carries: func(t gateway.EventType, r *gateway.Rendering) bool {
		return r.Kind == "" || r.Kind == smobiKind(t)
	},
	render: func(v *View) (object, error) {
		switch p := v.event.Payload.(type) {
		case gateway.MessageReceived:
			return v.smobiReceived("EXTERNAL", p.Marks, nil), nil
		case gateway.MessageMatched:
			s := object{{"index", integer(p.Suggestion.Index)}}
			s = addText(s, "text", p.Suggestion.Text)
			return v.smobiReceived("INTERNAL", p.Marks, object{
				{"workflowId", orNull(p.Workflow)},
				{"inReplyTo", v.smobiID("message", p.InReplyTo)},
				{"suggestion", addText(s, "postbackData", p.Suggestion.Postback)},
			}), nil
		case gateway.MessageSent:
			return v.smobiProgress("SENT"), nil
		case gateway.MessageDelivered:
			return v.smobiProgress("DELIVERED"), nil
		case gateway.MessageFailed:
			return v.smobiProgress("FAILED"), nil
		case gateway.MessageCancelled:
			return v.smobiProgress("CANCELLED"), nil
		}
		data, err := v.payload()
		return object{{"event", str(v.name)}, {"timestamp", utcSeconds(v.at)}, {"data", data}}, err
	},
}

// smobiKind returns the kind of webhook that events of a type belong to; empty if
// they belong to none.
func smobiKind(t gateway.EventType) string {
	switch t {
	case gateway.EventSent, gateway.EventDelivered, gateway.EventFailed, gateway.EventCancelled:
		return smobiStatus
	case gateway.EventReceived, gateway.EventMatched, gateway.EventDataReceived, gateway.EventMMSReceived,
		gateway.EventOptedOut, gateway.EventOptedIn:
		return smobiInbound
	}
	return ""
}

func (v *View) smobiReceived(source string, m gateway.Marks, more object) object {
	text := value(str(v.Text))
	if v.Thin {
		text = null{}
	}
	o := object{
		{"smobiMessageId", v.smobiID("inbound", v.MessageID)},
		{"to", withoutPlus(v.To)},
		{"from", withoutPlus(v.From)},
		{"channel", str("SMS")},
		{"timestamp", utcSeconds(v.at)},
		{"messageSource", str(source)},
		{"sms", object{{"text", text}}},
	}
	return v.marked(addMarks(append(o, more...), m))
}

func (v *View) smobiProgress(status string) object {
	o := object{
		{"smobiMessageId", v.smobiID("message", v.MessageID)},
		{"clientRef", orNull(v.MessageID)}, // the sender can choose it
		{"to", withoutPlus(v.To)},
		{"from", withoutPlus(v.From)},
		{"status", str(status)},
		{"channel", str("SMS")},
		{"timestamp", utcSeconds(v.at)},
	}
	if status == "FAILED" {
		o = append(o, member{"failureDetails", object{{"code", orNull(v.Code)}, {"message", str(v.Reason)}}})
	}
	if v.PossibleDuplicate {
		o = append(o, member{"possibleDuplicate", boolean(true)})
	}
	return v.marked(o)
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// smobiID returns the UUID of a message: its identifier if that is one, else the one
// that follows from it and from which way it went, as identifiers of one way can
// occur in the other.
func (v *View) smobiID(way, id string) value {
	if id == "" || uuid.MatchString(id) {
		return orNull(id)
	}
	return str(gateway.UUID(v.DeviceID, way, id))
}

// withoutPlus returns a number the way Smobi writes it, or null if it is not known.
func withoutPlus(number string) value { return orNull(strings.TrimPrefix(number, "+")) }
