package rest

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

func TestRetry(t *testing.T) {
	w := newWorld(t)
	m := finished("m/1", at(10, 0, 0))
	m.Text, m.Priority, m.Encoding, m.SIM = "again", 7, "smart", 0
	w.store(gateway.Change{Messages: []gateway.Message{m}})
	var failed []string
	for _, r := range m.Recipients {
		if r.State == gateway.Failed || r.State == gateway.Cancelled {
			failed = append(failed, r.Number)
		}
	}
	if len(failed) == 0 || len(failed) == len(m.Recipients) {
		t.Fatalf("the test needs a message that failed for some: %v", m.Recipients)
	}

	// Asked for at once, it is done once.
	answers := make([]answered, 10)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = w.do("POST", "/api/v1/messages/m%2F1/retry", "") })
	}
	wg.Wait()
	var got api.Message
	done := 0
	for _, a := range answers {
		switch a.status {
		case 202:
			done++
			if err := json.Unmarshal([]byte(a.body), &got); err != nil {
				t.Fatal(err)
			}
			if l := a.header.Get("Location"); l != "/api/v1/messages/"+got.ID {
				t.Errorf("got Location %s", l)
			}
		case 409:
			if !strings.Contains(a.body, "was sent again already, as ") {
				t.Errorf("got %s", a.body)
			}
		default:
			t.Errorf("got %d %s", a.status, a.body)
		}
	}
	if done != 1 || w.stored() != 2 {
		t.Errorf("sent again %d times, and there are %d messages", done, w.stored())
	}
	var to []string
	for _, r := range got.Recipients {
		to = append(to, r.PhoneNumber)
		if r.State != api.Pending {
			t.Errorf("%s is %s", r.PhoneNumber, r.State)
		}
	}
	if diff := cmp.Diff(failed, to); diff != "" {
		t.Errorf("recipients (-want +got)\n%s", diff)
	}
	if got.RetryOf != "m/1" || got.TextMessage.Text != "again" || got.Priority != 7 || got.Encoding != "smart" {
		t.Errorf("got %+v", got)
	}
	old, err := w.client.Message(t.Context(), "m/1")
	if err != nil || old.RetriedBy != got.ID || old.Recipients[1].RetriedBy != got.ID || old.Recipients[0].RetriedBy != "" || old.State != api.State(m.State()) {
		t.Errorf("original: got %+v, %v", old, err)
	}
}

func TestRetryRefuses(t *testing.T) {
	w := newWorld(t)
	id := w.send("hi", "+4915110000001")
	empty := finished("empty", at(10, 0, 0))
	empty.Text = ""
	w.store(gateway.Change{Messages: []gateway.Message{empty}})
	for id, want := range map[string]string{
		id:      "Message " + id + " is Pending: it has no recipient for whom it failed or was cancelled, so there is nothing to retry",
		"empty": "Message empty cannot be sent again: its content is not kept any more",
	} {
		if a := w.do("POST", "/messages/"+id+"/retry", ""); a.status != 409 || a.body != `{"message":"`+want+`"}` {
			t.Errorf("got %d %s, want 409 %s", a.status, a.body, want)
		}
	}
	if _, err := w.client.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if a := w.do("POST", "/message/"+id+"/retry", ""); a.status != 202 {
		t.Errorf("a cancelled message: got %d %s, want 202", a.status, a.body)
	}
	if n := w.stored(); n != 3 {
		t.Errorf("got %d messages, want 3", n)
	}
}
