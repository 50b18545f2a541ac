package rest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/gateway/sms"
)

func TestPreview(t *testing.T) {
	w := newWorld(t)
	x := strings.Repeat("x", 80)
	a := w.do("POST", "/messages/preview", `{"text":"`+x+`“a”🙂","phoneNumbers":["0151 10000001","nobody"]}`)
	var got api.Preview
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 {
		t.Fatalf("got %d %s, %v", a.status, a.body, err)
	}
	want := api.Preview{
		Layout: api.Layout{
			Encoding: "auto", Alphabet: "ucs2", Parts: 2, Units: 85, Left: 49, Limits: api.Limits{Single: 70, Concatenated: 67},
			Texts: []string{x[:67], x[67:] + "“a”🙂"},
		},
		Misfits: []api.Misfit{
			{Character: "“", CodePoint: "U+201C", Positions: []int{80}, Replacement: new(`"`)},
			{Character: "”", CodePoint: "U+201D", Positions: []int{82}, Replacement: new(`"`)},
			{Character: "🙂", CodePoint: "U+1F642", Positions: []int{83}},
		},
		Smart: api.SmartPreview{Text: x + "“a”🙂", Alphabet: "ucs2", Parts: 2},
		Recipients: []api.PlannedRecipient{
			{PhoneNumber: "0151 10000001", Normalized: "+4915110000001"},
			{PhoneNumber: "nobody", Error: "it cannot be sent to: 'n' does not belong in a phone number"},
		},
		TotalParts: 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	a = w.do("POST", "/messages/preview", `{"textMessage":{"text":"`+x+`“a”"},"encoding":"smart"}`)
	got = api.Preview{}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Alphabet != "gsm7" || got.Parts != 1 || got.TotalParts != 1 ||
		got.Left != 77 || got.Texts[0] != x+`"a"` || got.Smart.Saves != 1 {
		t.Errorf("smart: got %d %s, %v", a.status, a.body, err)
	}
	for body, want := range map[string]string{
		`{"text":""}`:                                   "Text message is empty",
		`{"text":"“","encoding":"gsm7"}`:                "text has characters outside of the GSM 7-bit alphabet: '“'; replace them, or choose encoding smart or auto",
		`{"text":"x","encoding":"GSM"}`:                 "encoding must be auto, smart, gsm7 or ucs2",
		`{"text":"x","message":"y"}`:                    "Cannot specify multiple message types simultaneously",
		`{"dataMessage":{"data":"SGk=","port":1}}`:      "only texts that are not encrypted can be previewed; use POST /messages?dryRun=true",
		`{"text":"` + strings.Repeat("x", 40000) + `"}`: "text needs 262 message parts but only 20 are allowed: shorten it, send it as several messages or raise the limit",
	} {
		if a := w.do("POST", "/messages/preview", body); a.status != 400 || a.body != marshalled(t, api.Error{Message: want}) {
			t.Errorf("%.40s: got %d %s, want 400 %s", body, a.status, a.body, want)
		}
	}
}

// What smart encoding makes possible is shown although the text would be too long as it is.
func TestPreviewOfWhatOnlySmartAllows(t *testing.T) {
	w := newWorld(t)
	text := strings.Repeat("x", 20*153-1) + "–"
	a := w.do("POST", "/messages/preview", `{"text":"`+text+`","encoding":"smart"}`)
	var got api.Preview
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Parts != 20 || got.Smart.Saves != 26 || got.Left != 0 {
		t.Errorf("got %d %.300s, %v", a.status, a.body, err)
	}
	if a := w.do("POST", "/messages", `{"message":"`+text+`","encoding":"smart","phoneNumbers":["+4915110000001"]}`); a.status != 202 {
		t.Errorf("it is not sent: got %d %.300s", a.status, a.body)
	}
	a = w.do("POST", "/messages/preview", `{"text":"`+text+`"}`)
	if sent := w.do("POST", "/messages", `{"message":"`+text+`","phoneNumbers":["+4915110000001"]}`); a.status != 400 || sent.status != 400 || a.body != sent.body {
		t.Errorf("got %d %.300s and then %d %.300s", a.status, a.body, sent.status, sent.body)
	}
}

func marshalled(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDryRun(t *testing.T) {
	m := &fakeModem{gateway.ModemStatus{Modem: "office", State: gateway.ModemReady}}
	w := newWorld(t, m)
	const body = `{"id":"m1","message":"hi","phoneNumbers":["0151 10000001","+4915110000002"]}`
	want := api.Plan{
		DryRun: true,
		Layout: api.Layout{
			Encoding: "auto", Alphabet: "gsm7", Parts: 1, Units: 2, Left: 158,
			Limits: api.Limits{Single: 160, Concatenated: 153}, Texts: []string{"hi"},
		},
		Recipients: []api.PlannedRecipient{
			{PhoneNumber: "0151 10000001", Normalized: "+4915110000001", Modem: "office"},
			{PhoneNumber: "+4915110000002", Normalized: "+4915110000002", Modem: "office"},
		},
		TotalParts: 2,
	}
	check := func() {
		t.Helper()
		a := w.do("POST", "/messages?dryRun=true", body, api.IdempotencyKey, "k")
		var got api.Plan
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 {
			t.Fatalf("got %d %s, %v", a.status, a.body, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	check()
	m.status.State, m.status.Reason = gateway.ModemBlocked, "the SIM wants a PIN: set pin"
	for i := range want.Recipients {
		want.Recipients[i].Modem, want.Recipients[i].Waiting = "", "modem office is blocked: the SIM wants a PIN: set pin"
	}
	check()
	if a := w.do("POST", "/messages?dryRun=true", `{"message":"","phoneNumbers":["+4915110000002"]}`); a.status != 400 {
		t.Errorf("got %d %s, want 400", a.status, a.body)
	}
	a := w.do("POST", "/messages/batch?dryRun=true&partial=true", halfBad)
	var got api.BatchPlan
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Accepted != 3 || got.Refused != 4 || got.TotalParts != 3 || *got.Messages[2].Index != 4 {
		t.Errorf("got %d %s, %v", a.status, a.body, err)
	}
	if n := w.stored(); n != 0 {
		t.Errorf("got %d messages, want none", n)
	}
	if a := w.do("POST", "/messages", body, api.IdempotencyKey, "k"); a.status != 202 || a.header.Get(api.IdempotentReplayed) != "" {
		t.Errorf("got %d %s: a dry run was remembered", a.status, a.body)
	}
}

func TestEncoding(t *testing.T) {
	w := newWorldWith(t, Options{Encoding: sms.Smart})
	for asked, want := range map[string]string{"": "smart", "auto": "", "ucs2": "ucs2"} {
		a := w.do("POST", "/messages", `{"message":"a – b","encoding":"`+asked+`","phoneNumbers":["+4915110000002"]}`)
		var m api.Message
		if err := json.Unmarshal([]byte(a.body), &m); err != nil || m.Encoding != want || m.TextMessage.Text != "a – b" {
			t.Errorf("%q: got %d %s, %v, want %q", asked, a.status, a.body, err, want)
		}
	}
	a := w.do("POST", "/messages", `{"message":"a – b","encoding":"gsm7","phoneNumbers":["+4915110000002"]}`)
	if a.status != 400 || !strings.Contains(a.body, "'–'") {
		t.Errorf("got %d %s, want 400", a.status, a.body)
	}
}

// TestDryRunOfRepeatedBatch says of a batch that took effect before that it would not
// once more, although its ids are taken by now, and refuses the key for another.
func TestDryRunOfRepeatedBatch(t *testing.T) {
	w := newWorld(t)
	const body = `{"messages":[{"id":"a","message":"x","phoneNumbers":["+4915110000002"]}]}`
	const dry = "/messages/batch?dryRun=true"
	plan := func() (a answered, p api.BatchPlan) {
		t.Helper()
		a = w.do("POST", dry, body, api.IdempotencyKey, "k")
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != 200 {
			t.Fatalf("got %d %s, %v", a.status, a.body, err)
		}
		return a, p
	}
	if a, p := plan(); p.Replayed || p.Accepted != 1 {
		t.Errorf("before: got %s", a.body)
	}
	if a := w.do("POST", "/messages/batch", body, api.IdempotencyKey, "k"); a.status != 202 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	if a, _ := plan(); a.body != `{"dryRun":true,"replayed":true,"accepted":0,"refused":0,"totalParts":0,"messages":[]}` {
		t.Errorf("after: got %s", a.body)
	}
	if a := w.do("POST", dry, body); a.status != 409 {
		t.Errorf("without the key: got %d %s, want 409", a.status, a.body)
	}
	if a := w.do("POST", dry, strings.Replace(body, `"x"`, `"y"`, 1), api.IdempotencyKey, "k"); a.status != 422 {
		t.Errorf("another batch: got %d %s, want 422", a.status, a.body)
	}
	if a := w.do("POST", dry, body, api.IdempotencyKey, strings.Repeat("k", 129)); a.status != 400 {
		t.Errorf("long key: got %d %s, want 400", a.status, a.body)
	}
}
