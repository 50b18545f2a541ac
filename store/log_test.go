package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

// entry is one of the log, from minute n.
func entry(n int) gateway.LogEntry {
	return gateway.LogEntry{
		At: date.Add(time.Duration(n) * time.Minute), Level: gateway.LogInfo, Module: "engine", Message: fmt.Sprint("entry ", n),
		Context: json.RawMessage(`{"n":1}`),
	}
}

// messages returns what entries say.
func messages(es []gateway.LogEntry) (out []string) {
	for _, e := range es {
		out = append(out, e.Message)
	}
	return out
}

func TestLog(t *testing.T) {
	path, clock := tempFile(t), newClock()
	db := openAt(t, path, clock)
	for n := 1; n <= 4; n += 2 {
		if err := db.AppendLog(t.Context(), []gateway.LogEntry{entry(n), entry(n + 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.AppendLog(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	closeChecked(t, db)
	db = openAt(t, path, clock)
	for _, tt := range []struct {
		name  string
		q     gateway.LogQuery
		want  []string
		total int
	}{
		{"all", gateway.LogQuery{Max: 10}, []string{"entry 1", "entry 2", "entry 3", "entry 4"}, 4},
		{"the latest", gateway.LogQuery{Max: 2}, []string{"entry 3", "entry 4"}, 4},
		{"none", gateway.LogQuery{}, nil, 4},
		{"from", gateway.LogQuery{From: entry(3).At, Max: 10}, []string{"entry 3", "entry 4"}, 2},
		{"to", gateway.LogQuery{To: entry(2).At, Max: 10}, []string{"entry 1", "entry 2"}, 2},
		{"between", gateway.LogQuery{From: entry(2).At, To: entry(3).At, Max: 1}, []string{"entry 3"}, 2},
	} {
		es, total, err := db.Log(tt.q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, messages(es)); diff != "" || total != tt.total {
			t.Errorf("%s: got %d in all, want %d (-want +got)\n%s", tt.name, total, tt.total, diff)
		}
	}
	es, _, err := db.Log(gateway.LogQuery{Max: 1})
	want := entry(4)
	want.Seq = 4
	if diff := cmp.Diff([]gateway.LogEntry{want}, es); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// TestLogIsBounded has neither many entries nor large ones fill the disk.
func TestLogIsBounded(t *testing.T) {
	db := openTest(t)
	batch := make([]gateway.LogEntry, 1000)
	for n := 0; n < maxLog+1500; n += len(batch) {
		for i := range batch {
			batch[i] = entry(n + i)
		}
		if err := db.AppendLog(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	es, total, err := db.Log(gateway.LogQuery{Max: 2 * maxLog})
	if err != nil || total != maxLog || len(es) != maxLog || es[0].Message != "entry 2000" {
		t.Errorf("got %d entries from %q, %v, want the latest %d", total, es[0].Message, err, maxLog)
	}
	large := entry(1)
	large.Message = strings.Repeat("x", MaxLogEntry)
	if err := db.AppendLog(t.Context(), []gateway.LogEntry{entry(1), large}); err == nil {
		t.Error("an entry that is too large was stored")
	}
	if _, n, _ := db.Log(gateway.LogQuery{}); n != total {
		t.Errorf("got %d entries after one was refused, want %d", n, total)
	}
}

func TestPruneLog(t *testing.T) {
	path, clock := tempFile(t), newClock()
	db := openAt(t, path, clock)
	for n := range 3 {
		if err := db.AppendLog(t.Context(), []gateway.LogEntry{entry(n)}); err != nil {
			t.Fatal(err)
		}
		clock.boot += time.Hour
	}
	for _, tt := range []struct {
		limit time.Duration
		want  []string
	}{
		{0, []string{"entry 0", "entry 1", "entry 2"}},
		{4 * time.Hour, []string{"entry 0", "entry 1", "entry 2"}},
		{2 * time.Hour, []string{"entry 2"}},
		{time.Minute, nil},
	} {
		if _, _, err := db.Prune(t.Context(), PruneLimits{Logs: tt.limit}); err != nil {
			t.Fatal(err)
		}
		es, _, err := db.Log(gateway.LogQuery{Max: 10})
		if diff := cmp.Diff(tt.want, messages(es)); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", tt.limit, err, diff)
		}
	}
}
