package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

const onceBody = `{"message":"hi","phoneNumbers":["+4915110000001"]}`

// stored returns how many messages there are.
func (w *world) stored() int {
	w.t.Helper()
	_, n, err := w.gateway.Messages(gateway.MessageQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestRequestTakesEffectOnce(t *testing.T) {
	w := newWorld(t)
	first := w.do("POST", "/messages", onceBody, api.IdempotencyKey, "k1")
	if first.status != 202 || first.header.Get(api.IdempotentReplayed) != "" {
		t.Fatalf("got %d %s, replayed %q", first.status, first.body, first.header.Get(api.IdempotentReplayed))
	}
	if _, err := w.client.Cancel(t.Context(), first.id(t)); err != nil { // what became of it does not change the answer
		t.Fatal(err)
	}
	for _, path := range []string{"/messages", "/message?skipPhoneValidation=false", "/api/v1/messages"} {
		again := w.do("POST", path, ` { "phoneNumbers":[ "+4915110000001"],"message":"hi"}`, api.IdempotencyKey, "k1")
		if again.status != 202 || again.body != first.body || again.header.Get("Location") != first.header.Get("Location") ||
			again.header.Get(api.IdempotentReplayed) != "true" {
			t.Errorf("%s: got %d %s at %s, replayed %q, want %s at %s", path, again.status, again.body, again.header.Get("Location"),
				again.header.Get(api.IdempotentReplayed), first.body, first.header.Get("Location"))
		}
	}
	if n := w.stored(); n != 1 {
		t.Errorf("got %d messages, want 1", n)
	}
	for what, req := range map[string][2]string{
		"another body":      {"/messages", strings.Replace(onceBody, "hi", "ho", 1)},
		"another parameter": {"/messages?skipPhoneValidation=true", onceBody},
		"another route":     {"/messages/batch", `{"messages":[` + onceBody + `]}`},
	} {
		a := w.do("POST", req[0], req[1], api.IdempotencyKey, "k1")
		if want := `{"message":"` + gateway.ErrReused.Message + `"}`; a.status != 422 || a.body != want {
			t.Errorf("%s: got %d %s, want 422 %s", what, a.status, a.body, want)
		}
	}
	if a := w.do("POST", "/messages", onceBody, api.IdempotencyKey, "k2"); a.status != 202 || a.id(t) == first.id(t) {
		t.Errorf("another key: got %d %s", a.status, a.body)
	}
	for _, key := range []string{"", strings.Repeat("x", 129), "ä"} {
		a := w.do("POST", "/messages", onceBody, api.IdempotencyKey, key)
		if a.status != 400 || !strings.Contains(a.body, "Idempotency-Key must have 1 to 128 printable characters") {
			t.Errorf("key %q: got %d %s, want 400", key, a.status, a.body)
		}
	}
	if n := w.stored(); n != 2 {
		t.Errorf("got %d messages, want 2", n)
	}
}

// A request that was refused may be mended and sent again under its key.
func TestRefusedRequestIsNotRemembered(t *testing.T) {
	w := newWorld(t)
	if a := w.do("POST", "/messages", `{"message":"","phoneNumbers":["+4915110000001"]}`, api.IdempotencyKey, "k"); a.status != 400 {
		t.Fatalf("got %d %s, want 400", a.status, a.body)
	}
	if a := w.do("POST", "/messages", onceBody, api.IdempotencyKey, "k"); a.status != 202 {
		t.Errorf("got %d %s, want 202", a.status, a.body)
	}
}

func TestRequestsAtOnceTakeEffectOnce(t *testing.T) {
	w := newWorld(t)
	failed := finished("m1", at(10, 0, 0))
	failed.SIM = 0
	w.store(gateway.Change{Messages: []gateway.Message{failed}})
	for what, request := range map[string]struct {
		path, body string
		messages   int
	}{
		"retry":   {"/messages/m1/retry", "", 1},
		"message": {"/messages", onceBody, 1},
		"batch":   {"/messages/batch", `{"message":"hi","phoneNumbers":["+4915110000001","+4915110000002"]}`, 2},
	} {
		before := w.stored()
		answers := make([]answered, 100)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i] = w.do("POST", request.path, request.body, api.IdempotencyKey, what) })
		}
		wg.Wait()
		replayed := 0
		for _, a := range answers {
			if a.status != http.StatusAccepted || a.body != answers[0].body {
				t.Errorf("%s: got %d %s, want 202 %s", what, a.status, a.body, answers[0].body)
			}
			if a.header.Get(api.IdempotentReplayed) == "true" {
				replayed++
			}
		}
		if got := w.stored() - before; replayed != 99 || got != request.messages {
			t.Errorf("%s: got %d messages and %d replays, want %d and 99", what, got, replayed, request.messages)
		}
	}
}

// The answer of a retry is replayed, too, wherever the message was asked for.
func TestRetryTakesEffectOnce(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"m/1", "m/2"} {
		m := finished(id, at(10, 0, 0))
		m.SIM = 0
		w.store(gateway.Change{Messages: []gateway.Message{m}})
	}
	first := w.do("POST", "/messages/m%2f1/retry", "", api.IdempotencyKey, "k")
	again := w.do("POST", "/api/v1/message/%6d%2F1/retry", "{}", api.IdempotencyKey, "k")
	if first.status != 202 || again.status != 202 || again.body != first.body || again.header.Get(api.IdempotentReplayed) != "true" ||
		first.header.Get("Location") != "/messages/"+first.id(t) {
		t.Errorf("got %d %s at %s and %d %s", first.status, first.body, first.header.Get("Location"), again.status, again.body)
	}
	if a := w.do("POST", "/messages/m%2f2/retry", "", api.IdempotencyKey, "k"); a.status != 422 {
		t.Errorf("of another message: got %d %s, want 422", a.status, a.body)
	}
	if a := w.do("POST", "/messages/m%2f1/retry", "", api.IdempotencyKey, "k2"); a.status != 409 {
		t.Errorf("under another key: got %d %s, want 409", a.status, a.body)
	}
	if n := w.stored(); n != 3 {
		t.Errorf("got %d messages, want 3", n)
	}
}

// id returns that of the message that was answered.
func (a answered) id(t *testing.T) string {
	t.Helper()
	var m api.Message
	if err := json.Unmarshal([]byte(a.body), &m); err != nil || m.ID == "" {
		t.Fatalf("%v: %s", err, a.body)
	}
	return m.ID
}

// Keys of users do not meet.
func TestKeysBelongToUsers(t *testing.T) {
	seen := make(map[gateway.RequestKey]string)
	for _, k := range [][2]string{{"", "ab"}, {"a", "b"}, {"ab", ""}, {"1:a", "b"}, {"b", "a"}} {
		key := gateway.NewRequestKey(k[0], k[1])
		if other, ok := seen[key]; ok {
			t.Errorf("%v has the key of %s", k, other)
		}
		seen[key] = fmt.Sprint(k)
	}
}
