package format

import (
	"fmt"

	"tetherd/gateway"
)

// noticePayload returns what an event says of recipients, campaigns, the gateway or
// a webhook.
func noticePayload(e *gateway.Event) (object, error) {
	switch p := e.Payload.(type) {
	case gateway.OptedOut:
		return consentPayload(e, "optedOutAt", &p.Consent), nil
	case gateway.OptedIn:
		return consentPayload(e, "optedInAt", &p.Consent), nil
	case gateway.CampaignCompleted:
		o := addText(object{{"campaignId", str(p.Campaign)}}, "name", p.Name)
		return append(o,
			member{"delivered", integer(p.Delivered)}, member{"sent", integer(p.Sent)},
			member{"failed", integer(p.Failed)}, member{"cancelled", integer(p.Cancelled)},
			member{"completedAt", shownTime(e, p.At)}), nil
	case gateway.Started:
		return startedPayload(e, p), nil
	case gateway.HookFailing:
		return hookPayload(e, &p.HookNotice), nil
	case gateway.HookRecovered:
		return hookPayload(e, &p.HookNotice), nil
	case gateway.HookExhausted:
		return hookPayload(e, &p.HookNotice), nil
	case gateway.HookDisabled:
		return hookPayload(e, &p.HookNotice), nil
	}
	return nil, fmt.Errorf("render %T: not a known payload", e.Payload)
}

func consentPayload(e *gateway.Event, at string, c *gateway.Consent) object {
	o := object{{"phoneNumber", str(c.Number)}, {at, shownTime(e, c.At)}}
	o = addText(o, "messageId", c.MessageID)
	o = addText(o, "message", c.Text)
	o = addText(o, "keyword", c.Keyword)
	return addText(addSIM(o, c.SIM), "modemId", c.Modem)
}

func startedPayload(e *gateway.Event, p gateway.Started) object {
	sims := array{}
	for _, s := range p.SIMs {
		o := object{{"slotIndex", integer(s.SIM - 1)}, {"simNumber", integer(s.SIM)}}
		o = addText(o, "phoneNumber", s.Number)
		sims = append(sims, append(o, member{"modemId", str(s.Modem)}))
	}
	return object{{"simCards", sims}, {"version", str(p.Version)}, {"startedAt", shownTime(e, p.At)}}
}

func hookPayload(e *gateway.Event, n *gateway.HookNotice) object {
	o := addText(object{{"webhookId", str(n.Webhook)}}, "name", n.Name)
	o = append(o, member{"url", str(n.URL)})
	o = addText(o, "reason", n.Reason)
	if n.Code != 0 {
		o = append(o, member{"statusCode", integer(n.Code)})
	}
	return append(o,
		member{"failures", integer(n.Failures)}, member{"pending", integer(n.Pending)},
		member{"dead", integer(n.Dead)}, member{"at", shownTime(e, n.At)})
}
