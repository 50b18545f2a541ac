package rest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

// The members of RFC 9457 are there, the one first that clients of the phone app
// read; answers without a body stay so.
func TestProblems(t *testing.T) {
	w := newWorld(t)
	const to = `"phoneNumbers":["+4915110000001"]`
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		field                    string
	}{
		{"wrong kind", "POST", "/messages", `{"message":5,` + to + `}`, 400, "message"},
		{"within an object", "POST", "/messages", `{"textMessage":{"text":[]},` + to + `}`, 400, "textMessage.text"},
		{"item of a list", "POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001",7]}`, 400, "phoneNumbers[1]"},
		{"number", "POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001","x"]}`, 400, "phoneNumbers[1]"},
		{"no numbers", "POST", "/messages", `{"message":"hi"}`, 400, "phoneNumbers"},
		{"empty text", "POST", "/messages", `{"message":"",` + to + `}`, 400, "textMessage.text"},
		{"port", "POST", "/messages", `{"dataMessage":{"data":"SGk=","port":65536},` + to + `}`, 400, "dataMessage.port"},
		{"slot", "POST", "/messages", `{"message":"hi","simNumber":0,` + to + `}`, 400, "simNumber"},
		{"conflict of fields", "POST", "/messages", `{"message":"hi","ttl":5,"validUntil":"2099-01-01T00:00:00Z",` + to + `}`, 400, "validUntil"},
		{"two contents", "POST", "/messages", `{"message":"hi","textMessage":{"text":"hi"},` + to + `}`, 400, ""},
		{"no JSON", "POST", "/messages", `{`, 400, ""},
		{"parameter", "GET", "/messages?includeContent=yes", "", 400, "includeContent"},
		{"range", "GET", "/messages?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "", 400, "from"},
		{"token", "POST", "/auth/token", `{"scopes":["x"]}`, 400, "scopes"},
		{"method", "PUT", "/inbox", "", 405, ""},
		{"path", "GET", "/nothing", "", 404, ""},
	} {
		req, err := http.NewRequest(tt.method, w.url+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("sms", "secret")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var p api.Problem
		if err := json.Unmarshal(b, &p); err != nil || resp.StatusCode != tt.status || p.Field != tt.field || !strings.HasPrefix(string(b), `{"message":"`) {
			t.Errorf("%s: got %d %s, want %d and field %q", tt.name, resp.StatusCode, b, tt.status, tt.field)
		}
		want := api.Problem{
			Message: p.Message, Type: "about:blank", Title: http.StatusText(tt.status), Status: tt.status,
			Detail: p.Message, Instance: resp.Header.Get("X-Request-Id"), Field: tt.field,
		}
		if !cmp.Equal(p, want) || p.Message == "" || p.Instance == "" {
			t.Errorf("%s: got %+v, want %+v", tt.name, p, want)
		}
	}
	for _, path := range []string{"/messages/none"} {
		if a := w.do("GET", path, ""); a.status != 404 || a.body != "" {
			t.Errorf("%s: got %d %s, want 404 without a body", path, a.status, a.body)
		}
	}
}

// Where clients know a sentence the message is no more than that, and the detail says
// what to do.
func TestProblemDetail(t *testing.T) {
	w := newWorld(t)
	for body, want := range map[string]api.Error{
		`{"url":"https://example.org","event":"SMS:SENT"}`: {Message: "Unsupported event", Detail: `Unsupported event "SMS:SENT": event must be one of sms:received, sms:data-received, `, Field: "event"},
		`{"url":"https://example.org"}`:                    {Message: "Unsupported event", Detail: "Unsupported event: event must name one, or events several", Field: "event"},
		`{"url":"http://example.org","event":"sms:sent"}`:  {Message: "url must start with https:// or http://127.0.0.1", Detail: "url must start with https:// or http://127.0.0.1; see webhooks.policy", Field: "url"},
	} {
		req, err := http.NewRequest("POST", w.url+"/webhooks", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("sms", "secret")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var got api.Error
		err = json.NewDecoder(resp.Body).Decode(&got)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 400 || got.Message != want.Message || !strings.HasPrefix(got.Detail, want.Detail) || got.Field != want.Field {
			t.Errorf("%s: got %d %+v, %v, want %+v", body, resp.StatusCode, got, err, want)
		}
	}
}
