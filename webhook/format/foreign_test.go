package format

import (
	"testing"
	"time"

	"tetherd/gateway"
)

// What is not known, withheld or special, in the formats of other products.
func TestForeign(t *testing.T) {
	at := time.Date(2026, 4, 10, 14, 1, 30, 900_000_000, time.FixedZone("", 7200))
	before := at.Add(-2 * time.Second)
	progress := gateway.MessageProgress{MessageID: "msg_01HXYZ", Recipient: "+2203001234", At: before}
	doubled := progress
	doubled.PossibleDuplicate = true
	for _, c := range []struct {
		name    string
		format  gateway.Format
		payload gateway.Payload
		want    string
	}{
		{
			"from nobody to an unknown number", gateway.FormatInfiniReach,
			gateway.MessageReceived{MessageID: "1", Text: "", Modem: "office", ReceivedAt: before},
			`{"event":"message.received","timestamp":"2026-04-10T12:01:28Z","data":{"messageId":"msg_1","deviceId":"dev_office","from":null,"to":null,"message":"","type":"sms","timestamp":"2026-04-10T12:01:28Z"}}`,
		},
		{
			"marks", gateway.FormatInfiniReach,
			gateway.MessageReceived{MessageID: "1", Sender: "Bank", Text: "<&>", ReceivedAt: before, Marks: gateway.Marks{Missing: 1, Flash: true}},
			`{"event":"message.received","timestamp":"2026-04-10T12:01:28Z","data":{"messageId":"msg_1","deviceId":null,"from":"Bank","to":null,"message":"<&>","type":"sms","timestamp":"2026-04-10T12:01:28Z","missingParts":1,"flash":true}}`,
		},
		{
			"prefix that is there, maybe twice", gateway.FormatInfiniReach,
			gateway.MessageSent{MessageProgress: doubled, Parts: 2},
			`{"event":"message.sent","timestamp":"2026-04-10T12:01:28Z","data":{"messageId":"msg_01HXYZ","deviceId":null,"to":"+2203001234","status":"sent","timestamp":"2026-04-10T12:01:28Z","possibleDuplicate":true}}`,
		},
		{
			"one part", gateway.FormatInfiniReach,
			gateway.MessageDelivered{MessageProgress: progress, Part: 1, Parts: 2},
			`{"event":"message.delivered","timestamp":"2026-04-10T12:01:28Z","data":{"messageId":"msg_01HXYZ","deviceId":null,"status":"delivered","to":"+2203001234","timestamp":"2026-04-10T12:01:28Z","part":1,"parts":2}}`,
		},
		{
			"failed for no reason", gateway.FormatInfiniReach,
			gateway.MessageFailed{MessageProgress: progress},
			`{"event":"message.failed","timestamp":"2026-04-10T12:01:28Z","data":{"messageId":"msg_01HXYZ","deviceId":null,"error":"Unknown","status":"failed","to":"+2203001234","timestamp":"2026-04-10T12:01:28Z"}}`,
		},
		{
			"last seen before it was noticed", gateway.FormatInfiniReach,
			gateway.DeviceOffline{Modem: "dev_abc123", State: gateway.ModemAbsent, At: before},
			`{"event":"device.offline","timestamp":"2026-04-10T12:01:30Z","data":{"deviceId":"dev_abc123","name":"dev_abc123","lastSeen":"2026-04-10T12:01:28Z","state":"absent"}}`,
		},
		{
			"delivered before the event", gateway.FormatIntegify,
			gateway.MessageDelivered{MessageProgress: progress},
			`{"id":"evt_d1","type":"sms.delivered","created_at":"2026-04-10T12:01:30Z","data":{"message_id":"msg_01HXYZ","to":"+2203001234","status":"delivered","delivered_at":"2026-04-10T12:01:28Z","from":null,"device_id":null}}`,
		},
		{
			"one part, maybe twice", gateway.FormatIntegify,
			gateway.MessageDelivered{MessageProgress: doubled, Part: 2, Parts: 2},
			`{"id":"evt_d1","type":"sms.delivered","created_at":"2026-04-10T12:01:30Z","data":{"message_id":"msg_01HXYZ","to":"+2203001234","status":"delivered","delivered_at":"2026-04-10T12:01:28Z","from":null,"device_id":null,"part":2,"parts":2,"possible_duplicate":true}}`,
		},
		{
			"stop", gateway.FormatIntegify,
			gateway.MessageReceived{MessageID: "9f3a01bc", Sender: "+2207654321", Text: "STOP", Modem: "office", ReceivedAt: before},
			`{"id":"evt_d1","type":"sms.received","created_at":"2026-04-10T12:01:30Z","data":{"from":"+2207654321","body":"STOP","received_at":"2026-04-10T12:01:28Z","message_id":"9f3a01bc","to":null,"device_id":"office"}}`,
		},
		{
			"source that must be escaped", gateway.FormatCloudEvents,
			gateway.CallReceived{Modem: "a/b c", At: before},
			`{"specversion":"1.0","id":"d1","source":"/devices/D/modems/a%2Fb%20c","type":"call.received","time":"2026-04-10T12:01:28.900Z","datacontenttype":"application/json","data":{"receivedAt":"2026-04-10T14:01:28.900+02:00","hungUp":false,"phoneNumber":"","modemId":"a/b c"}}`,
		},
	} {
		e := gateway.Event{ID: "e1", At: at, Payload: c.payload}
		b, err := Render(&Input{
			DeviceID: "D", Webhook: &gateway.Endpoint{ID: "w"}, Rendering: gateway.Rendering{Format: c.format}, Delivery: "d1", Event: &e,
		})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		diff(t, string(c.format)+", "+c.name, c.want, string(b.Bytes))
	}
}

func TestContentTypes(t *testing.T) {
	for _, c := range []struct {
		r    gateway.Rendering
		want string
	}{
		{gateway.Rendering{}, "application/json"},
		{gateway.Rendering{Format: gateway.FormatStandard}, "application/json"},
		{gateway.Rendering{Format: gateway.FormatCloudEvents}, "application/cloudevents+json"},
		{gateway.Rendering{Format: gateway.FormatCloudEvents, ContentType: "application/json"}, "application/json"},
	} {
		in := goldenInput(t, c.r.Format, gateway.EventPing)
		in.Rendering = c.r
		b, err := Render(in)
		if err != nil || b.ContentType != c.want || b.Method != "POST" {
			t.Errorf("%+v: %s %s, %v, want %s", c.r, b.Method, b.ContentType, err, c.want)
		}
	}
}
