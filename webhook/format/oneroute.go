package format

import (
	"time"

	"tetherd/gateway"
)

// oneRoute is the format of OneRoute. Each key of its page is always there, in the
// order of the page, and null if there is nothing to say. Its channels are our modems,
// its conversations are ours, its times are UTC with milliseconds. It is wrong about
// the name of one event, and receivers go by that.
var oneRoute = Format{
	Name: gateway.FormatOneRoute, Title: "OneRoute", Timeout: usualTimeout, Retries: usualRetries,
	own: &scheme{header: "X-Oneroute-Signature", hash: "sha512"},
	events: map[gateway.EventType]string{
		gateway.EventReceived: "newMessage",
		gateway.EventMatched:  "newMessage",
		gateway.EventCampaign: "compaignDeliveryReport", // sic
	},
	aliases: map[string][]gateway.EventType{
		oneRouteReport:           {gateway.EventSent, gateway.EventDelivered, gateway.EventFailed},
		"campaignDeliveryReport": {gateway.EventCampaign},
	},
	render: func(v *View) (object, error) {
		switch p := v.event.Payload.(type) {
		case gateway.MessageReceived:
			return v.oneRouteMessage("", p.Marks), nil
		case gateway.MessageMatched:
			return v.oneRouteMessage(p.InReplyTo, p.Marks), nil
		case gateway.MessageSent:
			return v.oneRouteReport("pending", null{}), nil
		case gateway.MessageDelivered:
			return v.oneRouteReport("delivered", utcMillis(v.at)), nil
		case gateway.MessageFailed:
			return v.oneRouteReport("undelivered", null{}), nil
		case gateway.CampaignCompleted:
			return v.marked(object{
				{"event", str(v.name)},
				{"message", str("campaign completed.")},
				{"campaignReportUrl", orNull(p.Report)},
				{"conversation", object{{"id", str(p.Campaign)}, {"firm_id", str(v.DeviceID)}}},
			}), nil
		}
		data, err := v.payload()
		return object{{"event", str(v.name)}, {"createdAt", utcMillis(v.at)}, {"data", data}}, err
	},
}

// oneRouteReport is the event that tells what became of a message, which OneRoute
// sends without mentioning it on its page.
const oneRouteReport = "smsDeliveryReport"

// conversation returns the conversation the event is part of. Receivers count on one:
// those who withheld their number have one with each modem, which begins with each
// event.
func (v *View) conversation() gateway.Conversation {
	if c := v.event.Conversation; c != nil {
		return *c
	}
	return gateway.Conversation{
		ID: gateway.UUID(v.DeviceID, "conversation", v.Modem, v.From), CreatedAt: v.event.At, LastAt: v.event.At,
	}
}

func (v *View) oneRouteMessage(quoted string, m gateway.Marks) object {
	c := v.conversation()
	content := value(str(v.Text))
	if v.Thin {
		content = null{}
	}
	return v.marked(addMarks(object{
		{"event", str(v.name)},
		{"message", object{
			{"sender", object{
				{"name", orNull(v.From)},
				{"authUser", boolean(false)},
				{"lastActivity", utcMillis(v.at)},
			}},
			{"externalId", orNull(v.MessageID)},
			{"content", content},
			{"contentType", str("TEXT")},
			{"imageUrl", null{}},
			{"videoUrl", null{}},
			{"documentUrl", null{}},
			{"audioUrl", null{}},
			{"quoted_message_id", orNull(quoted)},
			{"conversation_id", str(c.ID)},
		}},
		{"conversation", object{
			{"id", str(c.ID)},
			{"subject", null{}},
			{"agent", null{}},
			{"customer", object{{"name", orNull(v.From)}, {"email", null{}}}},
			{"lastMessageAt", utcMillis(c.LastAt)},
			{"status", str("in-queue")},
			{"country", orNull(c.Country)},
			{"read", boolean(false)},
			{"createdAt", utcMillis(c.CreatedAt)},
			{"updatedAt", utcMillis(later(c.LastAt, v.event.At))},
			{"agent_id", null{}},
			{"Channel", v.oneRouteChannel()},
		}},
	}, m))
}

func (v *View) oneRouteChannel() object {
	id := ""
	if v.Modem != "" {
		id = gateway.UUID(v.DeviceID, "channel", v.Modem)
	}
	return object{
		{"id", orNull(id)},
		{"phone", orNull(v.To)},
		{"identifier", orNull(v.Modem)},
		{"medium", str("SMS")},
		{"credentials", null{}},
		{"description", str("SMS Channel")},
		{"name", orNull(v.Modem)},
		{"type", str("CUSTOM")},
		{"provider", null{}},
		{"country", orNull(gateway.CountryOf(v.To))},
		{"env", str("LIVE")},
		{"status", str("ACTIVE")}, // a message came through it
		{"webhookUrl", str(publicURL(v.in.Webhook.URL))},
	}
}

func (v *View) oneRouteReport(status string, delivered value) object {
	c := v.conversation()
	units := value(null{})
	if v.Parts > 0 {
		units = integer(v.Parts)
	}
	o := object{
		{"id", str(c.ID)},
		{"externalId", orNull(v.MessageID)},
		{"status", str(status)},
		{"reason", orNull(v.Reason)},
		{"from", orNull(v.From)},
		{"to", orNull(v.To)},
		{"units", units},
		{"delivered_time", delivered},
		{"createdAt", utcMillis(c.CreatedAt)},
	}
	if v.PossibleDuplicate {
		o = append(o, member{"possibleDuplicate", boolean(true)})
	}
	return v.marked(object{{"event", str(oneRouteReport)}, {"message", null{}}, {"conversation", o}})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
