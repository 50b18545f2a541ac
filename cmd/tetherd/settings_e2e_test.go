package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

// Settings hold at once and after a restart, what came in is told of once more, and
// the log says what was done.
func TestSettingsLogsAndExport(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 1})
	r.start()
	r.subscribe("system:ping", "sms:received")
	r.ready()
	if pings := r.receiver.all(); len(pings) != 0 {
		t.Fatalf("told of %+v before anything happened", pings)
	}

	if status, err := r.call(http.MethodPatch, "/settings", map[string]any{
		"ping": map[string]any{"interval_seconds": 1}, "webhooks": map[string]any{"retry_count": 0},
	}, nil); status != http.StatusBadRequest || !strings.Contains(fmt.Sprint(err), "Failed to import webhooks: Retry count must be") {
		t.Errorf("retry_count 0: got %d %v", status, err)
	}
	r.must(http.MethodPatch, "/settings", map[string]any{"ping": map[string]any{"intervalSeconds": "1"}, "encryption": map[string]any{"passphrase": "hush-hush"}}, nil)
	pings := func() (n int) {
		for _, p := range r.receiver.all() {
			if p.Event == "system:ping" {
				n++
			}
		}
		return n
	}
	r.until("two pings", 10*time.Second, func() bool { return pings() >= 2 })

	parts := emulator.TextParts("+4917099999999", "hello", 77, time.Now().Truncate(time.Second))
	if err := r.network.DeliverTPDU(r.sticks[0].number, parts[0]); err != nil {
		t.Fatal(err)
	}
	received := func() (out []post) {
		for _, p := range r.receiver.all() {
			if p.Event == "sms:received" {
				out = append(out, p)
			}
		}
		return out
	}
	r.until("the text to be told of", 20*time.Second, func() bool { return len(received()) == 1 })
	span := map[string]any{"since": time.Now().Add(-time.Hour), "until": time.Now().Add(time.Hour)}
	r.must(http.MethodPost, "/inbox/refresh", span, nil)
	r.must(http.MethodPost, "/messages/inbox/export", span, nil)
	r.until("the text to be told of again", 10*time.Second, func() bool { return len(received()) == 2 })
	if ps := received(); ps[0].ID == ps[1].ID || ps[0].Payload != ps[1].Payload {
		t.Errorf("told first of %+v, then of %+v, want another event of the same message", ps[0], ps[1])
	}

	r.terminate()
	before := pings()
	r.start()
	r.until("pings after the restart", 10*time.Second, func() bool { return pings() > before+1 })
	var now map[string]map[string]any
	r.must(http.MethodGet, "/settings", nil, &now)
	if now["ping"]["interval_seconds"] != 1.0 || now["webhooks"]["retry_count"] != 14.0 || now["encryption"] != nil {
		t.Errorf("settings after the restart: %v", now)
	}

	var logs []struct {
		Priority, Message string
		Context           map[string]any
	}
	r.must(http.MethodGet, "/logs", nil, &logs)
	var said []string
	for _, e := range logs {
		said = append(said, e.Priority+" "+e.Message)
	}
	for _, want := range []string{"INFO gateway is up", "INFO settings were changed", "INFO webhooks were told of earlier messages", "INFO gateway is up", "INFO stopping; a second signal stops at once"} {
		if !slices.Contains(said, want) {
			t.Errorf("the log does not say %q: %q", want, said)
		}
	}
	text, err := json.Marshal(logs)
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"hush-hush", "hello", "17099999999", rigPassword, rigKey, "894902000000000000"} {
		if bytes.Contains(text, []byte(private)) {
			t.Errorf("the log holds %q", private)
		}
	}
}
