package format

import "tetherd/gateway"

// withoutContent returns p without what people wrote and without their numbers:
// what is left is what happened, and the identifiers to ask for the rest by.
func withoutContent(p gateway.Payload) gateway.Payload {
	switch p := p.(type) {
	case gateway.MessageReceived:
		return thinReceived(p)
	case gateway.MessageMatched:
		p.MessageReceived = thinReceived(p.MessageReceived)
		p.Suggestion.Text, p.Suggestion.Postback = "", ""
		return p
	case gateway.DataReceived:
		p.Sender, p.Recipient, p.Data = "", "", nil
		return p
	case gateway.MMSReceived:
		p.Sender, p.Recipient, p.Subject = "", "", ""
		return p
	case gateway.CallReceived:
		p.Caller = ""
		return p
	case gateway.OptedOut:
		p.Consent = thinConsent(p.Consent)
		return p
	case gateway.OptedIn:
		p.Consent = thinConsent(p.Consent)
		return p
	case gateway.MessageSent:
		p.MessageProgress = thinProgress(p.MessageProgress)
		return p
	case gateway.MessageDelivered:
		p.MessageProgress = thinProgress(p.MessageProgress)
		return p
	case gateway.MessageFailed:
		p.MessageProgress = thinProgress(p.MessageProgress)
		return p
	case gateway.MessageCancelled:
		p.MessageProgress = thinProgress(p.MessageProgress)
		return p
	case gateway.ReceivedBatch:
		return gateway.ReceivedBatch{Messages: thinEach(p.Messages)}
	case gateway.DataBatch:
		return gateway.DataBatch{Messages: thinEach(p.Messages)}
	case gateway.MMSBatch:
		return gateway.MMSBatch{Messages: thinEach(p.Messages)}
	case gateway.BalanceLow:
		p.Text = ""
		return p
	case gateway.Started:
		sims := make([]gateway.StartedSIM, len(p.SIMs))
		for i, s := range p.SIMs {
			s.Number = ""
			sims[i] = s
		}
		p.SIMs = sims
		return p
	}
	return p
}

func thinEach[P gateway.Payload](ps []P) []P {
	out := make([]P, len(ps))
	for i, p := range ps {
		out[i] = withoutContent(p).(P)
	}
	return out
}

func thinReceived(p gateway.MessageReceived) gateway.MessageReceived {
	p.Sender, p.Recipient, p.Text = "", "", ""
	return p
}

func thinConsent(c gateway.Consent) gateway.Consent {
	c.Number, c.Text, c.Keyword = "", "", ""
	return c
}

func thinProgress(p gateway.MessageProgress) gateway.MessageProgress {
	p.Recipient, p.Sender = "", ""
	return p
}

// withoutEmpty returns o without the members that say nothing any more.
func withoutEmpty(o object) object {
	var out object
	for _, m := range o {
		switch v := m.value.(type) {
		case str:
			if v == "" {
				continue
			}
		case object:
			m.value = withoutEmpty(v)
		case array:
			m.value = v.withoutEmpty()
		}
		out = append(out, m)
	}
	return out
}

// withoutEmpty returns a with its objects without members that say nothing.
func (a array) withoutEmpty() array {
	out := make(array, len(a))
	for i, v := range a {
		if o, ok := v.(object); ok {
			v = withoutEmpty(o)
		}
		out[i] = v
	}
	return out
}
