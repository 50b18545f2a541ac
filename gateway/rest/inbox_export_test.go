package rest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// exports returns what waits to be told of again, in words.
func (w *world) exports() []string {
	w.t.Helper()
	text, err := w.db.Setting("exports")
	if err != nil {
		w.t.Fatal(err)
	}
	var list []gateway.Export
	if text != "" {
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			w.t.Fatal(err)
		}
	}
	out := []string{}
	for _, e := range list {
		way := "each"
		if e.Batch {
			way = "batches"
		}
		types := ""
		for _, t := range e.Types {
			types += " " + string(t)
		}
		out = append(out, e.Since.UTC().Format("15:04:05.000")+"–"+e.Until.UTC().Format("15:04:05.000")+" "+way+types+" "+e.Modem)
	}
	return out
}

const span = `"since":"2026-03-13T11:00:00.784099254+01:00","until":"2026-03-13T12:00:00Z"`

func TestInboxExport(t *testing.T) {
	for _, tt := range []struct {
		name, path, more string
		want             []string
	}{
		{"export", "/inbox/export", ``, []string{"10:00:00.784–12:00:00.000 each SMS "}},
		{"alias", "/messages/inbox/export", `,"deviceId":null,"messageTypes":null`, []string{"10:00:00.784–12:00:00.000 each SMS "}},
		{"refresh", "/inbox/refresh", ``, []string{}},
		{"refresh with webhooks", "/inbox/refresh", `,"triggerWebhooks":true`, []string{"10:00:00.784–12:00:00.000 each SMS "}},
		{"export without webhooks", "/inbox/export", `,"triggerWebhooks":false`, []string{}},
		{"delivery wins", "/inbox/export", `,"triggerWebhooks":true,"webhookDelivery":"Disabled"`, []string{}},
		{"delivery wins over refresh", "/inbox/refresh", `,"triggerWebhooks":false,"webhookDelivery":"Individual"`, []string{"10:00:00.784–12:00:00.000 each SMS "}},
		{"batches", "/inbox/refresh", `,"webhookDelivery":"Batch","messageTypes":["SMS","DATA_SMS","MMS"]`, []string{"10:00:00.784–12:00:00.000 batches SMS DATA_SMS MMS "}},
		{"of a modem", "/inbox/export", `,"deviceId":"office"`, []string{"10:00:00.784–12:00:00.000 each SMS office"}},
		{"of a modem as others call it", "/inbox/export", `,"deviceId":"dev_office"`, []string{"10:00:00.784–12:00:00.000 each SMS office"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office"}})
			a := w.do("POST", tt.path, "{"+span+tt.more+"}")
			if a.status != 202 || a.body != "" || a.header.Get("Content-Type") != "" {
				t.Errorf("got %d %q of type %q, want 202 and nothing", a.status, a.body, a.header.Get("Content-Type"))
			}
			if diff := cmp.Diff(tt.want, w.exports()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestInboxExportRefuses(t *testing.T) {
	w := newWorld(t)
	for body, want := range map[string]string{
		`{}`:                               "since is required",
		`{"until":"2026-03-13T12:00:00Z"}`: "since is required",
		`{"since":"2026-03-13T12:00:00Z","until":null}`:                   "until is required",
		`{"since":"2026-03-13T12:00:00Z","until":"2026-03-13T12:00:00Z"}`: "since must be before until",
		`{"since":"2026-03-13T13:00:00Z","until":"2026-03-13T12:00:00Z"}`: "since must be before until",
		`{"since":"yesterday","until":"2026-03-13T12:00:00Z"}`:            "since must be a date and time with its offset, such as 2026-03-13T14:25:16+01:00",
		`{` + span + `,"messageTypes":[]}`:                                "messageTypes must not be empty",
		`{` + span + `,"messageTypes":["SMS","FAX","MMS_DOWNLOADED"]}`:    "messageTypes contains unsupported values: FAX, MMS_DOWNLOADED",
		`{` + span + `,"webhookDelivery":"batch"}`:                        "webhookDelivery must be one of Disabled, Individual, Batch",
		`{` + span + `,"deviceId":"other"}`:                               "Invalid device ID",
		`{` + span + `,"triggerWebhooks":"yes"}`:                          "triggerWebhooks must be true or false, got a string",
	} {
		for _, path := range []string{"/inbox/export", "/inbox/refresh"} {
			if a := w.do("POST", path, body); a.status != 400 || a.body != `{"message":"`+want+`"}` {
				t.Errorf("%s %s: got %d %s, want 400 %s", path, body, a.status, a.body, want)
			}
		}
	}
	if got := w.exports(); len(got) > 0 {
		t.Errorf("something is exported: %s", got)
	}
	for i := range 11 {
		if a := w.do("POST", "/inbox/export", "{"+span+"}"); (i < 10) != (a.status == 202) || i == 10 && a.status != 429 {
			t.Errorf("export %d: got %d", i+1, a.status)
		}
	}
}

// What is asked for up to a time to come is done up to now: the rest is told of when
// it comes in.
func TestInboxExportOfTheFuture(t *testing.T) {
	w := newWorld(t)
	if a := w.do("POST", "/inbox/export", `{"since":"2020-01-01T00:00:00Z","until":"2999-01-01T00:00:00Z"}`); a.status != 202 {
		t.Fatal(a.body)
	}
	text, _ := w.db.Setting("exports")
	var list []gateway.Export
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) != 1 || list[0].Until.After(time.Now()) {
		t.Errorf("got %s, %v", text, err)
	}
}
