package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// serve answers every request with the given answer and records what came.
func serve(t *testing.T, status int, contentType, body string) (c *Client, last *string) {
	t.Helper()
	last = new(string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read request: %v", err)
		}
		user, pass, _ := r.BasicAuth()
		*last = r.Method + " " + r.RequestURI + " " + user + ":" + pass + " " + string(b)
		w.Header().Set("Content-Type", contentType)
		w.Header().Set(TotalHeader, "7")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return New(s.URL+"/", "sms", "pa ss", s.Client()), last
}

func TestClientCalls(t *testing.T) {
	ctx := t.Context()
	at := time.Date(2026, 3, 13, 14, 25, 16, 954_000_001, time.UTC)
	for _, tt := range []struct {
		name, answer string
		call         func(*Client) (any, error)
		want         string // method, URI, credentials, body
		result       any
	}{
		{
			"send", `{"id":"m1","state":"Pending","extra":1}`,
			func(c *Client) (any, error) {
				return c.Send(ctx, SendRequest{TextMessage: &TextMessage{Text: "hi"}, PhoneNumbers: []string{"+49151"}, TTL: new(int32(60)), SkipPhoneValidation: true})
			},
			`POST /messages?skipPhoneValidation=true sms:pa ss {"textMessage":{"text":"hi"},"phoneNumbers":["+49151"],"ttl":60}`,
			Message{ID: "m1", State: Pending},
		},
		{
			"message", `{"id":"m/1 x","states":{"Pending":"2026-03-13T14:25:16.954Z"}}`,
			func(c *Client) (any, error) { return c.Message(ctx, "m/1 x") },
			"GET /messages/m%2F1%20x sms:pa ss ",
			Message{ID: "m/1 x", States: map[State]Time{Pending: {at.Truncate(time.Millisecond)}}},
		},
		{
			"trace", `{"id":"m1","state":"Sent","recipients":[{"phoneNumber":"+49151","hops":[{"kind":"accepted","part":1,"reference":0}]}]}`,
			func(c *Client) (any, error) { return c.Trace(ctx, "m/1") },
			"GET /messages/m%2F1/trace sms:pa ss ",
			Trace{ID: "m1", State: Sent, Recipients: []RecipientTrace{{
				PhoneNumber: "+49151", Hops: []Hop{{Kind: "accepted", Part: 1, Reference: new(int)}},
			}}},
		},
		{
			"messages", `[{"id":"m1"},{"id":"m2"}]`,
			func(c *Client) (any, error) {
				ms, total, err := c.Messages(ctx, MessageQuery{State: Failed, From: at, To: at, Limit: 2, Offset: 4, IncludeContent: true})
				return []any{len(ms), total}, err
			},
			"GET /messages?from=2026-03-13T14%3A25%3A16.954000001Z&includeContent=true&limit=2&offset=4&state=Failed&to=2026-03-13T14%3A25%3A16.954000001Z sms:pa ss ",
			[]any{2, 7},
		},
		{
			"cancel", `{"id":"m1","state":"Cancelled"}`,
			func(c *Client) (any, error) { return c.Cancel(ctx, "m1") },
			"DELETE /messages/m1 sms:pa ss ",
			Message{ID: "m1", State: Cancelled},
		},
		{
			"inbox", `[{"id":"text:1"}]`,
			func(c *Client) (any, error) {
				is, total, err := c.Inbox(ctx, InboxQuery{Type: "SMS"})
				return []any{len(is), total}, err
			},
			"GET /inbox?type=SMS sms:pa ss ",
			[]any{1, 7},
		},
		{
			"webhooks", `[{"id":"w1","url":"https://example.org","event":"sms:sent","source":"Local"}]`,
			func(c *Client) (any, error) { return c.Webhooks(ctx) },
			"GET /webhooks sms:pa ss ",
			[]Webhook{{ID: "w1", URL: "https://example.org", Event: "sms:sent", Source: "Local"}},
		},
		{
			"register webhook", `{"id":"w1","url":"https://example.org","event":"sms:sent"}`,
			func(c *Client) (any, error) {
				return c.RegisterWebhook(ctx, Webhook{URL: "https://example.org", Event: "sms:sent"})
			},
			`POST /webhooks sms:pa ss {"url":"https://example.org","event":"sms:sent"}`,
			Webhook{ID: "w1", URL: "https://example.org", Event: "sms:sent"},
		},
		{
			"delete webhook", "",
			func(c *Client) (any, error) { return nil, c.DeleteWebhook(ctx, "a?b") },
			"DELETE /webhooks/a%3Fb sms:pa ss ", nil,
		},
		{
			"devices", `[{"id":"d1","simCards":[{"simNumber":1}]}]`,
			func(c *Client) (any, error) { return c.Devices(ctx) },
			"GET /devices sms:pa ss ",
			[]Device{{ID: "d1", SIMCards: []SIMCard{{SIMNumber: 1}}}},
		},
		{
			"health", `{"version":"1","status":"pass","checks":{}}`,
			func(c *Client) (any, error) { return c.Health(ctx) },
			"GET /health sms:pa ss ",
			Health{Version: "1", Status: Pass, Checks: map[string]Check{}},
		},
		{
			"check", `{"status":"ok","model":"m"}`,
			func(c *Client) (any, error) { return nil, c.Check(ctx) },
			"GET / sms:pa ss ", nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, last := serve(t, http.StatusOK, "application/json", tt.answer)
			got, err := tt.call(c)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, *last); diff != "" {
				t.Errorf("request (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.result, got); diff != "" {
				t.Errorf("result (-want +got)\n%s", diff)
			}
		})
	}
}

func TestClientErrors(t *testing.T) {
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
		want                    Error
	}{
		{"message", "application/json", `{"message":"Text message is empty"}`, 400, Error{Status: 400, Message: "Text message is empty"}},
		{"problem", "application/json", `{"message":"no","type":"about:blank","title":"Bad Request","status":400,"detail":"no","instance":"x","field":"ttl"}`, 400, Error{Status: 400, Message: "no", Detail: "no", Field: "ttl"}},
		{"parameters", "application/json; charset=utf-8", `{"message":"no"}`, 409, Error{Status: 409, Message: "no"}},
		{"empty body", "", "", 401, Error{Status: 401, Message: ""}},
		{"page of a proxy", "text/html", "<h1>Bad gateway</h1>", 502, Error{Status: 502, Message: ""}},
		{"broken JSON", "application/json", `{"message":"hal`, 500, Error{Status: 500, Message: ""}},
		{"not modified", "", "", 304, Error{Status: 304, Message: ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := serve(t, tt.status, tt.contentType, tt.body)
			_, err := c.Send(t.Context(), SendRequest{})
			got, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("got %v, want an *Error", err)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestErrorSaysSomething(t *testing.T) {
	for want, e := range map[string]*Error{
		"Text message is empty (HTTP 400)": {Status: 400, Message: "Text message is empty"},
		"Unauthorized (HTTP 401)":          {Status: 401},
		"no: say yes (HTTP 400)":           {Status: 400, Message: "no", Detail: "no: say yes"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestClientHealthThatFails(t *testing.T) {
	c, _ := serve(t, 500, "application/json", `{"version":"1","releaseId":1,"status":"fail","checks":{"modem:1":{"status":"fail","observedValue":0}}}`)
	h, err := c.Health(t.Context())
	if err != nil || h.Status != Fail || len(h.Checks) != 1 {
		t.Errorf("got %+v, %v, want the verdict", h, err)
	}
	c, _ = serve(t, 500, "application/json", `{"message":"internal error"}`)
	if _, err := c.Health(t.Context()); err == nil {
		t.Error("an internal error passed as a verdict")
	}
}

func TestClientMisuse(t *testing.T) {
	c, _ := serve(t, 200, "application/json", `{"id":5}`)
	if _, err := c.Message(t.Context(), "x"); err == nil {
		t.Error("an answer of another type was decoded")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Message(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it to wrap context.Canceled", err)
	}
	if err := New("http://[", "", "", nil).Check(t.Context()); err == nil {
		t.Error("a broken URL was accepted")
	}
}
