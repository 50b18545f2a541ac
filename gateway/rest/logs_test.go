package rest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

func TestLogs(t *testing.T) {
	w := newWorld(t)
	if a := w.do("GET", "/logs", ""); a.status != 200 || a.body != "[]" || a.header.Get("X-Total-Count") != "0" {
		t.Errorf("empty: got %d %s, total %q", a.status, a.body, a.header.Get("X-Total-Count"))
	}
	err := w.db.AppendLog(t.Context(), []gateway.LogEntry{
		{At: at(10, 0, 0), Level: gateway.LogInfo, Module: "engine", Message: "one", Context: json.RawMessage(`{"n":1}`)},
		{At: at(11, 0, 0), Level: gateway.LogError, Message: "two"},
	})
	if err != nil {
		t.Fatal(err)
	}
	one := `{"id":1,"priority":"INFO","module":"engine","message":"one","context":{"n":1},"createdAt":"2026-03-13T11:00:00.000+01:00"}`
	two := `{"id":2,"priority":"ERROR","module":"","message":"two","createdAt":"2026-03-13T12:00:00.000+01:00"}`
	for query, want := range map[string]string{
		"":                                  one + "," + two,
		"?from=2026-03-13T11:30:00%2B01:00": two,
		"?from=2026-03-13T11:30:00+01:00":   two,
		"?to=2026-03-13T10:00:00Z":          one,
		"?from=soon&to=never":               one + "," + two,
		"?from=2027-01-01T00:00:00Z":        "",
		"?from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z": "",
	} {
		if a := w.do("GET", "/logs"+query, ""); a.status != 200 || a.body != "["+want+"]" || a.header.Get("X-Truncated") != "" {
			t.Errorf("%s: got %d %s, want %s", query, a.status, a.body, want)
		}
	}
	es, err := w.client.Logs(t.Context(), at(10, 0, 0), time.Time{})
	if err != nil || len(es) != 2 || string(es[0].Context) != `{"n":1}` {
		t.Errorf("client: got %+v, %v", es, err)
	}
	if es, err = w.client.Logs(t.Context(), at(10, 0, 1), at(11, 0, 0)); err != nil || len(es) != 1 {
		t.Errorf("client: got %+v, %v", es, err)
	}
}

// Of very many entries the latest are shown, and a header says so.
func TestLogsAreBounded(t *testing.T) {
	w := newWorld(t)
	es := make([]gateway.LogEntry, maxLogs+7)
	for i := range es {
		es[i] = gateway.LogEntry{At: at(10, 0, 0), Level: gateway.LogInfo, Message: fmt.Sprint(i)}
	}
	if err := w.db.AppendLog(t.Context(), es); err != nil {
		t.Fatal(err)
	}
	a := w.do("GET", "/logs?"+url.Values{"limit": {"5"}}.Encode(), "")
	var got []struct{ Message string }
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatal(err)
	}
	shown := []string{a.header.Get("X-Truncated"), a.header.Get("X-Total-Count"), got[0].Message, got[len(got)-1].Message}
	if diff := cmp.Diff([]string{"7", "5007", "7", "5006"}, shown); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
