package format

import (
	"strings"
	"time"

	"tetherd/gateway"
)

// infiniReach is the format of Infini Reach. Its devices are our modems, its times
// are UTC in whole seconds, its identifiers have prefixes.
var infiniReach = Format{
	Name: gateway.FormatInfiniReach, Title: "Infini Reach", Timeout: 5 * time.Second, Retries: usualRetries,
	own: &scheme{header: "X-Infini-Reach-Signature", hash: "sha256"},
	events: map[gateway.EventType]string{
		gateway.EventReceived:      "message.received",
		gateway.EventDataReceived:  "message.received",
		gateway.EventMMSReceived:   "message.received",
		gateway.EventMatched:       "message.received",
		gateway.EventSent:          "message.sent",
		gateway.EventDelivered:     "message.delivered",
		gateway.EventFailed:        "message.failed",
		gateway.EventDeviceOnline:  "device.online",
		gateway.EventDeviceOffline: "device.offline",
	},
	render: func(v *View) (object, error) {
		at, data, err := v.at, object(nil), error(nil)
		switch v.event.Type() {
		case gateway.EventReceived, gateway.EventDataReceived, gateway.EventMMSReceived, gateway.EventMatched:
			data = infiniReachReceived(v)
		case gateway.EventSent, gateway.EventDelivered, gateway.EventFailed:
			data = infiniReachProgress(v)
		case gateway.EventDeviceOnline, gateway.EventDeviceOffline:
			at = v.event.At // it was noticed after the modem was last seen
			data = infiniReachDevice(v)
		default:
			data, err = v.payload()
		}
		return object{{"event", str(v.name)}, {"timestamp", utcSeconds(at)}, {"data", data}}, err
	},
}

func infiniReachReceived(v *View) object {
	o := object{
		{"messageId", prefixed("msg_", v.MessageID)},
		{"deviceId", prefixed("dev_", v.Modem)},
		{"from", orNull(v.From)},
		{"to", orNull(v.To)},
	}
	var m gateway.Marks
	switch p := v.event.Payload.(type) {
	case gateway.DataReceived:
		o = append(o, v.content(v.Data), member{"type", str("data")}, member{"encoding", str("base64")})
		m = p.Marks
	case gateway.MMSReceived:
		o = append(o, v.content(v.Text), member{"type", str("mms")}, member{"transactionId", str(p.TransactionID)})
		m = p.Marks
	case gateway.MessageMatched:
		o = append(o, v.content(v.Text), member{"type", str("sms")}, member{"inReplyTo", prefixed("msg_", p.InReplyTo)})
		s := object{{"index", integer(p.Suggestion.Index)}}
		s = addText(s, "text", p.Suggestion.Text)
		o = append(o, member{"suggestion", addText(s, "postbackData", p.Suggestion.Postback)})
		m = p.Marks
	case gateway.MessageReceived:
		o = append(o, v.content(v.Text), member{"type", str("sms")})
		m = p.Marks
	}
	o = append(o, member{"timestamp", utcSeconds(v.at)}) // receivers look for it here, too
	return v.marked(addMarks(o, m))
}

// content is the member with what somebody wrote.
func (v *View) content(s string) member {
	if v.Thin {
		return member{"message", null{}}
	}
	return member{"message", str(s)}
}

func infiniReachProgress(v *View) object {
	_, status, _ := strings.Cut(v.name, ".")
	o := object{
		{"messageId", prefixed("msg_", v.MessageID)},
		{"deviceId", prefixed("dev_", v.Modem)},
	}
	to := member{"to", orNull(v.To)}
	switch status {
	case "sent":
		o = append(o, to, member{"status", str(status)})
	case "failed":
		o = append(o, member{"error", str(v.Reason)}, member{"status", str(status)}, to)
		o = addText(o, "errorCode", v.Code)
	default:
		o = append(o, member{"status", str(status)}, to)
	}
	o = append(o, member{"timestamp", utcSeconds(v.at)})
	o = v.addPart(o)
	if v.PossibleDuplicate {
		o = append(o, member{"possibleDuplicate", boolean(true)})
	}
	return v.marked(o)
}

func infiniReachDevice(v *View) object {
	o := object{
		{"deviceId", prefixed("dev_", v.Modem)},
		{"name", str(v.Modem)},
		{"lastSeen", utcSeconds(v.at)},
	}
	if _, ok := v.event.Payload.(gateway.DeviceOffline); ok {
		o = addText(addText(o, "state", v.State), "reason", v.Reason)
	}
	return v.marked(o)
}
