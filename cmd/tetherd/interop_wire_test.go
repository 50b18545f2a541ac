package main_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

// wire is a request as a client writes it. In its path, headers and body {name} is another
// for each test, {device} the ID of the device, {hook} where a webhook may go, and
// {before}, {now} and {later} are times of the precision of a microsecond.
type wire struct {
	method, path string
	body         string
	status       int
	want         string // a regular expression that finds something in the answer
}

// programs are the requests of those clients that cannot be run here, in an order in which
// they may come. Headers are those of the libraries that they are written with.
var programs = []struct {
	name, headers string
	requests      []wire
}{
	{"command line", "User-Agent: Go-http-client/1.1\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n", []wire{
		{"POST", "/messages?", `{"id":"0199-{name}","textMessage":{"text":"Hi"},"phoneNumbers":["+4917012345678"],"simNumber":1,"withDeliveryReport":true,"priority":100,"ttl":5400}`, 202, `^{"id":"0199-{name}",.*"state":"Pending".*"states":{"Pending":"`},
		{"POST", "/messages?", `{"dataMessage":{"data":"SGVsbG8gV29ybGQh","port":53739},"phoneNumbers":["+4917012345678"],"withDeliveryReport":false}`, 202, `"dataMessage":{"data":"SGVsbG8gV29ybGQh","port":53739}`},
		{"GET", "/messages/0199-{name}", "", 200, `"textMessage":{"text":"Hi"}`},
		{"POST", "/webhooks", `{"id":"cli-{name}","deviceId":null,"url":"{hook}","event":"sms:delivered"}`, 201, `"id":"cli-{name}"`},
		{"GET", "/webhooks", "", 200, `"id":"cli-{name}"`},
		{"DELETE", "/webhooks/cli-{name}", "", 204, `^$`},
		{"GET", "/logs?from=2026-03-13T14%3A25%3A16%2B01%3A00&to=2099-03-13T14%3A25%3A16Z", "", 200, `^\[`},
	}},
	{"Home Assistant", "User-Agent: HomeAssistant/2026.11.0 aiohttp/3.13.2 Python/3.13\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br\r\nContent-Type: application/json\r\n", []wire{
		{"GET", "/", "", 200, `^{"status":"ok","model":"`},
		{"POST", "/message", `{"textMessage": {"text": "The door is open"}, "phoneNumbers": ["+4917012345678"]}`, 202, `"state":"Pending"`},
		{"DELETE", "/webhooks/homeassistant_{name}_sms:received", "", 204, `^$`},
		{"POST", "/webhooks", `{"id": "homeassistant_{name}_sms:received", "url": "{hook}", "event": "sms:received"}`, 201, `"id":"homeassistant_{name}_sms:received"`},
		{"GET", "/webhooks", "", 200, `"homeassistant_{name}_sms:received"`},
		{"DELETE", "/webhooks/homeassistant_{name}_sms:received", "", 204, `^$`},
	}},
	{"Python", "User-Agent: android-sms-gateway/3.2.2 (client; python 3.13)\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\nContent-Type: application/json\r\n", []wire{
		{"POST", "/messages?skipPhoneValidation=true", `{"id": "py-{name}", "textMessage": {"text": "Gr\u00fc\u00dfe \ud83d\ude00"}, "phoneNumbers": ["+4917012345678"], "simNumber": null, "withDeliveryReport": true, "isEncrypted": false, "ttl": null, "validUntil": null, "scheduleAt": "{later}", "priority": 0, "deviceId": null}`, 202, `"scheduleAt":"[^"]*\.\d{3}(Z|[+-]\d\d:\d\d)".*"recipients":\[{"phoneNumber":"\+4917012345678","state":"Pending"`},
		{"GET", "/messages/py-{name}", "", 200, `"textMessage":{"text":"Grüße 😀"}`},
		{"GET", "/messages?from={before}&to={later}&state=Pending&limit=1&offset=0", "", 200, `^\[{"id":"py-{name}"`},
		{"DELETE", "/messages/py-{name}", "", 200, `"state":"Cancelled"`},
		{"POST", "/messages/inbox/export", `{"deviceId": "{device}", "since": "{before}", "until": "{now}"}`, 202, `^$`},
		{"GET", "/devices", "", 200, `^\[{"id":"{device}"`},
		{"DELETE", "/devices/other", "", 404, ""},
		{"POST", "/webhooks", `{"id": null, "url": "{hook}", "event": "sms:failed"}`, 201, `"event":"sms:failed"`},
		{"PATCH", "/settings", `{"messages": {"limit_period": "PerDay", "limit_value": 100}}`, 200, `"limit_value":100`},
		{"PUT", "/settings", `{}`, 200, `"limit_period":"Disabled"`},
		{"GET", "/settings", "", 200, `"limit_value":0`},
		{"GET", "/logs?from={before}&to={later}", "", 200, `^\[`},
		{"GET", "/health", "", 200, `"status":"(pass|warn)"`},
		{"POST", "/auth/token", `{"ttl": 3600, "scopes": ["messages:send", "messages:list"]}`, 201, `"token_type":"Bearer"`},
		{"DELETE", "/auth/token/other", "", 204, `^$`},
	}},
	{"PHP", "User-Agent: android-sms-gateway/2.6 (client; php)\r\nContent-Type: application/json\r\n", []wire{
		{"POST", "/messages?skipPhoneValidation=true&deviceActiveWithin=12", `{"message":"Hi","phoneNumbers":["+4917012345678"],"withDeliveryReport":true,"priority":127}`, 202, `"priority":127`},
		{"GET", "/messages?limit=10&offset=0&includeContent=true&deviceId={device}", "", 200, `"textMessage":{"text":"Hi"}`},
		{"POST", "/inbox/refresh", `{"deviceId":"{device}","since":"{before}","until":"{now}","messageTypes":["SMS"],"triggerWebhooks":false}`, 202, `^$`},
		{"GET", "/inbox?type=SMS&limit=10&offset=0", "", 200, `^\[`},
		{"GET", "/devices", "", 200, `"simCards":\[{"slotIndex":0,"simNumber":1,`},
		{"GET", "/webhooks", "", 200, `^\[`},
	}},
	// The one for Node that can be run lacks what later ones have.
	{"later Node", "User-Agent: android-sms-gateway/3.6 (client; js)\r\naccept: */*\r\nsec-fetch-mode: cors\r\nContent-Type: application/json\r\n", []wire{
		{"POST", "/message?skipPhoneValidation=false", `{"id":"ts-{name}","message":"Hi","phoneNumbers":["+4917012345678"],"priority":0,"scheduleAt":"{later}"}`, 202, `"id":"ts-{name}"`},
		{"GET", "/messages?state=Pending&limit=1&includeContent=false&sort=-created_at&deviceId={device}", "", 200, `^\[{"id":"ts-{name}"`},
		{"GET", "/messages?sort=created_at&limit=5", "", 200, `^\[{"id":"`},
		{"DELETE", "/message/ts-{name}", "", 200, `"state":"Cancelled"`},
		{"DELETE", "/message/ts-{name}", "", 200, `"state":"Cancelled"`},
		{"POST", "/inbox/refresh", `{"since":"{before}","until":"{now}","messageTypes":["SMS","DATA_SMS"],"webhookDelivery":"Batch"}`, 202, `^$`},
		{"GET", "/inbox?limit=500&includeAttachments=true", "", 200, `^\[`},
		{"GET", "/inbox/text%3A999/attachments/1", "", 404, `^$`},
		{"POST", "/auth/token", `{"scopes":["all:any"],"ttl":60}`, 201, `"refresh_token":"`},
		{"DELETE", "/auth/token/other", "", 204, `^$`},
	}},
}

// The clients that cannot be run here are answered as they expect it by the built daemon,
// wherever they look for the API, down to the bytes on the wire.
func TestClientsOnTheWire(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 1})
	r.start()
	r.ready()
	var devices []struct{ ID string }
	r.must(http.MethodGet, "/devices", nil, &devices)
	r.everyPrefix(t, func(t *testing.T, url, name string) {
		for _, p := range programs {
			t.Run(p.name, func(t *testing.T) {
				stamp := func(after time.Duration, zone string) string {
					return time.Now().UTC().Add(after).Format("2006-01-02T15:04:05.000000") + zone
				}
				for _, w := range p.requests {
					zone := "+00:00" // as Python writes it
					if strings.Contains(w.path, "{") {
						zone = "%2B00:00"
					}
					fill := strings.NewReplacer("{name}", name, "{device}", devices[0].ID, "{hook}", r.receiver.url,
						"{before}", stamp(-time.Hour, zone), "{now}", stamp(0, zone), "{later}", stamp(time.Hour, zone))
					path := strings.TrimPrefix(url, "http://"+r.addr) + fill.Replace(w.path)
					status, body := r.raw(w.method, path, p.headers, fill.Replace(w.body))
					want := regexp.MustCompile(fill.Replace(w.want))
					if status != w.status || !want.MatchString(body) {
						t.Errorf("%s %s %s\n got %d %s\nwant %d %s", w.method, path, fill.Replace(w.body), status, body, w.status, want)
					}
				}
			})
		}
	})
}

// raw writes a request to a connection of its own, and returns the status and the body of
// the answer, which must have a date and not be compressed.
func (r *rig) raw(method, target, headers, body string) (int, string) {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	auth := base64.StdEncoding.EncodeToString([]byte(rigUser + ":" + rigPassword))
	length := ""
	if body != "" {
		length = fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\n%s%s\r\n%s", method, target, r.addr, auth, headers, length, body)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, target, err)
	}
	if resp.Header.Get("Date") == "" || resp.Header.Get("Content-Encoding") != "" {
		r.t.Errorf("%s %s: got headers %v, want a date and no encoding", method, target, resp.Header)
	}
	return resp.StatusCode, strings.TrimSuffix(string(b), "\n")
}
