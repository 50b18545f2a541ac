package rest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

func TestSendRefuses(t *testing.T) {
	w := newWorld(t)
	past, future := "2020-01-01T00:00:00Z", time.Now().Add(time.Hour).UTC().Format(time.RFC3339Nano)
	const to = `"phoneNumbers":["+4915110000001"]`
	for _, tt := range []struct{ body, want string }{
		{`{"textMessage":{"text":""},` + to + `}`, "Text message is empty"},
		{`{"textMessage":{},` + to + `}`, "Text message is empty"},
		{`{"message":"",` + to + `}`, "Text message is empty"},
		{`{"dataMessage":{"data":"SGk=","port":65536},` + to + `}`, "Port must be between 0 and 65535"},
		{`{"dataMessage":{"data":"SGk=","port":-1},` + to + `}`, "Port must be between 0 and 65535"},
		{`{"dataMessage":{"data":"SGk=","port":1099511627776},` + to + `}`, "Port must be between 0 and 65535"},
		{`{"dataMessage":{"data":"SGk=","port":1.5},` + to + `}`, "dataMessage.port must be a whole number"},
		{`{"dataMessage":{"data":"","port":53739},` + to + `}`, "Data message cannot be empty"},
		{`{"dataMessage":{"port":53739},` + to + `}`, "Data message cannot be empty"},
		{`{"dataMessage":{"data":"S","port":53739},` + to + `}`, "dataMessage.data must be base64, such as SGVsbG8="},
		{`{"dataMessage":{"data":"S?==","port":53739},` + to + `}`, "dataMessage.data must be base64, such as SGVsbG8="},
		{
			`{"dataMessage":{"data":"` + strings.Repeat("AAAA", 44) + `AAA=","port":1},` + to + `}`,
			"dataMessage.data has 134 bytes, the most that fit into a message are 133: send it in pieces",
		},
		{`{"dataMessage":{"data":"SGk=","port":1},"flash":true,` + to + `}`, "flash is for texts only: leave it out of a data message"},
		{`{"dataMessage":{"data":"SGk=","port":1},"message":"hi",` + to + `}`, "Cannot specify multiple message types simultaneously"},
		{`{"message":"hi","flash":1,` + to + `}`, "flash must be true or false, got a number"},
		{`{"message":"hi","smsc":491710760000,` + to + `}`, "smsc must be a string, got a number"},
		{
			`{"message":"hi","smsc":"+49\r\nAT",` + to + `}`,
			`smsc "+49\r\nAT" is not the number of a service centre, such as +491710760000: '\r' does not belong in a phone number`,
		},
		{`{"message":"hi","smsc":"*100#",` + to + `}`, `smsc "*100#" is not the number of a service centre, such as +491710760000: it has * or #`},
		{`{"mmsMessage":{"attachments":[]},` + to + `}`, "mmsMessage is not supported: a modem sends text messages only"},
		{`{"message":"hi","isEncrypted":true,` + to + `}`, "textMessage.text: Invalid encrypted data format"},
		{`{` + to + `}`, "Must specify exactly one of: textMessage, dataMessage, or message"},
		{`{"message":null,"textMessage":null,` + to + `}`, "Must specify exactly one of: textMessage, dataMessage, or message"},
		{`{"message":"a","textMessage":{"text":"a"},` + to + `}`, "Cannot specify multiple message types simultaneously"},
		{`{"message":"a","mmsMessage":{},` + to + `}`, "Cannot specify multiple message types simultaneously"},
		{`{"message":"hi","phoneNumbers":[]}`, "Empty phone numbers list"},
		{`{"message":"hi"}`, "Empty phone numbers list"},
		{`{"message":"hi","phoneNumbers":null}`, "Empty phone numbers list"},
		{`{"message":"hi","simNumber":0,` + to + `}`, "SIM number cannot be less than 1"},
		{`{"message":"hi","simNumber":-1,` + to + `}`, "SIM number cannot be less than 1"},
		{`{"message":"hi","simNumber":-9223372036854775808,` + to + `}`, "SIM number cannot be less than 1"},
		{`{"message":"hi","simNumber":1.5,` + to + `}`, "simNumber must be a whole number"},
		{`{"message":"hi","ttl":60,"validUntil":"` + future + `",` + to + `}`, "fields conflict: ttl and validUntil"},
		{`{"message":"hi","validUntil":"` + past + `",` + to + `}`, "message already expired"},
		{`{"message":"hi","scheduleAt":"` + past + `",` + to + `}`, "scheduleAt must be in the future"},
		{`{"message":"hi","scheduleAt":"0001-01-01T00:00:00Z",` + to + `}`, "scheduleAt must be in the future"},
		{`{"message":"hi","deviceId":"other",` + to + `}`, "Invalid device ID"},
		{`{"message":"hi","phoneNumbers":["+4915110000001","015110000001"]}`, "phone numbers must be unique: phoneNumbers[0] and phoneNumbers[1] are the same"},

		{`{"message":5,` + to + `}`, "message must be a string, got a number"},
		{`{"textMessage":"hi",` + to + `}`, "textMessage must be an object, got a string"},
		{`{"textMessage":{"text":["hi"]},` + to + `}`, "textMessage.text must be a string, got an array"},
		{`{"dataMessage":{"data":"SGk=","port":"1"},` + to + `}`, "dataMessage.port must be a whole number, got a string"},
		{`{"message":"hi","phoneNumbers":"+49151"}`, "phoneNumbers must be an array of strings, got a string"},
		{`{"message":"hi","phoneNumbers":["+49151",  49151]}`, "phoneNumbers[1] must be a string, got a number"},
		{`{"message":"hi","phoneNumbers":[null]}`, "phoneNumbers[0] must be a string, got null"},
		{`{"message":"hi","simNumber":"1",` + to + `}`, "simNumber must be a whole number, got a string"},
		{`{"message":"hi","priority":128,` + to + `}`, "priority must be a whole number from -128 to 127"},
		{`{"message":"hi","priority":1.5,` + to + `}`, "priority must be a whole number from -128 to 127"},
		{`{"message":"hi","ttl":0,` + to + `}`, "ttl must be a whole number from 1 to 2147483647"},
		{`{"message":"hi","ttl":9223372036854775808,` + to + `}`, "ttl must be a whole number from 1 to 2147483647"},
		{`{"message":"hi","withDeliveryReport":"true",` + to + `}`, "withDeliveryReport must be true or false, got a string"},
		{`{"message":"hi","validUntil":"tomorrow",` + to + `}`, "validUntil must be a date and time with its offset, such as 2026-03-13T14:25:16+01:00"},
		{`{"message":"hi","scheduleAt":1773411916,` + to + `}`, "scheduleAt must be a string, got a number"},
		{`{"message":"hi","id":7,` + to + `}`, "id must be a string, got a number"},

		{``, "the request body is empty; it must be a JSON object"},
		{` `, "the request body is empty; it must be a JSON object"},
		{`null`, "the request body must be a JSON object, got null"},
		{`[]`, "the request body must be a JSON object, got an array"},
		{`"hi"`, "the request body must be a JSON object, got a string"},
		{`{"message":"hi"`, "the request body is not valid JSON: unexpected end of JSON input"},
		{`message=hi&phoneNumbers=%2B4915110000001`, `the request body is a form; it must be a JSON object, such as {"name":"value"}`},
		{"--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\nhi\r\n--b--", `the request body is a form; it must be a JSON object, such as {"name":"value"}`},
		{`message="a=b"`, `the request body is a form; it must be a JSON object, such as {"name":"value"}`},
		{`{"message":"a=b"`, "the request body is not valid JSON: unexpected end of JSON input"},
		{`'{"message":"hi"}'`, `the request body is not valid JSON: invalid character '\'' looking for beginning of value`},
		{`{} {}`, "the request body is not valid JSON: invalid character '{' after top-level value"},
		{"{\"message\":\"\xe4\"," + to + `}`, "the request body is not valid UTF-8"},
	} {
		a := w.do("POST", "/messages", tt.body)
		var e api.Error
		if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status != 400 || e.Message != tt.want {
			t.Errorf("%s\n got %d %s\nwant 400 %q", tt.body, a.status, a.body, tt.want)
		}
	}
	if _, n, err := w.gateway.Messages(gateway.MessageQuery{}); err != nil || n != 0 {
		t.Errorf("got %d messages stored, %v, want none", n, err)
	}
}

func TestSendRefusesTheSameIDTwice(t *testing.T) {
	w := newWorld(t)
	const body = `{"id":"m1","message":"hi","phoneNumbers":["+4915110000001"]}`
	if a := w.do("POST", "/messages", body); a.status != 202 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	a := w.do("POST", "/messages", body)
	if want := `{"message":"Message with the same ID already exists"}`; a.status != 409 || a.body != want {
		t.Errorf("got %d %s, want 409 %s", a.status, a.body, want)
	}
}

func TestSendAnswersTheMessage(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "a", State: gateway.ModemReady}})
	for _, tt := range []struct{ name, path, body, want, location string }{
		{
			"smallest", "/messages", `{"message":"hi","phoneNumbers":["0151 10000001"]}`,
			`{"id":"ID","deviceId":"ID","state":"Pending","isHashed":false,"isEncrypted":false,"textMessage":{"text":"hi"},` +
				`"recipients":[{"phoneNumber":"0151 10000001","state":"Pending"}],"states":{"Pending":"TIME"},"createdAt":"TIME"}`,
			"/messages/",
		},
		{
			"everything", "/api/v1/message/?skipPhoneValidation=TRUE&deviceActiveWithin=1",
			`{"id":"m/1","textMessage":{"text":"häy"},"phoneNumbers":["12","*100#"],"simNumber":null,"withDeliveryReport":false,
			  "priority":-128,"ttl":null,"scheduleAt":"2099-01-01T00:00:00.784099254Z","isEncrypted":false,"deviceId":null,"unknown":{"a":[1]}}`,
			`{"id":"m/1","deviceId":"ID","state":"Pending","isHashed":false,"isEncrypted":false,"scheduleAt":"TIME","textMessage":{"text":"häy"},` +
				`"priority":-128,"waiting":"it is scheduled for 2099-01-01 01:00:00 +01:00","recipients":[` +
				`{"phoneNumber":"12","state":"Pending","waiting":"it is scheduled for 2099-01-01 01:00:00 +01:00"},` +
				`{"phoneNumber":"*100#","state":"Pending","waiting":"it is scheduled for 2099-01-01 01:00:00 +01:00"}],` +
				`"states":{"Pending":"TIME"},"createdAt":"TIME"}`,
			"/api/v1/message/m%2F1",
		},
		{
			"data", "/messages", `{"dataMessage":{"data":"SGVsbG8_\n","port":53739},"phoneNumbers":["+4915110000001"]}`,
			`{"id":"ID","deviceId":"ID","state":"Pending","isHashed":false,"isEncrypted":false,"dataMessage":{"data":"SGVsbG8/","port":53739},` +
				`"recipients":[{"phoneNumber":"+4915110000001","state":"Pending"}],"states":{"Pending":"TIME"},"createdAt":"TIME"}`,
			"/messages/",
		},
		{
			"flash", "/messages", `{"message":"hi","flash":true,"smsc":"+49 171 0760000","phoneNumbers":["+4915110000001"]}`,
			`{"id":"ID","deviceId":"ID","state":"Pending","isHashed":false,"isEncrypted":false,"textMessage":{"text":"hi"},"flash":true,"smsc":"+491710760000",` +
				`"recipients":[{"phoneNumber":"+4915110000001","state":"Pending"}],"states":{"Pending":"TIME"},"createdAt":"TIME"}`,
			"/messages/",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := w.do("POST", tt.path, tt.body)
			if a.status != 202 {
				t.Fatalf("got %d %s, want 202", a.status, a.body)
			}
			if diff := cmp.Diff(tt.want, masked(a.body)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			location := a.header.Get("Location")
			if !strings.HasPrefix(location, tt.location) {
				t.Errorf("got Location %q, want %q…", location, tt.location)
			}
			if got := w.do("GET", location, ""); got.status != 200 || got.body != a.body {
				t.Errorf("GET %s: got %d %s, want what was answered before", location, got.status, got.body)
			}
		})
	}
	m, err := w.gateway.Message("m/1")
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2099, 1, 1, 0, 0, 0, 784_099_254, time.UTC); !m.ScheduleAt.Equal(want) {
		t.Errorf("got scheduled at %v, want %v", m.ScheduleAt, want)
	}
	if m.DeliveryReport {
		t.Error("a delivery report is asked for, want none")
	}
}

func TestSendPassesEverythingOn(t *testing.T) {
	w := newWorld(t, fakeModem{}, fakeModem{})
	device := w.gateway.DeviceID()
	until := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	m, err := w.client.Send(t.Context(), api.SendRequest{
		ID: "m1", Message: new("hi"), PhoneNumbers: []string{"+4915110000001"}, SIMNumber: new(2), Priority: 100,
		ValidUntil: &api.Time{Time: until}, DeviceID: &device,
	})
	if err != nil {
		t.Fatal(err)
	}
	if m.SIMNumber != 2 || m.Priority != 100 {
		t.Errorf("got SIM %d, priority %d in the answer, want 2 and 100", m.SIMNumber, m.Priority)
	}
	got, err := w.gateway.Message("m1")
	if err != nil {
		t.Fatal(err)
	}
	if got.SIM != 2 || got.Priority != 100 || !got.ValidUntil.Equal(until) || !got.DeliveryReport || got.Text != "hi" {
		t.Errorf("got %+v stored", got)
	}
	if _, err = w.client.Send(t.Context(), api.SendRequest{ID: "m2", Message: new("hi"), PhoneNumbers: []string{"+4915110000001"}, TTL: new(int32(60))}); err != nil {
		t.Fatal(err)
	}
	got, err = w.gateway.Message("m2")
	if left := w.db.Timeline().Now().Until(got.Expires); err != nil || left <= 0 || left > time.Minute {
		t.Errorf("got expiry in %v, %v, want within a minute", left, err)
	}
}

func TestSendQuery(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]int{
		"": 400, "skipPhoneValidation": 400, "skipPhoneValidation=": 400, "skipPhoneValidation=false": 400, "skipPhoneValidation=False": 400,
		"skipPhoneValidation=true": 202, "skipPhoneValidation=True": 202,
		"skipPhoneValidation=1": 400, "skipPhoneValidation=yes": 400,
	} {
		// The number is impossible, so that only a request that is not validated passes.
		a := w.do("POST", "/messages?"+query, `{"message":"hi","phoneNumbers":["+49151100000011223344"]}`)
		if a.status != want {
			t.Errorf("%q: got %d %s, want %d", query, a.status, a.body, want)
		}
	}
	a := w.do("POST", "/messages?skipPhoneValidation=1", `{"message":"hi","phoneNumbers":["+4915110000001"]}`)
	if want := `{"message":"skipPhoneValidation must be true or false"}`; a.status != 400 || a.body != want {
		t.Errorf("got %d %s, want 400 %s", a.status, a.body, want)
	}
}

func TestSendIsLenient(t *testing.T) {
	w := newWorld(t)
	body := `{"message":"hi","phoneNumbers":["+4915110000001"]}`
	for i, tt := range []struct{ body, contentType string }{
		{body, "application/json"},
		{body, "application/json; charset=utf-8"},
		{body, "text/plain"},
		{body, "application/x-www-form-urlencoded"},
		{body, "nonsense"},
		{body, ""},
		{"\ufeff" + body, "application/json"},
		{"\r\n\t " + body + "\n", "application/json"},
		{`{"message":"first","message":"last","phoneNumbers":["+4915110000001"]}`, ""},
		{`{"Message":5,"TEXTMESSAGE":{},"message":"hi","phoneNumbers":["+4915110000001"],"ttl":null,"simNumber":null,"id":null,"validUntil":null}`, ""},
	} {
		if a := w.do("POST", fmt.Sprintf("/messages?n=%d", i), tt.body, "Content-Type", tt.contentType); a.status != 202 {
			t.Errorf("%q as %q: got %d %s, want 202", tt.body, tt.contentType, a.status, a.body)
		}
	}
}
