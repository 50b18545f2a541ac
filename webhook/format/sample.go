package format

import (
	"time"

	"tetherd/gateway"
)

// What the samples say.
const (
	sampleID    = "sample-zK3Xm5Qd9aT7bR"
	sampleModem = "office"
	sampleOwn   = "+15550001111"
	samplePeer  = "+15552223333"
	sampleText  = "Hello! When are you open?"

	sampleReport = "https://sms.example.com/api/public/logs?page[size]=10&page[number]=1&campaign_id=" + sampleID
)

// Sample returns an event of type t as it might happen at now, to try a webhook out
// and to show what it gets. Its ID is one that no real event has. Of an unknown type
// it is a ping.
func Sample(t gateway.EventType, now time.Time) gateway.Event {
	e := gateway.Event{ID: "sample-" + gateway.NewID(), At: now.Round(0), Subject: sampleID}
	before := e.At.Add(-2 * time.Second)
	received := gateway.MessageReceived{
		MessageID: "5a3b0c01", Sender: samplePeer, Recipient: sampleOwn, SIM: 1, Modem: sampleModem,
		Text: sampleText, ReceivedAt: before,
	}
	progress := gateway.MessageProgress{
		MessageID: sampleID, Recipient: samplePeer, Sender: sampleOwn, SIM: 1, Modem: sampleModem, At: before,
	}
	consent := gateway.Consent{
		Number: samplePeer, MessageID: received.MessageID, Text: "STOP", Keyword: "STOP", SIM: 1, Modem: sampleModem, At: before,
	}
	data := gateway.DataReceived{
		MessageID: "5a3b0c02", Sender: samplePeer, Recipient: sampleOwn, SIM: 1, Modem: sampleModem,
		Data: []byte("Hello!"), Ports: &gateway.Ports{Dst: 53739}, ReceivedAt: before,
	}
	mms := gateway.MMSReceived{
		MessageID: "5a3b0c03", Sender: samplePeer, Recipient: sampleOwn, SIM: 1, Modem: sampleModem,
		TransactionID: "T5a3b0c03", Subject: "A picture", Size: 30720, ContentClass: "image-basic", ReceivedAt: before,
	}
	switch t {
	case gateway.EventBatchReceived, gateway.EventBatchDataReceived, gateway.EventBatchMMSReceived:
		e.Payload = sampleBatch(t, received, data, mms)
		return e
	case gateway.EventReceived:
		e.Payload = received
	case gateway.EventDataReceived:
		e.Payload = data
	case gateway.EventMMSReceived:
		e.Payload = mms
	case gateway.EventCallReceived:
		e.Payload = gateway.CallReceived{Caller: samplePeer, SIM: 1, Modem: sampleModem, HungUp: true, At: before}
	case gateway.EventSent:
		e.Payload = gateway.MessageSent{MessageProgress: progress, Parts: 1}
	case gateway.EventDelivered:
		e.Payload = gateway.MessageDelivered{MessageProgress: progress}
	case gateway.EventFailed:
		e.Payload = gateway.MessageFailed{
			MessageProgress: progress, Code: "CMS 27",
			Reason: "The recipient's phone is switched off or out of coverage.",
		}
	case gateway.EventCancelled:
		e.Payload = gateway.MessageCancelled{MessageProgress: progress}
	case gateway.EventMatched:
		received.Text = "1"
		e.Payload = gateway.MessageMatched{
			MessageReceived: received, InReplyTo: sampleID, Workflow: "appointment",
			Suggestion: gateway.Suggestion{Index: 1, Text: "Yes", Postback: "confirm"},
		}
	case gateway.EventOptedOut:
		e.Payload = gateway.OptedOut{Consent: consent}
	case gateway.EventOptedIn:
		consent.Text, consent.Keyword = "START", "START"
		e.Payload = gateway.OptedIn{Consent: consent}
	default:
		e.Payload = sampleNotice(t, before)
		return e
	}
	if t != gateway.EventCallReceived {
		e.Conversation = &gateway.Conversation{
			ID: "b4e0c5a1-6a1f-5c7e-9d0b-2f8a4c6e1d35", Country: gateway.CountryOf(samplePeer),
			CreatedAt: before.Add(-24 * time.Hour).UTC(), LastAt: e.At.UTC(), Messages: 3,
		}
	}
	return e
}

// sampleBatch returns a payload that tells of messages.
func sampleBatch(t gateway.EventType, text gateway.MessageReceived, data gateway.DataReceived, mms gateway.MMSReceived) gateway.Payload {
	switch t {
	case gateway.EventBatchDataReceived:
		return gateway.DataBatch{Messages: []gateway.DataReceived{data}}
	case gateway.EventBatchMMSReceived:
		return gateway.MMSBatch{Messages: []gateway.MMSReceived{mms}}
	}
	later := text
	later.MessageID, later.Text, later.ReceivedAt = "5a3b0c04", "And on Sundays?", text.ReceivedAt.Add(time.Second)
	return gateway.ReceivedBatch{Messages: []gateway.MessageReceived{text, later}}
}

// sampleNotice returns a payload that is about no message.
func sampleNotice(t gateway.EventType, at time.Time) gateway.Payload {
	notice := gateway.HookNotice{
		Webhook: "orders", URL: "https://example.com/sms", Reason: "HTTP 503: maintenance",
		Failures: 5, Pending: 12, Code: 503, At: at,
	}
	switch t {
	case gateway.EventDeviceOnline:
		return gateway.DeviceOnline{SIM: 1, Modem: sampleModem, Down: 95 * time.Second, At: at}
	case gateway.EventDeviceOffline:
		return gateway.DeviceOffline{SIM: 1, Modem: sampleModem, State: gateway.ModemAbsent, Reason: "It was unplugged: plug it in again.", At: at}
	case gateway.EventBalanceLow:
		return gateway.BalanceLow{SIM: 1, Modem: sampleModem, Balance: 1.5, Limit: 2, Text: "Your balance is 1.50", At: at}
	case gateway.EventLimitWarning, gateway.EventLimitReached:
		return sampleLimit(t, at)
	case gateway.EventCanaryFailed:
		return gateway.CanaryFailed{CanaryNotice: gateway.CanaryNotice{SIM: 1, Modem: sampleModem, Misses: 2, Reason: "it was sent, and did not come in within 10m0s", At: at}}
	case gateway.EventCanaryRecovered:
		return gateway.CanaryRecovered{CanaryNotice: gateway.CanaryNotice{SIM: 1, Modem: sampleModem, Misses: 2, RoundTrip: 8500 * time.Millisecond, At: at}}
	case gateway.EventCampaign:
		return gateway.CampaignCompleted{Campaign: sampleID, Name: "Spring sale", Delivered: 97, Sent: 1, Failed: 2, Report: sampleReport, At: at}
	case gateway.EventStarted:
		return gateway.Started{Version: "1.0.0", SIMs: []gateway.StartedSIM{{SIM: 1, Modem: sampleModem, Number: sampleOwn}}, At: at}
	case gateway.EventHookFailing:
		return gateway.HookFailing{HookNotice: notice}
	case gateway.EventHookRecovered:
		notice.Reason, notice.Failures, notice.Code = "", 0, 200
		return gateway.HookRecovered{HookNotice: notice}
	case gateway.EventHookExhausted:
		notice.Dead = 1
		return gateway.HookExhausted{HookNotice: notice}
	case gateway.EventHookDisabled:
		notice.Reason, notice.Code = "the receiver answered 410 Gone", 410
		return gateway.HookDisabled{HookNotice: notice}
	}
	return gateway.Ping{Health: gateway.Health{
		Version: "1.0.0", ReleaseID: 1, Status: gateway.Pass,
		Checks: map[string]gateway.Check{
			"messages:failed": {Status: gateway.Pass, ObservedUnit: "messages", Description: "Failed messages for last hour"},
		},
	}}
}

// sampleLimit returns a payload about a limit.
func sampleLimit(t gateway.EventType, at time.Time) gateway.Payload {
	n := gateway.LimitNotice{
		Limit: "per_day", Modem: sampleModem, SIM: 1, Used: 80, Most: 100, Unit: "SMS",
		Reason: "modem " + sampleModem + " has sent 80 SMS of the 100 SMS a day that it may send", At: at,
	}
	if t == gateway.EventLimitWarning {
		return gateway.LimitWarning{LimitNotice: n}
	}
	n.Used, n.Reason = 100, "modem "+sampleModem+" has sent 100 SMS of the 100 SMS a day that it may send"
	return gateway.LimitReached{LimitNotice: n}
}

// difficult returns a sample with texts that break what was written without care.
func difficult(e gateway.Event) gateway.Event {
	const text = "\"quoted\", \\ and\nnext line\t<&> %s \u2028 €😀"
	switch p := e.Payload.(type) {
	case gateway.MessageReceived:
		p.Text, p.Sender = text, text
		e.Payload = p
	case gateway.MessageMatched:
		p.Text, p.Sender, p.Suggestion.Text, p.Suggestion.Postback = text, text, text, text
		e.Payload = p
	case gateway.MMSReceived:
		p.Subject, p.Sender = text, text
		e.Payload = p
	case gateway.DataReceived:
		p.Sender = text
		e.Payload = p
	case gateway.ReceivedBatch:
		p.Messages[0].Text, p.Messages[0].Sender = text, text
	case gateway.CallReceived:
		p.Caller = text
		e.Payload = p
	case gateway.OptedOut:
		p.Text, p.Number, p.Keyword = text, text, text
		e.Payload = p
	case gateway.OptedIn:
		p.Text, p.Number, p.Keyword = text, text, text
		e.Payload = p
	case gateway.MessageFailed:
		p.Reason = text
		e.Payload = p
	case gateway.DeviceOffline:
		p.Reason = text
		e.Payload = p
	case gateway.BalanceLow:
		p.Text = text
		e.Payload = p
	case gateway.CanaryFailed:
		p.Reason = text
		e.Payload = p
	case gateway.HookFailing:
		p.Reason = text
		e.Payload = p
	case gateway.HookExhausted:
		p.Reason = text
		e.Payload = p
	case gateway.HookDisabled:
		p.Reason = text
		e.Payload = p
	}
	return e
}
