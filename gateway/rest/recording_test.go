package rest

import (
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// tape is a recording of one modem.
type tape struct{}

var tapeTime = api.Time{Time: time.Date(2026, 3, 13, 14, 25, 0, 7e6, time.UTC)}

func (tape) Lines(modem string, after uint64) []api.RecordedLine {
	if modem != "office" || after >= 2 {
		return nil
	}
	return []api.RecordedLine{{Seq: 2, At: tapeTime, Dir: "<", Text: "OK"}}
}

func (tape) Saved() ([]api.Recording, error) {
	return []api.Recording{{Name: "office-1.log", Size: 3, At: tapeTime}}, nil
}

func (tape) Read(name string) ([]byte, error) {
	if name != "office-1.log" {
		return nil, gateway.ErrNotFound
	}
	return []byte("# <b>lost</b>\n"), nil
}

func TestRecordings(t *testing.T) {
	office := fakeModem{gateway.ModemStatus{Modem: "office", Slot: 1}}
	w := newWorldWith(t, Options{Recordings: tape{}}, office)
	line := `[{"seq":2,"at":"2026-03-13T14:25:00.007Z","dir":"\u003c","text":"OK"}]`
	for _, tt := range []struct {
		path   string
		status int
		body   string
	}{
		{"/modems/office/trace", 200, line},
		{"/modems/1/trace?after=1", 200, line},
		{"/modems/1/trace?after=2", 200, `[]`},
		{"/modems/1/trace?after=x", 400, `{"message":"after must be the seq of a line, a whole number from 0"}`},
		{"/recordings", 200, `[{"name":"office-1.log","size":3,"at":"2026-03-13T14:25:00.007Z"}]`},
		{"/recordings/office-1.log", 200, "# <b>lost</b>"},
	} {
		a := w.do("GET", tt.path, "")
		if a.status != tt.status || a.body != tt.body {
			t.Errorf("GET %s: got %d %s, want %d %s", tt.path, a.status, a.body, tt.status, tt.body)
		}
	}
	if a := w.do("GET", "/recordings/office-1.log", ""); a.header.Get("Content-Type") != "text/plain; charset=utf-8" || a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", a.header)
	}
	for _, path := range []string{"/modems/van/trace", "/recordings/nope", "/recordings/..%2f..%2fetc%2fpasswd"} {
		if a := w.do("GET", path, ""); a.status != 404 {
			t.Errorf("GET %s: got %d %s, want 404", path, a.status, a.body)
		}
	}
	bare := newWorld(t, office)
	if a := bare.do("GET", "/modems/1/trace", ""); a.body != "[]" {
		t.Errorf("without recordings: %s", a.body)
	}
	if a := bare.do("GET", "/recordings", ""); a.body != "[]" {
		t.Errorf("without recordings: %s", a.body)
	}
}
