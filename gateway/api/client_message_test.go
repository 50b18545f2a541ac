package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMessageCalls checks what the calls about messages ask for, and what they read of
// the header of the answer.
func TestMessageCalls(t *testing.T) {
	ctx := t.Context()
	hello := SendRequest{TextMessage: &TextMessage{Text: "hi"}, PhoneNumbers: []string{"+49151"}}
	batch := BatchRequest{Messages: []SendRequest{hello}, Partial: true, SkipPhoneValidation: true, Key: "k"}
	const body = `{"textMessage":{"text":"hi"},"phoneNumbers":["+49151"]}`
	for _, tt := range []struct {
		name, answer string
		call         func(*Client) (any, error)
		want         string // method, URI, Idempotency-Key, body
		result       any
	}{
		{
			"send once", `{"id":"m1"}`,
			func(c *Client) (any, error) {
				m, replayed, err := c.SendOnce(ctx, "k 1", hello)
				return []any{m.ID, replayed}, err
			},
			"POST /messages k 1 " + body,
			[]any{"m1", true},
		},
		{
			"plan", `{"dryRun":true,"parts":1,"totalParts":2}`,
			func(c *Client) (any, error) { return c.Plan(ctx, hello) },
			"POST /messages?dryRun=true  " + body,
			Plan{DryRun: true, Layout: Layout{Parts: 1}, TotalParts: 2},
		},
		{
			"batch", `{"accepted":1,"messages":[{"index":0,"id":"m1","state":"Pending"}]}`,
			func(c *Client) (any, error) {
				a, replayed, err := c.SendBatch(ctx, batch)
				return []any{a, replayed}, err
			},
			`POST /messages/batch?partial=true&skipPhoneValidation=true k {"messages":[` + body + `]}`,
			[]any{BatchAnswer{Accepted: 1, Messages: []BatchMessage{{ID: "m1", State: Pending}}}, true},
		},
		{
			"plan batch", `{"accepted":1}`,
			func(c *Client) (any, error) { return c.PlanBatch(ctx, batch) },
			`POST /messages/batch?dryRun=true&partial=true&skipPhoneValidation=true k {"messages":[` + body + `]}`,
			BatchPlan{Accepted: 1},
		},
		{
			"preview", `{"alphabet":"gsm7"}`,
			func(c *Client) (any, error) { return c.Preview(ctx, hello) },
			"POST /messages/preview  " + body,
			Preview{Layout: Layout{Alphabet: "gsm7"}},
		},
		{
			"find", `[{"id":"m1"}]`,
			func(c *Client) (any, error) {
				ms, next, err := c.FindMessages(ctx, MessageQuery{Search: "a b", DeviceID: "office", Before: "p", Limit: 1})
				return []any{ms, next}, err
			},
			"GET /messages?before=p&deviceId=office&limit=1&search=a+b  ",
			[]any{[]Message{{ID: "m1"}}, "n"},
		},
		{
			"retry", `{"id":"m2","retryOf":"m/1"}`,
			func(c *Client) (any, error) { return c.Retry(ctx, "m/1") },
			"POST /messages/m%2F1/retry  ",
			Message{ID: "m2", RetryOf: "m/1"},
		},
		{
			"release", `{"id":"m1"}`,
			func(c *Client) (any, error) { return c.Release(ctx, "m1") },
			"POST /messages/m1/release  ",
			Message{ID: "m1"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var last string
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, err := io.ReadAll(r.Body)
				if err != nil {
					t.Errorf("read request: %v", err)
				}
				last = r.Method + " " + r.RequestURI + " " + r.Header.Get(IdempotencyKey) + " " + string(b)
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set(NextHeader, "n")
				w.Header().Set(IdempotentReplayed, "true")
				io.WriteString(w, tt.answer)
			}))
			t.Cleanup(s.Close)
			got, err := tt.call(New(s.URL, "sms", "p", s.Client()))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, last); diff != "" {
				t.Errorf("request (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.result, got); diff != "" {
				t.Errorf("result (-want +got)\n%s", diff)
			}
		})
	}
}
