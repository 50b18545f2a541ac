package rest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

// Every method of the client finds its route.
func TestWebhookClient(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.history(3)
	c := w.client
	hook, err := c.EditWebhook(ctx, "w1", map[string]any{"name": "new", "timeout": nil, "retry": api.WebhookRetry{Base: api.Duration(time.Minute)}})
	if err != nil || hook.Name != "new" || hook.Retry.Base != api.Duration(time.Minute) {
		t.Errorf("edit: got %+v, %v", hook, err)
	}
	if hook, err = c.PauseWebhook(ctx, "w1", "a note"); err != nil || hook.Pause.Note != "a note" {
		t.Errorf("pause: got %+v, %v", hook, err)
	}
	if hook, err = c.ResumeWebhook(ctx, "w1"); err != nil || hook.Paused {
		t.Errorf("resume: got %+v, %v", hook, err)
	}
	if hook, err = c.Webhook(ctx, "w1"); err != nil || hook.Health.Pending != 3 {
		t.Errorf("get: got %+v, %v", hook, err)
	}
	if s, err := c.WebhookStats(ctx, "w1"); err != nil || s.Pending != 3 {
		t.Errorf("stats: got %+v, %v", s, err)
	}
	if r, err := c.TestWebhook(ctx, "w1", "sms:sent", true); err != nil || r.Event != "sms:sent" {
		t.Errorf("test: got %+v, %v", r, err)
	}
	if s, err := c.RotateSecret(ctx, "w1", time.Hour); err != nil || len(s.Secrets) != 1 {
		t.Errorf("rotate: got %+v, %v", s, err)
	}
	if s, err := c.ActivateSecret(ctx, "w1"); err != nil || !s.Secrets[0].Signs {
		t.Errorf("activate: got %+v, %v", s, err)
	}
	if s, err := c.WebhookSecrets(ctx, "w1"); err != nil || len(s.Secrets) != 1 {
		t.Errorf("secrets: got %+v, %v", s, err)
	}
	ds, err := c.Deliveries(ctx, "w1", api.HistoryQuery{State: []string{"pending", "dead"}, Limit: 2})
	if err != nil || len(ds) != 2 || ds[0].ID != "d2" {
		t.Errorf("deliveries: got %+v, %v", ds, err)
	}
	if d, err := c.CancelDelivery(ctx, "w1", "d1"); err != nil || d.State != "cancelled" {
		t.Errorf("cancel: got %+v, %v", d, err)
	}
	if d, err := c.Delivery(ctx, "w1", "d1"); err != nil || d.State != "cancelled" {
		t.Errorf("delivery: got %+v, %v", d, err)
	}
	if d, err := c.Redeliver(ctx, "w1", "d1", true); err != nil || d.ID == "d1" || d.Replays != 1 {
		t.Errorf("redeliver: got %+v, %v", d, err)
	}
	if as, err := c.Attempts(ctx, "w1", api.HistoryQuery{Delivery: "d1", Before: "9"}); err != nil || len(as) != 0 {
		t.Errorf("attempts: got %+v, %v", as, err)
	}
	j, err := c.Recover(ctx, "w1", api.RecoverRequest{State: []string{"dead"}})
	if err != nil || j.Kind != "recover" {
		t.Errorf("recover: got %+v, %v", j, err)
	}
	if j, err = c.ReplayMissing(ctx, "w1", time.Now().Add(-time.Hour)); err != nil || j.Kind != "replay-missing" {
		t.Errorf("replay: got %+v, %v", j, err)
	}
	if got, err := c.Job(ctx, "w1", j.ID); err != nil || cmp.Diff(j, got) != "" {
		t.Errorf("job: got %+v, %v", got, err)
	}
	if p, err := c.Events(ctx, api.EventQuery{After: "1", Event: []string{"sms:failed"}, Limit: 1}); err != nil || len(p.Events) != 1 || p.Next != "2" {
		t.Errorf("events: got %+v, %v", p, err)
	}
	if e, err := c.Egress(ctx); err != nil || e.Policy != "home" {
		t.Errorf("egress: got %+v, %v", e, err)
	}
}

func TestWebhookSecretOnTheWire(t *testing.T) {
	for in, want := range map[string]api.WebhookSecret{`"text"`: {Text: "text"}, `true`: {Make: true}, `false`: {}} {
		var s api.WebhookSecret
		err := json.Unmarshal([]byte(in), &s)
		out, outErr := json.Marshal(s)
		if err != nil || outErr != nil || s != want || string(out) != in {
			t.Errorf("%s: got %+v, %s, %v, %v", in, s, out, err, outErr)
		}
	}
	for in, want := range map[string]time.Duration{`"1m30s"`: 90 * time.Second, `1.5`: 1500 * time.Millisecond, `null`: 0} {
		var d api.Duration
		if err := json.Unmarshal([]byte(in), &d); err != nil || time.Duration(d) != want {
			t.Errorf("%s: got %v, %v, want %v", in, time.Duration(d), err, want)
		}
	}
	for _, in := range []string{`"soon"`, `true`, `1e300`, `[]`} {
		var d api.Duration
		if err := json.Unmarshal([]byte(in), &d); err == nil {
			t.Errorf("%s: got %v, want an error", in, time.Duration(d))
		}
	}
}
