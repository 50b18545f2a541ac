package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

// Every answer that the published clients read, and everything that webhooks are sent,
// has what the strictest of them needs, in a type that it can hold.
func TestAnswersAsClientsReadThem(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 1})
	r.start()
	r.ready()
	var events []string
	for event, of := range payloadShapes {
		if of != nil {
			events = append(events, event)
		}
	}
	r.subscribe(events...)
	r.must(http.MethodPatch, "/settings", object{"ping": object{"interval_seconds": 1}}, nil)
	r.everything()
	for _, event := range events {
		if event != "app:started" {
			r.until(event, 30*time.Second, func() bool { return r.receiver.first(event) != nil })
		}
	}
	r.until("the log to be stored", 20*time.Second, func() bool {
		var logs []any
		r.must(http.MethodGet, "/logs", nil, &logs)
		return len(logs) > 0
	})
	r.everyPrefix(t, r.strictAnswers)

	r.terminate() // the next start is told to webhooks
	r.start()
	r.until("app:started", 20*time.Second, func() bool { return r.receiver.first("app:started") != nil })
	envelope := shape{"id": isLike("[A-Za-z0-9_-]{21}"), "webhookId": isString, "event": isString, "deviceId": isLike(".{21}")}
	for _, event := range events {
		t.Run(event, func(t *testing.T) {
			fits(t, event, r.receiver.first(event).Body, envelope.with(shape{"payload": payloadShapes[event]}).is)
		})
	}
}

// everything has messages of every kind sent, refused, held, cancelled and received.
func (r *rig) everything() {
	r.t.Helper()
	const lost, refused = "+4917000000001", "+4917000000002"
	own, began := r.sticks[0].number, time.Now().Add(-time.Second)
	r.network.SetRule(lost, emulator.Rule{ReportStatus: []byte{0x41}})
	r.network.SetRule(refused, emulator.Rule{Code: 1})
	data := object{"id": "data", "phoneNumbers": []string{own}, "dataMessage": object{"data": "SGVsbG8=", "port": 53739}}
	held := text("held", "+4917012345678", "hello")
	held["scheduleAt"] = time.Now().Add(time.Hour)
	cancelled := text("cancelled", "+4917012345678", "hello")
	cancelled["scheduleAt"] = held["scheduleAt"]
	for _, m := range []object{text("sent", "+4917012345678", "hello"), text("lost", lost, "hello"), text("refused", refused, "hello"), data, held, cancelled} {
		if _, err := r.send(m); err != nil {
			r.t.Fatal(err)
		}
	}
	r.must(http.MethodDelete, "/messages/cancelled", nil, nil)
	if err := r.network.DeliverText("+4917099999999", own, "hello"); err != nil {
		r.t.Fatal(err)
	}
	push := emulator.MMSNotification{
		TransactionID: "T1", From: "+4917099999999/TYPE=PLMN", Subject: "Holiday", Size: 1000, Expiry: time.Hour, Location: "http://mms.example.net/T1",
	}
	for _, tpdu := range emulator.DataParts("+4917099999999", 2948, 9200, push.Encode(), 1, time.Now()) {
		if err := r.network.DeliverTPDU(own, tpdu); err != nil {
			r.t.Fatal(err)
		}
	}
	for id, state := range map[string]string{"sent": "Delivered", "lost": "Failed", "refused": "Failed", "data": "Delivered"} {
		r.until(id+" to be "+state, 30*time.Second, func() bool { return r.get(id).State == state })
	}
	r.until("everything to come in", 30*time.Second, func() bool {
		var in []any
		r.must(http.MethodGet, "/inbox", nil, &in)
		return len(in) == 3
	})
	r.must(http.MethodPost, "/inbox/export", object{
		"since": began, "until": time.Now().Add(time.Minute), "messageTypes": []string{"SMS", "DATA_SMS", "MMS"}, "webhookDelivery": "Batch",
	}, nil)
}

// strictAnswers holds the answers under one prefix against what clients need.
func (r *rig) strictAnswers(t *testing.T, url, name string) {
	messages, settings := isSome(messageShape.is), settingsShape.is
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		want         value // nil: no body
	}{
		{"GET", "/", nil, 200, shape{"status": isOne("ok"), "model": isLike(".+")}.is},
		{"GET", "/health", nil, 200, healthShape.is},
		{"GET", "/health/ready", nil, 200, healthShape.is},
		{"GET", "/health/live", nil, 200, healthShape.is},
		{"GET", "/health/startup", nil, 200, healthShape.is},
		{"GET", "/device", nil, 200, isSome(deviceShape.is)},
		{"GET", "/devices", nil, 200, isSome(deviceShape.is)},
		{"DELETE", "/devices/other", nil, 404, refusalShape.is},

		{"POST", "/message", text(name, "+4917012345678", "hello"), 202, messageShape.with(shape{"textMessage": shape{"text": isString}.is}).is},
		{"POST", "/messages", text(name, "+4917012345678", "hello"), 409, refusalShape.is},
		{"POST", "/messages", object{}, 400, refusalShape.is},
		{"GET", "/messages", nil, 200, messages},
		{"GET", "/message?includeContent=true", nil, 200, messages},
		{"GET", "/messages/sent", nil, 200, messageShape.with(shape{"textMessage": shape{"text": isString}.is, "state": isOne("Delivered")}).is},
		{"GET", "/messages/data", nil, 200, messageShape.with(shape{"dataMessage": shape{"data": isString, "port": isPort}.is}).is},
		{"GET", "/messages/held", nil, 200, messageShape.with(shape{"state": isOne("Pending"), "scheduleAt": isTime}).is},
		{"GET", "/messages/lost", nil, 200, messageShape.with(shape{"state": isOne("Failed")}).is},
		{"GET", "/messages/refused", nil, 200, messageShape.with(shape{"recipients": isSome(shape{"error": isLike("Send result: .+")}.is)}).is},
		{"DELETE", "/messages/cancelled", nil, 200, messageShape.with(shape{"state": isOne("Cancelled")}).is},
		{"DELETE", "/messages/sent", nil, 400, refusalShape.is},
		{"GET", "/messages/other", nil, 404, nil},

		{"GET", "/inbox", nil, 200, isSome(inboxShape.is)},
		{"GET", "/inbox?type=MMS", nil, 200, isSome(inboxShape.is)},
		{"GET", "/inbox?limit=0", nil, 400, refusalShape.is},
		{"GET", "/logs", nil, 200, isSome(logShape.is)},

		{"GET", "/webhooks", nil, 200, isSome(webhookShape.is)},
		{"POST", "/webhooks", object{"id": name, "url": "https://example.org", "event": "sms:sent"}, 201, webhookShape.is},
		{"POST", "/webhooks", object{"url": "not_a_url", "event": "sms:sent"}, 400, refusalShape.is},
		{"DELETE", "/webhooks/" + name, nil, 204, nil},

		{"GET", "/settings", nil, 200, settings},
		{"PATCH", "/settings", object{
			"messages": object{"send_interval_min": 1, "send_interval_max": 2, "limit_period": "PerDay", "limit_value": 1000, "log_lifetime_days": 9},
			"logs":     object{"lifetime_days": nil}, "encryption": object{"passphrase": "x"}, "gateway": object{"private_token": "x"},
		}, 200, settings},
		{"PUT", "/settings", object{"ping": object{"interval_seconds": 1}}, 200, settings},
		{"PATCH", "/settings", object{"messages": object{"limit_value": -1}}, 400, refusalShape.is},

		{"POST", "/auth/token", object{"scopes": []string{"messages:send"}, "ttl": 60}, 201, tokenShape.is},
		{"POST", "/auth/token", object{"scopes": []string{}}, 400, refusalShape.is},
		{"DELETE", "/auth/token/other", nil, 204, nil},
	} {
		what := c.method + " " + c.path
		status, kind, body := r.fetch(c.method, url+c.path, c.body)
		switch {
		case status != c.status:
			t.Errorf("%s: got %d %s, want %d", what, status, body, c.status)
		case c.want == nil && (len(body) > 0 || kind != ""):
			t.Errorf("%s: got a body of type %q, want none: %s", what, kind, body)
		case c.want != nil && !strings.HasPrefix(kind, "application/json"):
			t.Errorf("%s: got type %q, want JSON: %s", what, kind, body) // the client for Node reads nothing else
		case c.want != nil:
			fits(t, what, body, c.want)
		}
	}
}

// fetch makes a request as programs do, and returns the status, the type and the body of
// the answer.
func (r *rig) fetch(method, url string, body any) (status int, kind string, answer []byte) {
	r.t.Helper()
	var in io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			r.t.Fatal(err)
		}
		in = strings.NewReader(string(b))
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, url, in)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.SetBasicAuth(rigUser, rigPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, err = io.ReadAll(resp.Body); err != nil {
		r.t.Fatal(fmt.Errorf("%s %s: %w", method, url, err))
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), answer
}
