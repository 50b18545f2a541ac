package rest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// at returns a moment of the day that the tests' messages are of.
func at(hour, minute, ms int) time.Time {
	return time.Date(2026, 3, 13, hour, minute, 0, ms*1_000_000, time.UTC)
}

// finished is a message with every kind of outcome.
func finished(id string, created time.Time) gateway.Message {
	return gateway.Message{
		ID: id, Text: "a <b> & 'c'", SIM: 2, Priority: 5, CreatedAt: created, ScheduleAt: created.Add(time.Minute),
		FirstReached: map[gateway.State]time.Time{
			gateway.Pending: created, gateway.Processed: created.Add(time.Second), gateway.Sent: created.Add(2 * time.Second),
		},
		Recipients: []gateway.Recipient{
			{Number: "0151 10000001", Address: "+4915110000001", State: gateway.Delivered, Phase: gateway.Finished, PossibleDuplicate: true},
			{Number: "+4915110000002", Address: "+4915110000002", State: gateway.Failed, Phase: gateway.Finished, Error: "Send result: no network", Code: "CMS 38"},
			{Number: "+4915110000003", Address: "+4915110000003", State: gateway.Sent, Phase: gateway.Finished, Modem: "office"},
		},
	}
}

func TestMessageGolden(t *testing.T) {
	w := newWorld(t)
	w.store(gateway.Change{Messages: []gateway.Message{finished("m1", at(14, 25, 7))}})
	const head = `{"id":"m1","deviceId":"ID","state":"Sent","isHashed":false,"isEncrypted":false,"scheduleAt":"2026-03-13T15:26:00.007+01:00",`
	const text = `"textMessage":{"text":"a \u003cb\u003e \u0026 'c'"},`
	const tail = `"simNumber":2,"priority":5,"recipients":[` +
		`{"phoneNumber":"0151 10000001","state":"Delivered","possibleDuplicate":true},` +
		`{"phoneNumber":"+4915110000002","state":"Failed","error":"Send result: no network","errorCode":"CMS 38","errorHelp":"Check the credit and \"smsc\" of this modem if it does not pass by itself."},` +
		`{"phoneNumber":"+4915110000003","state":"Sent"}],` +
		`"states":{"Pending":"2026-03-13T15:25:00.007+01:00","Processed":"2026-03-13T15:25:01.007+01:00","Sent":"2026-03-13T15:25:02.007+01:00"},` +
		`"createdAt":"2026-03-13T15:25:00.007+01:00"}`
	for path, want := range map[string]string{
		"/messages/m1":                   head + text + tail,
		"/messages":                      "[" + head + tail + "]",
		"/messages?includeContent=false": "[" + head + tail + "]",
		"/messages?includeContent=true":  "[" + head + text + tail + "]",
	} {
		a := w.do("GET", path, "")
		if diff := cmp.Diff(want, anyID.ReplaceAllString(a.body, `"$1":"ID"`)); a.status != 200 || diff != "" {
			t.Errorf("GET %s: got %d (-want +got)\n%s", path, a.status, diff)
		}
		if got, want := a.header.Get("Content-Type"), "application/json; charset=utf-8"; got != want {
			t.Errorf("GET %s: got Content-Type %q, want %q", path, got, want)
		}
	}
}

func TestMessageUnknown(t *testing.T) {
	w := newWorld(t)
	long := "/messages/" + strings.Repeat("x", 40_000) // longer than a key of the store may be
	for _, path := range []string{"/messages/none", "/message/none", long} {
		for _, method := range []string{"GET", "DELETE"} {
			if a := w.do(method, path, ""); a.status != 404 || a.body != "" {
				t.Errorf("%s %.20s: got %d %q, want 404 without a body", method, path, a.status, a.body)
			}
		}
	}
}

func TestCancel(t *testing.T) {
	w := newWorld(t)
	id := w.send("hi", "+4915110000001")
	want := `{"id":"ID","deviceId":"ID","state":"Cancelled","isHashed":false,"isEncrypted":false,` +
		`"recipients":[{"phoneNumber":"+4915110000001","state":"Cancelled"}],"states":{"Cancelled":"TIME","Pending":"TIME"},"createdAt":"TIME"}`
	for range 2 { // the second time nothing is left to cancel
		a := w.do("DELETE", "/messages/"+id, "")
		if diff := cmp.Diff(want, masked(a.body)); a.status != 200 || diff != "" {
			t.Errorf("got %d (-want +got)\n%s", a.status, diff)
		}
	}
	w.store(gateway.Change{Messages: []gateway.Message{finished("sent", at(1, 0, 0))}})
	a := w.do("DELETE", "/messages/sent", "")
	if want := `{"message":"Message sent is not in Pending state"}`; a.status != 400 || a.body != want {
		t.Errorf("got %d %s, want 400 %s", a.status, a.body, want)
	}
}

// ids returns the message IDs of a list.
func (a answered) ids(t *testing.T) []string {
	t.Helper()
	var ms []api.Message
	if err := json.Unmarshal([]byte(a.body), &ms); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	ids := []string{}
	for _, m := range ms {
		ids = append(ids, m.ID)
	}
	return ids
}

func TestListMessages(t *testing.T) {
	w := newWorld(t)
	var c gateway.Change
	for i := range 60 { // m0 is the oldest, one a minute
		m := finished(fmt.Sprintf("m%d", i), at(10, i, 500))
		if i%20 == 0 {
			m.Recipients = m.Recipients[1:2] // the one that failed
		}
		c.Messages = append(c.Messages, m)
	}
	w.store(c)
	newest := func(from, to int) []string {
		ids := []string{}
		for i := from; i >= to; i-- {
			ids = append(ids, fmt.Sprintf("m%d", i))
		}
		return ids
	}
	for _, tt := range []struct {
		query string
		want  []string
		total string
	}{
		{"", newest(59, 10), "60"},
		{"limit=3", newest(59, 57), "60"},
		{"limit=3&offset=4", newest(55, 53), "60"},
		{"limit=0", newest(59, 59), "60"},
		{"limit=-7", newest(59, 59), "60"},
		{"limit=1000", newest(59, 0), "60"},
		{"limit=99999999999999999999", newest(59, 0), "60"},
		{"limit=many&offset=few", newest(59, 10), "60"},
		{"offset=-5&limit=1", newest(59, 59), "60"},
		{"offset=60", []string{}, "60"},
		{"state=Failed", []string{"m40", "m20", "m0"}, "3"},
		{"state=Failed&limit=1&offset=1", []string{"m20"}, "3"},
		{"state=Delivered", []string{}, "0"},
		{"state=Cancelling", []string{}, "0"},
		{"from=2026-03-13T10:58:00.500Z", newest(59, 58), "2"},
		{"from=2026-03-13T10:58:00.501Z", newest(59, 59), "1"},
		{"to=2026-03-13T10:01:00.5Z", newest(1, 0), "2"},
		{"from=2026-03-13T11:01:00%2B01:00&to=2026-03-13T11:03:00%2B01:00", newest(2, 1), "2"},
		{"from=2026-03-13T11:01:00+01:00&to=2026-03-13T11:03:00+01:00", newest(2, 1), "2"}, // "+" not encoded
		{"from=yesterday&to=&limit=1", newest(59, 59), "60"},
		{"state=Failed&from=2026-03-13T10:10:00Z&to=2026-03-13T10:30:00Z", []string{"m20"}, "1"},
		{"sort=-created_at&limit=1&unknown=1", newest(59, 59), "60"},
		{"sort=created_at&limit=2&offset=1", []string{"m1", "m2"}, "60"},
		{"sort=created_at&state=Failed&from=2026-03-13T10:10:00Z", []string{"m20", "m40"}, "2"},
		{"deviceId=" + w.gateway.DeviceID() + "&limit=1", newest(59, 59), "60"},
	} {
		a := w.do("GET", "/messages?"+tt.query, "")
		if a.status != 200 {
			t.Errorf("%s: got %d %s, want 200", tt.query, a.status, a.body)
			continue
		}
		if got := a.ids(t); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.query, got, tt.want)
		}
		if got := a.header.Get("X-Total-Count"); got != tt.total {
			t.Errorf("%s: got total %s, want %s", tt.query, got, tt.total)
		}
	}
	// The typed client asks for the same.
	ms, total, err := w.client.Messages(t.Context(), api.MessageQuery{
		State: api.Failed, From: at(10, 10, 0), To: at(10, 50, 0).In(time.Local), Limit: 1, Offset: 1, IncludeContent: true,
	})
	if err != nil || total != 2 || len(ms) != 1 || ms[0].ID != "m20" || ms[0].TextMessage == nil {
		t.Errorf("got %+v of %d, %v", ms, total, err)
	}
}

func TestListMessagesRefuses(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]string{
		"state=pending":      "state must be one of Pending, Cancelled, Processed, Sent, Delivered, Failed",
		"includeContent=1":   "includeContent must be true or false",
		"includeContent=yes": "includeContent must be true or false",
		"deviceId=other":     "Invalid device ID",
		"from=2026-03-13T10:00:01Z&to=2026-03-13T10:00:00Z": "Start date cannot be after end date",
		"sort=state": "sort must be created_at, the oldest first, or -created_at",
	} {
		a := w.do("GET", "/messages?"+query, "")
		if want := `{"message":"` + want + `"}`; a.status != 400 || a.body != want {
			t.Errorf("%s: got %d %s, want 400 %s", query, a.status, a.body, want)
		}
	}
}

// The reason is made when it is asked for, so it is always that of the moment.
func TestMessagesSayWhatTheyWaitFor(t *testing.T) {
	m := &fakeModem{gateway.ModemStatus{Modem: "office", State: gateway.ModemBlocked, Reason: "the SIM wants a PIN: set pin"}}
	w := newWorld(t, m)
	id := w.send("hi", "+4915110000001")
	check := func(want string) {
		t.Helper()
		got, err := w.client.Message(t.Context(), id)
		if err != nil || got.Waiting != want || got.Recipients[0].Waiting != want {
			t.Errorf("got %q and %q, %v; want %q", got.Waiting, got.Recipients[0].Waiting, err, want)
		}
		list, _, err := w.client.Messages(t.Context(), api.MessageQuery{})
		if err != nil || len(list) != 1 || list[0].Waiting != want {
			t.Errorf("list: got %+v, %v; want %q", list, err, want)
		}
	}
	check("modem office is blocked: the SIM wants a PIN: set pin")
	m.status.State, m.status.Reason = gateway.ModemAbsent, "nothing is plugged in at its port"
	check("modem office is absent: nothing is plugged in at its port")
	m.status.State = gateway.ModemReady
	check("")
	if _, err := w.client.Cancel(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	m.status.State = gateway.ModemAbsent
	check("")
}

func TestEmptyLists(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/messages", "/inbox", "/webhooks"} {
		if a := w.do("GET", path, ""); a.status != 200 || a.body != "[]" {
			t.Errorf("GET %s: got %d %s, want an empty array", path, a.status, a.body)
		}
	}
}
