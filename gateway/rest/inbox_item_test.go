package rest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInboxItem(t *testing.T) {
	w := newWorld(t)
	w.fill()
	var listed []string
	for item := range strings.SplitSeq(strings.Trim(w.do("GET", "/inbox", "").body, "[]"), `,{"id"`) {
		listed = append(listed, `{"id"`+strings.TrimPrefix(item, `{"id"`))
	}
	for i, id := range []string{"data:3", "data:2", "text:1"} {
		a := w.do("GET", "/inbox/"+strings.Replace(id, ":", "%3A", i), "")
		// The split cuts at the bracket of the last item.
		if diff := cmp.Diff(strings.TrimSuffix(listed[i], "}")+"}", a.body); a.status != 200 || diff != "" {
			t.Errorf("%s: got %d (-want +got)\n%s", id, a.status, diff)
		}
	}
	if a := w.do("GET", "/inbox/00000002", ""); a.status != 200 || !strings.HasPrefix(a.body, `{"id":"data:2"`) {
		t.Errorf("by messageId: got %d %s", a.status, a.body)
	}
	if a := w.do("GET", "/inbox/text:1?include=raw", ""); a.status != 200 || !strings.Contains(a.body, `"raw":["01"]`) {
		t.Errorf("raw: got %d %s", a.status, a.body)
	}
	if a := w.do("GET", "/inbox/text:1?include=all", ""); a.status != 400 {
		t.Errorf("include=all: got %d", a.status)
	}
	for _, id := range []string{"text:2", "data:1", "text:4", "text:-1", "text:", "text:1x", "text:99999999999", "mms:1", "1", "zzzzzzzz", "00000009"} {
		if a := w.do("GET", "/inbox/"+id, ""); a.status != 404 || a.body != "" {
			t.Errorf("%s: got %d %s, want 404 and nothing", id, a.status, a.body)
		}
	}
}

func TestAttachments(t *testing.T) {
	w := newWorld(t)
	w.fill()
	for path, want := range map[string]int{
		"/inbox/text:1/attachments/1":      404,
		"/inbox/text:1/attachments/-1":     404,
		"/inbox/text:7/attachments/1":      404,
		"/inbox/text:1/attachments/first":  400,
		"/inbox/text:7/attachments/1.5":    400,
		"/inbox/mms:1/attachments/9999999": 404,
	} {
		a := w.do("GET", path, "")
		if a.status != want || (a.body == "") != (want == 404) {
			t.Errorf("%s: got %d %q, want %d", path, a.status, a.body, want)
		}
	}
}
