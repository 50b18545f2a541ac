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

func TestBatch(t *testing.T) {
	w := newWorld(t)
	a := w.do("POST", "/messages/batch", `{"message":"to all","priority":5,"ttl":60,"withDeliveryReport":false,"messages":[
		{"phoneNumbers":["+4915110000001"]},
		{"id":"own","phoneNumbers":["+4915110000002"],"textMessage":{"text":"to you"},"priority":null,"withDeliveryReport":true},
		{"phoneNumbers":["+4915110000003","+4915110000004"],"validUntil":"2100-01-01T00:00:00Z"}]}`)
	var got api.BatchAnswer
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 202 {
		t.Fatalf("got %d %s, %v", a.status, a.body, err)
	}
	if got.Accepted != 3 || got.Refused != 0 || len(got.Messages) != 3 || got.Messages[1].ID != "own" || got.Messages[2].Index != 2 {
		t.Fatalf("got %s", a.body)
	}
	type message struct {
		Text           string
		To             []string
		Priority       int8
		Report, Expire bool
	}
	want := []message{
		{"to all", []string{"+4915110000001"}, 5, false, true},
		{"to you", []string{"+4915110000002"}, 0, true, true},
		{"to all", []string{"+4915110000003", "+4915110000004"}, 5, false, false},
	}
	for i, sent := range got.Messages {
		m, err := w.gateway.Message(sent.ID)
		if err != nil {
			t.Fatal(err)
		}
		is := message{Text: m.Text, Priority: m.Priority, Report: m.DeliveryReport, Expire: m.Expires != 0}
		for _, r := range m.Recipients {
			is.To = append(is.To, r.Address)
		}
		if diff := cmp.Diff(want[i], is); diff != "" {
			t.Errorf("message %d (-want +got)\n%s", i, diff)
		}
	}
}

// A batch without messages is one message to each number.
func TestBatchToEach(t *testing.T) {
	w := newWorld(t)
	a := w.do("POST", "/messages/batch", `{"textMessage":{"text":"hi"},"phoneNumbers":["+4915110000001","+4915110000002"]}`)
	if a.status != 202 || w.stored() != 2 {
		t.Fatalf("got %d %s and %d messages, want 2", a.status, a.body, w.stored())
	}
	ms, _, err := w.gateway.Messages(gateway.MessageQuery{Limit: 10})
	if err != nil || len(ms[0].Recipients) != 1 || ms[0].Text != "hi" {
		t.Errorf("got %+v, %v", ms, err)
	}
}

const halfBad = `{"messages":[
	{"message":"a","phoneNumbers":["+4915110000001"]},
	{"message":"","phoneNumbers":["+4915110000001"]},
	{"message":"b","phoneNumbers":["+4915110000001","nobody"]},
	{"id":"taken","message":"c","phoneNumbers":["+4915110000001"]},
	{"id":"new","message":"d","phoneNumbers":["+4915110000001"]},
	{"id":"new","message":"e","phoneNumbers":["+4915110000001"]},
	{"message":7,"phoneNumbers":["+4915110000001"]}]}`

func TestBatchRefuses(t *testing.T) {
	w := newWorld(t)
	if a := w.do("POST", "/messages", `{"id":"taken","message":"x","phoneNumbers":["+4915110000001"]}`); a.status != 202 {
		t.Fatal(a.body)
	}
	wrong := []api.BatchError{
		{Index: 1, Field: "textMessage.text", Message: "Text message is empty"},
		{Index: 2, Field: "phoneNumbers[1]", Message: `phoneNumbers[1] "nobody" cannot be sent to: 'n' does not belong in a phone number`},
		{Index: 3, Field: "id", Message: gateway.ErrExists.Message},
		{Index: 5, Field: "id", Message: `id "new" is that of messages[4], too`},
		{Index: 6, Field: "message", Message: "message must be a string, got a number"},
	}
	a := w.do("POST", "/messages/batch", halfBad)
	var e api.Error
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status != 400 {
		t.Fatalf("got %d %s, %v, want 400", a.status, a.body, err)
	}
	if diff := cmp.Diff(wrong, e.Errors); diff != "" {
		t.Errorf("errors (-want +got)\n%s", diff)
	}
	if want := "5 of 7 messages cannot be accepted, and nothing was stored; messages[1]: Text message is empty"; e.Message != want {
		t.Errorf("got %q, want %q", e.Message, want)
	}
	if n := w.stored(); n != 1 {
		t.Errorf("got %d messages, want 1", n)
	}

	a = w.do("POST", "/messages/batch?partial=true", halfBad)
	var got api.BatchAnswer
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 202 {
		t.Fatalf("partial: got %d %s, %v", a.status, a.body, err)
	}
	if diff := cmp.Diff(wrong, got.Errors); diff != "" {
		t.Errorf("partial: errors (-want +got)\n%s", diff)
	}
	if got.Accepted != 2 || got.Refused != 5 || got.Messages[0].Index != 0 || got.Messages[1].Index != 4 || w.stored() != 3 {
		t.Errorf("partial: got %s and %d messages", a.body, w.stored())
	}

	a = w.do("POST", "/messages/batch?partial=true", `{"messages":[{"id":"taken","message":"x","phoneNumbers":["+4915110000001"]}]}`)
	if a.status != 409 {
		t.Errorf("only known IDs: got %d %s, want 409", a.status, a.body)
	}
	for body, want := range map[string]string{
		`{}`:                                "a batch needs messages, an array of objects, or textMessage and phoneNumbers for one message to each",
		`{"messages":[]}`:                   "messages has 0 entries, allowed in one batch are 1 to 10000",
		`{"messages":{}}`:                   "messages must be an array, got an object",
		`{"messages":[{},null]}`:            "messages[1] must be an object, got null",
		`{"id":"x","messages":[{}]}`:        "id belongs to the entries of messages: each message needs one of its own",
		`{"message":"x","phoneNumbers":[]}`: "phoneNumbers has 0 entries, allowed in one batch are 1 to 10000",
		`{"message":"x","phoneNumbers":[` + strings.Repeat("1,", 10_000) + `1]}`:                                  "phoneNumbers has 10001 entries, allowed in one batch are 1 to 10000",
		`{"message":"` + strings.Repeat("x", 26_844) + `","phoneNumbers":[` + strings.Repeat("1,", 9_999) + `1]}`: "what the batch says for all its messages has 26846 bytes: with 10000 messages it may have at most 26843",
		`{"messages":[{` + strings.Repeat(`"x":0,`, 1000) + `"x":0}]}`:                                            "messages[0] has more than 1000 fields",
		`{` + strings.Repeat(`"x":0,`, 1000) + `"x":0}`:                                                           "the request body has more than 1000 fields",
	} {
		if a := w.do("POST", "/messages/batch", body); a.status != 400 || a.body != `{"message":"`+want+`"}` {
			t.Errorf("%.40s: got %d %s, want 400 %s", body, a.status, a.body, want)
		}
	}
}

// What all messages together may have is bounded, and who sends more is told to divide it.
func TestBatchBounds(t *testing.T) {
	w := newWorld(t)
	numbers := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"+49151%08d",`, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	thousand := `{"message":"x","phoneNumbers":[` + numbers(1000) + `]},`
	a := w.do("POST", "/messages/batch", `{"messages":[`+strings.Repeat(thousand, 20)+strings.TrimSuffix(thousand, ",")+`]}`)
	if a.status != 400 || !strings.Contains(a.body, "the messages have more than 20000 recipients together: send the batch in pieces") {
		t.Errorf("recipients: got %d %.200s", a.status, a.body)
	}
	if a := w.do("POST", "/messages/batch", `{"messages":[`+strings.Repeat(" ", api.MaxBatchBytes)+`]}`); a.status != 413 || !strings.Contains(a.body, fmt.Sprintf("larger than %d bytes", api.MaxBatchBytes)) {
		t.Errorf("body: got %d %.200s", a.status, a.body)
	}
	if n := w.stored(); n != 0 {
		t.Errorf("%d messages were stored", n)
	}
}

func TestBatchListsFewErrors(t *testing.T) {
	w := newWorld(t)
	a := w.do("POST", "/messages/batch", `{"message":"x","phoneNumbers":[`+strings.Repeat(`"x",`, 199)+`"x"]}`)
	var e api.Error
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status != 400 || len(e.Errors) != 50 {
		t.Errorf("got %d with %d errors, %v, want 400 with 50", a.status, len(e.Errors), err)
	}
}

// bigBatch returns a batch of n messages.
func bigBatch(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"message":"Your parcel %d arrives today between 10 and 12","phoneNumbers":["+49151%08d"]},`, i, i)
	}
	return `{"messages":[` + strings.TrimSuffix(b.String(), ",") + `]}`
}

func TestBatchOfTenThousand(t *testing.T) {
	w := newWorld(t)
	body := bigBatch(10_000)
	began := time.Now()
	a := w.do("POST", "/messages/batch", body, api.IdempotencyKey, "big")
	t.Logf("%d bytes took %s", len(body), time.Since(began))
	if a.status != 202 || w.stored() != 10_000 {
		t.Fatalf("got %d %.200s and %d messages", a.status, a.body, w.stored())
	}
	if again := w.do("POST", "/messages/batch", body, api.IdempotencyKey, "big"); again.body != a.body || w.stored() != 10_000 {
		t.Errorf("the repeated batch got %d and made %d messages", again.status, w.stored())
	}
}

func BenchmarkBatch(b *testing.B) {
	w := newWorldWith(b, Options{})
	body := bigBatch(10_000)
	for b.Loop() {
		if a := w.do("POST", "/messages/batch", body); a.status != 202 {
			b.Fatal(a.body)
		}
	}
}
