package main_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/android-sms-gateway/client-go/smsgateway"
	"github.com/google/go-cmp/cmp"

	"tetherd/modem/emulator"
)

// goPayloads has events happen, and reads what webhooks are sent of them with the types
// that the client has for that.
func goPayloads(t *testing.T, r *rig) {
	ctx := t.Context()
	c := smsgateway.NewClient(smsgateway.Config{BaseURL: "http://" + r.addr, User: rigUser, Password: rigPassword})
	for _, event := range smsgateway.WebhookEventTypes() {
		_, err := c.RegisterWebhook(ctx, smsgateway.Webhook{ID: event, URL: r.receiver.url, Event: event})
		expect(t, "RegisterWebhook for "+event, err, "")
		defer func() { expect(t, "DeleteWebhook", c.DeleteWebhook(ctx, event), "") }()
	}
	const to, nobody = "+4917012345678", "+4917000000001"
	own := r.sticks[0].number
	r.network.SetRule(nobody, emulator.Rule{ReportStatus: []byte{0x41}})
	send := func(id, to string, at *time.Time, data *smsgateway.DataMessage) {
		m := smsgateway.Message{ID: id, PhoneNumbers: []string{to}, ScheduleAt: at, DataMessage: data}
		if data == nil {
			m.TextMessage = &smsgateway.TextMessage{Text: "hello"}
		}
		_, err := c.Send(ctx, m)
		expect(t, "Send "+id, err, "")
	}
	began, later := time.Now(), time.Now().Add(time.Hour)
	send("good", to, nil, nil)
	send("lost", nobody, nil, nil)
	send("held", to, &later, nil)
	send("data", own, nil, &smsgateway.DataMessage{Data: "SGVsbG8=", Port: 53739})
	expect(t, "CancelMessage", c.CancelMessage(ctx, "held"), "")
	r.arrive("sms:received", "a text", 1)

	out := smsgateway.SmsEventPayload{MessageID: "good", PhoneNumber: to, Sender: own, Recipient: new(to), SimNumber: new(uint8(1))}
	samePayload(t, r, "sms:sent", "good", smsgateway.SmsSentPayload{SmsEventPayload: out, SentAt: began})
	samePayload(t, r, "sms:delivered", "good", smsgateway.SmsDeliveredPayload{SmsEventPayload: out, DeliveredAt: began})
	held := smsgateway.SmsEventPayload{MessageID: "held", PhoneNumber: to, Recipient: new(to)} // no SIM was chosen
	samePayload(t, r, "sms:cancelled", "held", smsgateway.SmsCancelledPayload{SmsEventPayload: held, CancelledAt: began})
	out.MessageID, out.PhoneNumber, out.Recipient = "lost", nobody, new(nobody)
	samePayload(t, r, "sms:failed", "lost", smsgateway.SmsFailedPayload{
		SmsEventPayload: out, FailedAt: began, Reason: "Delivery result from SC: 65. The message failed: the destination is incompatible.",
	})
	in := smsgateway.SmsEventPayload{PhoneNumber: "+4917099999999", Sender: "+4917099999999", Recipient: new(own), SimNumber: new(uint8(1))}
	text := smsgateway.SmsReceivedPayload{SmsEventPayload: in, Message: "a text", ReceivedAt: began}
	samePayload(t, r, "sms:received", "", text)
	in.PhoneNumber, in.Sender = own, own
	data := smsgateway.SmsDataReceivedPayload{SmsEventPayload: in, Data: "SGVsbG8=", ReceivedAt: began}
	samePayload(t, r, "sms:data-received", "", data)

	expect(t, "RefreshInbox", c.RefreshInbox(ctx, smsgateway.InboxRefreshRequest{
		Since: began.Add(-time.Second), Until: began.Add(time.Minute), WebhookDelivery: new(smsgateway.WebhookDeliveryBatch),
	}), "")
	samePayload(t, r, "sms:batch:received", "", smsgateway.SmsBatchReceivedPayload{Messages: []smsgateway.SmsReceivedPayload{text}})
}

// samePayload waits until the receiver was told of an event, of the message of the given
// ID if there is one, and compares what it was told. Times may differ by a minute, and IDs
// that the gateway makes are not looked at.
func samePayload[P any](t *testing.T, r *rig, event, message string, want P) {
	t.Helper()
	var body []byte
	r.until("webhooks to be told of "+event, 30*time.Second, func() bool {
		for _, p := range r.receiver.all() {
			if p.WebhookID == event && (message == "" || p.Payload.MessageID == message) {
				body = p.Body
			}
		}
		return body != nil
	})
	var got struct{ Payload P }
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	near := cmp.Comparer(func(a, b time.Time) bool { return a.Sub(b).Abs() < time.Minute })
	made := cmp.FilterPath(func(p cmp.Path) bool { return message == "" && p.Last().String() == ".MessageID" }, cmp.Ignore())
	if diff := cmp.Diff(want, got.Payload, near, made); diff != "" {
		t.Errorf("payload of %s (-want +got)\n%s", event, diff)
	}
}
