package rest

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tetherd/gateway/api"
)

// Bounds of what is sent, on both sides.
func TestSendBounds(t *testing.T) {
	w := newWorld(t)
	numbers := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`"+49151%08d"`, i))
		}
		return strings.Join(list, ",")
	}
	soon, later := time.Now().Add(time.Hour).Format(time.RFC3339), time.Now().Add(2*time.Hour).Format(time.RFC3339)
	const hi, to = `"message":"hi",`, `"phoneNumbers":["+4915110000001"]`
	for _, tt := range []struct{ body, want string }{
		{`{` + hi + `"phoneNumbers":[` + numbers(1000) + `]}`, ""},
		{`{` + hi + `"phoneNumbers":[` + numbers(1001) + `]}`, "phoneNumbers has 1001 entries, the most in one message is 1000"},
		{`{` + hi + `"id":"` + strings.Repeat("x", 128) + `",` + to + `}`, ""},
		{`{` + hi + `"id":"` + strings.Repeat("x", 129) + `",` + to + `}`, "id must be at most 128 characters, without control characters"},
		{`{` + hi + `"id":"a\r\nb",` + to + `}`, "id must be at most 128 characters, without control characters"},
		{`{` + hi + `"id":"",` + to + `}`, ""},
		{`{` + hi + `"phoneNumbers":["+4915110000001","+49 151 10000001"]}`, "phone numbers must be unique: phoneNumbers[0] and phoneNumbers[1] are the same"},
		{`{` + hi + `"phoneNumbers":["72975","72975"]}`, "phone numbers must be unique: phoneNumbers[0] and phoneNumbers[1] are the same"},
		{`{` + hi + `"phoneNumbers":["+4915110000001","vodafone"]}`, `phoneNumbers[1] "vodafone" cannot be sent to: 'v' does not belong in a phone number`},
		{`{` + hi + `"phoneNumbers":["+4915110000001",""]}`, `phoneNumbers[1] "" cannot be sent to: it has no digits`},
		{`{` + hi + `"phoneNumbers":["+4915110000001","+49\r\nAT"]}`, `phoneNumbers[1] "+49\r\nAT" cannot be sent to: '\r' does not belong in a phone number`},
		{`{` + hi + `"phoneNumbers":["+16502"]}`, `phoneNumbers[0] "+16502" cannot be sent to: it is too short for a phone number of its country`},
		{`{` + hi + `"phoneNumbers":["72975","+8821655500001","*100#"]}`, ""}, // a short code, a machine, a code
		{`{` + hi + `"ttl":60.0,"simNumber":1.0,"priority":1e1,` + to + `}`, ""},
		{`{` + hi + `"ttl":1,` + to + `}`, ""},
		{`{` + hi + `"ttl":2147483647,` + to + `}`, ""},
		{`{` + hi + `"ttl":2147483648,` + to + `}`, "ttl must be a whole number from 1 to 2147483647"},
		{`{` + hi + `"ttl":1e300,` + to + `}`, "ttl must be a whole number from 1 to 2147483647"},
		{`{` + hi + `"priority":-128,` + to + `}`, ""},
		{`{` + hi + `"priority":127,` + to + `}`, ""},
		{`{` + hi + `"priority":-129,` + to + `}`, "priority must be a whole number from -128 to 127"},
		{`{` + hi + `"simNumber":99,` + to + `}`, ""}, // that fails later, as the API has it
		{`{` + hi + `"scheduleAt":"` + soon + `","validUntil":"` + later + `",` + to + `}`, ""},
		{`{` + hi + `"scheduleAt":"` + later + `","validUntil":"` + soon + `",` + to + `}`, "scheduleAt must be before validUntil"},
		{`{` + hi + `"scheduleAt":"` + soon + `","validUntil":"` + soon + `",` + to + `}`, "scheduleAt must be before validUntil"},
		{`{"dataMessage":{"data":"AA==","port":0},` + to + `}`, ""},
		{`{"dataMessage":{"data":"` + strings.Repeat("AAAA", 44) + `AA==","port":65535},` + to + `}`, ""}, // 133 bytes
	} {
		a := w.do("POST", "/messages", tt.body)
		var e api.Error
		if err := json.Unmarshal([]byte(a.body), &e); err != nil || tt.want == "" && a.status != 202 || tt.want != "" && (a.status != 400 || e.Message != tt.want) {
			t.Errorf("%.200s\n got %d %.300s\nwant %q", tt.body, a.status, a.body, tt.want)
		}
	}
}

// Clients write from no to nine digits of a fraction of a second.
func TestSendFractions(t *testing.T) {
	w := newWorld(t)
	const digits = "784099254"
	for n := range len(digits) + 1 {
		fraction := strings.TrimSuffix("."+digits[:n], ".")
		for _, field := range []string{"scheduleAt", "validUntil"} {
			for _, zone := range []string{"Z", "+01:00", "-09:30"} {
				at := "2099-01-01T00:00:00" + fraction + zone
				want, err := time.Parse(time.RFC3339Nano, at)
				if err != nil {
					t.Fatal(err)
				}
				id := field + at
				if a := w.do("POST", "/messages", fmt.Sprintf(`{"id":%q,"message":"hi","phoneNumbers":["72975"],%q:%q}`, id, field, at)); a.status != 202 {
					t.Errorf("%s: got %d %s", at, a.status, a.body)
					continue
				}
				m, err := w.gateway.Message(id)
				if err != nil {
					t.Fatal(err)
				}
				if got := max(m.ScheduleAt.UnixNano(), m.ValidUntil.UnixNano()); got != want.UnixNano() {
					t.Errorf("%s %s: got %v, %v", field, at, m.ScheduleAt, m.ValidUntil)
				}
			}
		}
	}
}

// Whatever somebody sends, the whole way from the bytes to the store, is taken on or
// refused with a sentence, and never the gateway's fault.
func FuzzSend(f *testing.F) {
	for _, body := range []string{
		`{"id":"m1","textMessage":{"text":"hi"},"phoneNumbers":["+4915110000001"],"simNumber":1,"ttl":60,"priority":-128}`,
		`{"message":"hi","phoneNumbers":["72975","0151 1"],"validUntil":"2099-03-13T14:25:16.784099254+01:00"}`,
		`{"dataMessage":{"data":"SGk=","port":53739},"phoneNumbers":["1"],"withDeliveryReport":false,"flash":true}`,
		`{"message":"$aes-256-cbc/pbkdf2-sha1$i=1000$MDEyMzQ1Njc4OWFiY2RlZg==$BQPCnjHbgezV1BPsyyUGgg==","isEncrypted":true,"phoneNumbers":["x"]}`,
		`{"mmsMessage":{},"phoneNumbers":null}`, `{"message":"\ud83d","phoneNumbers":["\u0000"],"smsc":"+49"}`, `[`, "\ufeff", `{"ttl":1e300,"scheduleAt":"0000-01-01T00:00:00Z"}`,
	} {
		f.Add([]byte(body), "skipPhoneValidation=true")
		f.Add([]byte(body), "skipPhoneValidation=%zz&;")
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		req := httptest.NewRequest("POST", "/messages", strings.NewReader(string(body)))
		req.URL.RawQuery = query
		req.SetBasicAuth("sms", "secret")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, req)
		var e api.Error
		if err := json.Unmarshal(rec.Body.Bytes(), &e); err != nil {
			t.Fatalf("%q: got %d %s", body, rec.Code, rec.Body)
		}
		switch rec.Code {
		case 202, 409:
		case 400, 413:
			if e.Message == "" || !strings.Contains(e.Message, " ") {
				t.Errorf("%q: got %d %s, want a sentence", body, rec.Code, rec.Body)
			}
		default:
			t.Errorf("%q: got %d %s", body, rec.Code, rec.Body)
		}
	})
}
