package format

import (
	"encoding/base64"
	"time"

	"tetherd/gateway"
)

// incomingPayload returns what an event says of something that came in and is
// no text.
func incomingPayload(e *gateway.Event) object {
	switch p := e.Payload.(type) {
	case gateway.DataReceived:
		o := object{
			{"data", str(base64.StdEncoding.EncodeToString(p.Data))},
			{"receivedAt", shownTime(e, p.ReceivedAt)},
			{"messageId", str(p.MessageID)},
		}
		if p.Ports != nil {
			o = append(o, member{"port", integer(p.Ports.Dst)}, member{"sourcePort", integer(p.Ports.Src)})
		}
		o = fromTo(o, p.Sender, p.Recipient, p.SIM, p.Modem)
		if p.Undecoded {
			o = append(o, member{"undecoded", boolean(true)})
		}
		return addMarks(o, p.Marks)
	case gateway.MMSReceived:
		o := object{{"transactionId", str(p.TransactionID)}}
		o = addText(o, "subject", p.Subject)
		o = append(o, member{"size", integer(p.Size)})
		o = addText(o, "contentClass", p.ContentClass)
		o = append(o, member{"receivedAt", shownTime(e, p.ReceivedAt)}, member{"messageId", str(p.MessageID)})
		return addMarks(fromTo(o, p.Sender, p.Recipient, p.SIM, p.Modem), p.Marks)
	case gateway.CallReceived:
		o := object{{"receivedAt", shownTime(e, p.At)}, {"hungUp", boolean(p.HungUp)}}
		return fromTo(o, p.Caller, "", p.SIM, p.Modem)
	}
	return nil
}

// addMarks adds to o what is special about an incoming message.
func addMarks(o object, m gateway.Marks) object {
	if m.Missing > 0 {
		o = append(o, member{"missingParts", integer(m.Missing)})
	}
	if m.Flash {
		o = append(o, member{"flash", boolean(true)})
	}
	o = addText(o, "replaces", m.Replaces)
	if m.Completes {
		o = append(o, member{"completes", boolean(true)})
	}
	if m.ProbableDuplicate {
		o = append(o, member{"probableDuplicate", boolean(true)})
	}
	return o
}

// fromTo adds to o who sent something to whom.
func fromTo(o object, sender, recipient string, slot int, modem string) object {
	o = addText(o, "sender", sender)
	o = addText(o, "recipient", recipient)
	o = addSIM(o, slot)
	o = append(o, member{"phoneNumber", str(sender)})
	return addText(o, "modemId", modem)
}

// modemPayload returns what an event says of a modem.
func modemPayload(e *gateway.Event) object {
	switch p := e.Payload.(type) {
	case gateway.DeviceOnline:
		o := object{{"onlineAt", shownTime(e, p.At)}}
		if p.Down > 0 {
			o = append(o, member{"downSeconds", integer(p.Down / time.Second)})
		}
		return addText(addSIM(o, p.SIM), "modemId", p.Modem)
	case gateway.DeviceOffline:
		o := object{
			{"offlineAt", shownTime(e, p.At)},
			{"state", str(p.State)},
			{"reason", str(p.Reason)},
		}
		return addText(addSIM(o, p.SIM), "modemId", p.Modem)
	case gateway.BalanceLow:
		o := object{
			{"balance", float(p.Balance)},
			{"limit", float(p.Limit)},
			{"message", str(p.Text)},
			{"checkedAt", shownTime(e, p.At)},
		}
		return addText(addSIM(o, p.SIM), "modemId", p.Modem)
	case gateway.LimitWarning:
		return limitPayload(e, &p.LimitNotice)
	case gateway.LimitReached:
		return limitPayload(e, &p.LimitNotice)
	case gateway.CanaryFailed:
		return canaryPayload(e, &p.CanaryNotice)
	case gateway.CanaryRecovered:
		return canaryPayload(e, &p.CanaryNotice)
	}
	return nil
}

// limitPayload returns what an event about a limit says.
func limitPayload(e *gateway.Event, n *gateway.LimitNotice) object {
	o := object{
		{"limit", str(n.Limit)},
		{"used", float(n.Used)},
		{"most", float(n.Most)},
		{"unit", str(n.Unit)},
		{"reason", str(n.Reason)},
		{"at", shownTime(e, n.At)},
	}
	return addText(addText(addSIM(o, n.SIM), "modemId", n.Modem), "messageId", n.MessageID)
}

// canaryPayload returns what an event says of the test messages of a modem.
func canaryPayload(e *gateway.Event, p *gateway.CanaryNotice) object {
	o := object{{"misses", integer(p.Misses)}}
	o = addText(o, "reason", p.Reason)
	if p.RoundTrip > 0 {
		o = append(o, member{"roundTripSeconds", float(p.RoundTrip.Seconds())})
	}
	o = append(o, member{"at", shownTime(e, p.At)})
	return addText(addSIM(o, p.SIM), "modemId", p.Modem)
}
