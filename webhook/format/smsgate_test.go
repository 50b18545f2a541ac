package format

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestRender(t *testing.T) {
	zone := time.FixedZone("", 7*3600)
	at := time.Date(2026, 6, 22, 15, 46, 11, 999_999_999, zone)
	full := gateway.MessageProgress{
		MessageID: "msg-456", Recipient: "+9998887777", Sender: "+1234567890", SIM: 1, Modem: "office", At: at,
	}
	bare := gateway.MessageProgress{MessageID: "m", Recipient: "+444", At: at}
	doubled := bare
	doubled.PossibleDuplicate = true
	for _, c := range []struct {
		name    string
		payload gateway.Payload
		want    string // event and payload
	}{
		{
			"received",
			gateway.MessageReceived{
				MessageID: "9f3a01bc", Sender: "+6505551212", Recipient: "+1234567890", SIM: 1, Modem: "office", Text: "hi <3",
				ReceivedAt: time.Date(2026, 6, 22, 8, 46, 11, 0, time.UTC),
			},
			`"event":"sms:received","deviceId":"D","payload":{"message":"hi <3","receivedAt":"2026-06-22T15:46:11.000+07:00","messageId":"9f3a01bc","sender":"+6505551212","recipient":"+1234567890","simNumber":1,"phoneNumber":"+6505551212","modemId":"office"}`,
		},
		{
			"received from nobody",
			gateway.MessageReceived{MessageID: "1", Text: "", ReceivedAt: at},
			`"event":"sms:received","deviceId":"D","payload":{"message":"","receivedAt":"2026-06-22T15:46:11.999+07:00","messageId":"1","phoneNumber":""}`,
		},
		{
			"received with every mark",
			gateway.MessageReceived{MessageID: "1", Text: "a", ReceivedAt: at, Marks: gateway.Marks{
				Missing: 2, Flash: true, Replaces: "0f", Completes: true, ProbableDuplicate: true,
			}},
			`"event":"sms:received","deviceId":"D","payload":{"message":"a","receivedAt":"2026-06-22T15:46:11.999+07:00","messageId":"1","phoneNumber":"","missingParts":2,"flash":true,"replaces":"0f","completes":true,"probableDuplicate":true}`,
		},
		{
			"undecoded",
			gateway.DataReceived{MessageID: "1", Data: []byte{7}, Undecoded: true, ReceivedAt: at, Marks: gateway.Marks{Flash: true}},
			`"event":"sms:data-received","deviceId":"D","payload":{"data":"Bw==","receivedAt":"2026-06-22T15:46:11.999+07:00","messageId":"1","phoneNumber":"","undecoded":true,"flash":true}`,
		},
		{
			"data received",
			gateway.DataReceived{
				MessageID: "1f", Sender: "+6", SIM: 1, Modem: "office", Data: []byte("Hello"),
				Ports: &gateway.Ports{Dst: 53739}, ReceivedAt: at,
			},
			`"event":"sms:data-received","deviceId":"D","payload":{"data":"SGVsbG8=","receivedAt":"2026-06-22T15:46:11.999+07:00","messageId":"1f","port":53739,"sourcePort":0,"sender":"+6","simNumber":1,"phoneNumber":"+6","modemId":"office"}`,
		},
		{
			"multimedia message waits",
			gateway.MMSReceived{
				MessageID: "2a", Sender: "+7", SIM: 2, Modem: "office", TransactionID: "T1", Subject: "Hi", Size: 30720,
				ContentClass: "text", ReceivedAt: at,
			},
			`"event":"mms:received","deviceId":"D","payload":{"transactionId":"T1","subject":"Hi","size":30720,"contentClass":"text","receivedAt":"2026-06-22T15:46:11.999+07:00","messageId":"2a","sender":"+7","simNumber":2,"phoneNumber":"+7","modemId":"office"}`,
		},
		{
			"call",
			gateway.CallReceived{Caller: "+8", SIM: 1, Modem: "office", HungUp: true, At: at},
			`"event":"call:received","deviceId":"D","payload":{"receivedAt":"2026-06-22T15:46:11.999+07:00","hungUp":true,"sender":"+8","simNumber":1,"phoneNumber":"+8","modemId":"office"}`,
		},
		{
			"modem back",
			gateway.DeviceOnline{SIM: 1, Modem: "office", Down: 95 * time.Second, At: at},
			`"event":"device:online","deviceId":"D","payload":{"onlineAt":"2026-06-22T15:46:11.999+07:00","downSeconds":95,"simNumber":1,"modemId":"office"}`,
		},
		{
			"modem gone",
			gateway.DeviceOffline{SIM: 1, Modem: "office", State: gateway.ModemAbsent, Reason: "It was unplugged.", At: at},
			`"event":"device:offline","deviceId":"D","payload":{"offlineAt":"2026-06-22T15:46:11.999+07:00","state":"absent","reason":"It was unplugged.","simNumber":1,"modemId":"office"}`,
		},
		{
			"balance",
			gateway.BalanceLow{SIM: 1, Modem: "office", Balance: 1.5, Limit: 2, Text: "Credit: 1.50", At: at},
			`"event":"balance:low","deviceId":"D","payload":{"balance":1.5,"limit":2,"message":"Credit: 1.50","checkedAt":"2026-06-22T15:46:11.999+07:00","simNumber":1,"modemId":"office"}`,
		},
		{
			"sent",
			gateway.MessageSent{MessageProgress: full, Parts: 2},
			`"event":"sms:sent","deviceId":"D","payload":{"partsCount":2,"sentAt":"2026-06-22T15:46:11.999+07:00","messageId":"msg-456","sender":"+1234567890","recipient":"+9998887777","simNumber":1,"phoneNumber":"+9998887777","modemId":"office"}`,
		},
		{
			"sent, parts unknown, maybe twice",
			gateway.MessageSent{MessageProgress: doubled},
			`"event":"sms:sent","deviceId":"D","payload":{"partsCount":-1,"sentAt":"2026-06-22T15:46:11.999+07:00","messageId":"m","recipient":"+444","phoneNumber":"+444","possibleDuplicate":true}`,
		},
		{
			"delivered",
			gateway.MessageDelivered{MessageProgress: bare},
			`"event":"sms:delivered","deviceId":"D","payload":{"deliveredAt":"2026-06-22T15:46:11.999+07:00","messageId":"m","recipient":"+444","phoneNumber":"+444"}`,
		},
		{
			"failed",
			gateway.MessageFailed{MessageProgress: bare, Reason: "TTL expired", Code: "CMS 38"},
			`"event":"sms:failed","deviceId":"D","payload":{"failedAt":"2026-06-22T15:46:11.999+07:00","reason":"TTL expired","messageId":"m","recipient":"+444","phoneNumber":"+444","errorCode":"CMS 38"}`,
		},
		{
			"failed for no reason",
			gateway.MessageFailed{MessageProgress: bare},
			`"event":"sms:failed","deviceId":"D","payload":{"failedAt":"2026-06-22T15:46:11.999+07:00","reason":"Unknown","messageId":"m","recipient":"+444","phoneNumber":"+444"}`,
		},
		{
			"cancelled",
			gateway.MessageCancelled{MessageProgress: bare},
			`"event":"sms:cancelled","deviceId":"D","payload":{"cancelledAt":"2026-06-22T15:46:11.999+07:00","messageId":"m","recipient":"+444","phoneNumber":"+444"}`,
		},
		{
			"ping",
			gateway.Ping{Health: gateway.Health{
				Version: "1.0.0", ReleaseID: 1, Status: gateway.Pass,
				Checks: map[string]gateway.Check{"messages:failed": {Status: gateway.Pass, ObservedUnit: "messages", Description: "Failed messages for last hour"}},
			}},
			`"event":"system:ping","deviceId":"D","payload":{"health":{"version":"1.0.0","releaseId":1,"status":"pass","checks":{"messages:failed":{"status":"pass","observedValue":0,"observedUnit":"messages","description":"Failed messages for last hour"}}}}`,
		},
		{
			"ping without checks",
			gateway.Ping{Health: gateway.Health{Status: gateway.Down}},
			`"event":"system:ping","deviceId":"D","payload":{"health":{"version":"","releaseId":0,"status":"fail","checks":{}}}`,
		},
	} {
		event := gateway.Event{ID: "event", Seq: 1, At: at, Payload: c.payload}
		want := `{"id":"Ey6ECgOkVVFjz3CL48B8C","webhookId":"LreFUt","` + strings.TrimPrefix(c.want, `"`) + `}`
		got, err := renderOwn("D", "LreFUt", "Ey6ECgOkVVFjz3CL48B8C", &event)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, c.name, want, string(got))
		if again := jsonAgain(t, got); again != string(got) {
			t.Errorf("%s: not a fixed point: %s", c.name, again)
		}

		b, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		var stored gateway.Event
		if err := json.Unmarshal(b, &stored); err != nil {
			t.Fatal(err)
		}
		again, err := renderOwn("D", "LreFUt", "Ey6ECgOkVVFjz3CL48B8C", &stored)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, c.name+", from the store", want, string(again))
	}
}

// The time zone of the machine, as set when the event was stored, decides.
func TestShownTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skipf("no time zone database: %v", err)
	}
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, berlin)
	winter := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at, shown time.Time
		want      str
	}{
		{summer, summer, "2026-07-01T12:00:00.000+02:00"},
		{summer, winter, "2026-01-01T14:00:00.000+02:00"}, // not +01:00, which a changed zone could not know
		{winter, summer, "2026-07-01T10:00:00.000Z"},
	} {
		if got := shownTime(&gateway.Event{At: c.at}, c.shown); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

type strange struct{}

func (strange) EventType() gateway.EventType { return "strange" }

func TestRenderUnknownPayload(t *testing.T) {
	for _, p := range []gateway.Payload{nil, strange{}} {
		if b, err := renderOwn("D", "w", "d", &gateway.Event{Payload: p}); err == nil {
			t.Errorf("%T was rendered as %s", p, b)
		}
	}
}
