package main_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

// A webhook whose receiver answers 410 is paused by the built daemon, another one is
// told, and what waited goes to its new address when it is resumed.
func TestGoneWebhookIsPausedAndTold(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 1})
	r.start()
	old := newReceiver(t, rigKey)
	old.fail = func(post) int { return http.StatusGone }
	r.must(http.MethodPost, "/webhooks", map[string]any{"id": "hook", "url": old.url + "/x", "event": "sms:received"}, nil)
	r.subscribe("webhook:disabled")
	r.ready()
	for _, tpdu := range emulator.TextParts("+4917099999999", "hello", 1, time.Now().Truncate(time.Second)) {
		if err := r.network.DeliverTPDU(r.sticks[0].number, tpdu); err != nil {
			t.Fatal(err)
		}
	}
	told := func(event string) func() bool {
		return func() bool {
			return slices.ContainsFunc(r.receiver.all(), func(p post) bool { return p.Event == event })
		}
	}
	r.until("webhook:disabled", 20*time.Second, told("webhook:disabled"))
	var hook struct {
		Paused bool `json:"paused"`
		Pause  struct {
			Reason string `json:"reason"`
		} `json:"pause"`
		Health struct {
			Status  string `json:"status"`
			Pending int    `json:"pending"`
		} `json:"health"`
	}
	r.must(http.MethodGet, "/webhooks/hook", nil, &hook)
	if !hook.Paused || hook.Pause.Reason != "gone" || hook.Health.Status != "paused" || hook.Health.Pending != 1 {
		t.Errorf("got %+v, want it to be paused, with the delivery waiting", hook)
	}
	r.must(http.MethodPatch, "/webhooks/hook", map[string]any{"url": r.receiver.url + "/new"}, nil)
	r.must(http.MethodPost, "/webhooks/hook/resume", nil, nil)
	r.until("the message at the new address", 20*time.Second, told("sms:received"))
	r.terminate()
}
