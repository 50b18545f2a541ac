package bulk

import (
	"strings"
	"testing"

	"tetherd/gateway/api"
)

// file returns one of n rows, each as change has it.
func file(n int, change func(i int, r *api.SendRequest)) *File {
	f := &File{Name: "f", Rows: make([]Row, n)}
	for i := range f.Rows {
		f.Rows[i] = Row{i + 2, api.SendRequest{PhoneNumbers: []string{"+491"}, TextMessage: &api.TextMessage{Text: "x"}}}
		if change != nil {
			change(i, &f.Rows[i].Request)
		}
	}
	return f
}

func batches(t *testing.T, f *File, name string) []Batch {
	t.Helper()
	bs, err := f.Batches(name, 0)
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	for i, b := range bs {
		if b.First != next || len(b.Messages) == 0 || len(b.Key) < 40 || len(b.Key) > 128 {
			t.Errorf("batch %d begins with row %d, not %d, has %d messages and key %q", i, b.First, next, len(b.Messages), b.Key)
		}
		next += len(b.Messages)
	}
	if next != len(f.Rows) {
		t.Errorf("the batches hold %d rows of %d", next, len(f.Rows))
	}
	return bs
}

func TestBatches(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, tt := range []struct {
		name   string
		rows   int
		change func(i int, r *api.SendRequest)
		want   int
	}{
		{"one", 1, nil, 1},
		{"just one", 10_000, nil, 1},
		{"two", 10_001, nil, 2},
		{"many numbers", 3, func(_ int, r *api.SendRequest) { r.PhoneNumbers = make([]string, 10_000) }, 2},
		{"encrypted", 201, func(_ int, r *api.SendRequest) { r.IsEncrypted = true }, 3},
		{"large", 31, func(_ int, r *api.SendRequest) { r.TextMessage = &api.TextMessage{Text: long} }, 3},
		{"too large by itself", 2, func(_ int, r *api.SendRequest) { r.PhoneNumbers = make([]string, 20_001) }, 2},
	} {
		if got := len(batches(t, file(tt.rows, tt.change), "")); got != tt.want {
			t.Errorf("%s: %d batches, want %d", tt.name, got, tt.want)
		}
	}
}

// TestKeys has the key stay what it is with the file, whatever the flags, and become
// another with anything that is sent.
func TestKeys(t *testing.T) {
	key := func(name string, change func(int, *api.SendRequest)) string {
		return batches(t, file(2, change), name)[0].Key
	}
	first := key("", nil)
	if got := key("", func(_ int, r *api.SendRequest) { r.Priority, r.TTL, r.Flash = 5, new(int32(60)), true }); got != first {
		t.Error("flags change the key")
	}
	seen := map[string]string{first: "the first"}
	for name, k := range map[string]string{
		"another name": key("again", nil),
		"number":       key("", func(_ int, r *api.SendRequest) { r.PhoneNumbers = []string{"+492"} }),
		"text":         key("", func(_ int, r *api.SendRequest) { r.TextMessage = &api.TextMessage{Text: "y"} }),
		"data":         key("", func(_ int, r *api.SendRequest) { r.TextMessage, r.DataMessage = nil, &api.DataMessage{Data: "SGk="} }),
		"id":           key("", func(i int, r *api.SendRequest) { r.ID = string(rune('a' + i)) }),
		"more rows":    batches(t, file(3, nil), "")[0].Key,
	} {
		if other, ok := seen[k]; ok {
			t.Errorf("%s has the key of %s", name, other)
		}
		seen[k] = name
	}
	if bs := batches(t, file(20_000, nil), ""); bs[0].Key == bs[1].Key {
		t.Error("two equal halves of a file have one key: the second would not be sent")
	}
}
