package format

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tetherd/gateway"
)

// keysOf returns the names of all members of a document in their order, a member of
// an object behind the object and a dot.
func keysOf(t *testing.T, doc string) []string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(doc))
	var out []string
	var object func(prefix string)
	object = func(prefix string) {
		for d.More() {
			key, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			name := prefix + key.(string)
			out = append(out, name)
			v, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			if v == json.Delim('{') {
				object(name + ".")
			}
		}
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	object("")
	return out
}

// Every member of the product's page is there, in its order, whatever is known.
func TestOneRouteKeys(t *testing.T) {
	want := strings.Fields(`event
		message message.sender message.sender.name message.sender.authUser message.sender.lastActivity message.externalId
		message.content message.contentType message.imageUrl message.videoUrl message.documentUrl message.audioUrl
		message.quoted_message_id message.conversation_id
		conversation conversation.id conversation.subject conversation.agent conversation.customer conversation.customer.name
		conversation.customer.email conversation.lastMessageAt conversation.status conversation.country conversation.read
		conversation.createdAt conversation.updatedAt conversation.agent_id
		conversation.Channel conversation.Channel.id conversation.Channel.phone conversation.Channel.identifier
		conversation.Channel.medium conversation.Channel.credentials conversation.Channel.description conversation.Channel.name
		conversation.Channel.type conversation.Channel.provider conversation.Channel.country conversation.Channel.env
		conversation.Channel.status conversation.Channel.webhookUrl`)
	b, err := Render(goldenInput(t, gateway.FormatOneRoute, gateway.EventReceived))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "everything known", want, keysOf(t, string(b.Bytes)))
	diff(t, "nothing known", want, keysOf(t, rendered(t, gateway.FormatOneRoute, gateway.MessageReceived{})))
	if bytes.Contains(b.Bytes, []byte("secret")) || bytes.Contains(b.Bytes, []byte("pass")) {
		t.Errorf("the body tells what the URL keeps secret: %s", b.Bytes)
	}
	diff(t, "campaign", strings.Fields("event message campaignReportUrl conversation conversation.id conversation.firm_id"),
		keysOf(t, rendered(t, gateway.FormatOneRoute, gateway.CampaignCompleted{Campaign: "c1"})))
	diff(t, "report", strings.Fields(`event message conversation conversation.id conversation.externalId conversation.status
		conversation.reason conversation.from conversation.to conversation.units conversation.delivered_time conversation.createdAt`),
		keysOf(t, rendered(t, gateway.FormatOneRoute, gateway.MessageFailed{})))
}

// Receivers take the conversation for granted, also with those who withheld their
// number.
func TestOneRouteWithheld(t *testing.T) {
	id := func(modem string) string {
		t.Helper()
		var o struct {
			Message      struct{ Conversation_ID string }
			Conversation struct{ ID, CreatedAt string }
		}
		if err := json.Unmarshal([]byte(rendered(t, gateway.FormatOneRoute, gateway.MessageReceived{Modem: modem})), &o); err != nil {
			t.Fatal(err)
		}
		if o.Message.Conversation_ID != o.Conversation.ID || o.Conversation.CreatedAt != "2026-06-22T08:46:11.000Z" {
			t.Errorf("got %+v", o)
		}
		return o.Conversation.ID
	}
	if a, b := id("a"), id("b"); a == b || a != id("a") || !uuid.MatchString(a) {
		t.Errorf("conversations %s and %s", a, b)
	}
}

func TestOneRouteCampaign(t *testing.T) {
	const want = `{"event":"compaignDeliveryReport","message":"campaign completed.",` +
		`"campaignReportUrl":"https://gw.example/api/public/logs?page[size]=10&page[number]=1&campaign_id=c1",` +
		`"conversation":{"id":"c1","firm_id":"device"}}`
	diff(t, "campaign", want, rendered(t, gateway.FormatOneRoute, gateway.CampaignCompleted{
		Campaign: "c1", Report: "https://gw.example/api/public/logs?page[size]=10&page[number]=1&campaign_id=c1",
	}))
	if got := rendered(t, gateway.FormatOneRoute, gateway.CampaignCompleted{Campaign: "c1"}); !strings.Contains(got, `"campaignReportUrl":null`) {
		t.Errorf("without an address: %s", got)
	}
}
