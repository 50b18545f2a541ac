package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

// newBin makes a request bin.
func (w *world) newBin(prefix string) api.Bin {
	w.t.Helper()
	a := w.do("POST", prefix+"/bins", "")
	var b api.Bin
	if err := json.Unmarshal([]byte(a.body), &b); err != nil || a.status != 201 {
		w.t.Fatalf("make bin: got %d %s", a.status, a.body)
	}
	return b
}

// inBin returns what a bin holds.
func (w *world) inBin(id string) (r api.BinRequests) {
	w.t.Helper()
	a := w.do("GET", "/bins/"+id+"/requests", "")
	if err := json.Unmarshal([]byte(a.body), &r); err != nil || a.status != 200 {
		w.t.Fatalf("look into bin: got %d %s", a.status, a.body)
	}
	return r
}

func TestBin(t *testing.T) {
	w := newWorld(t)
	b := w.newBin("/api/v1")
	if want := w.url + "/api/v1/bin/" + b.ID; b.URL != want || time.Until(b.ExpiresAt.Time).Round(time.Hour) != 24*time.Hour {
		t.Errorf("got %+v, want %s for a day", b, want)
	}
	if a := w.do("POST", "/webhooks", `{"id":"x","url":"https://example.org/bin/`+b.ID+`","event":"sms:sent","secret":"12345678"}`); a.status != 201 {
		t.Fatal(a.body)
	}
	send := func(method, path, body string, header ...string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, w.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		if a := w.exchange(req); a.status != 200 || method != "HEAD" && a.body != `{"ok":true}` || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: got %d %s, want 200", method, path, a.status, a.body)
		}
	}
	send("POST", "/api/v1/bin/"+b.ID, `{"a":1}`, "X-Signature", "12345678")
	send("POST", "/bin/"+b.ID+"?q=1", "not\xfftext", "X-Signature", "wrong")
	for _, m := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		send(m, "/bin/"+b.ID, "")
	}
	send("POST", "/bin/"+b.ID, strings.Repeat("x", maxBinBody+1))
	got := w.inBin(b.ID)
	if len(got.Requests) != 9 {
		t.Fatalf("got %d requests, want 9", len(got.Requests))
	}
	first, second, last := got.Requests[8], got.Requests[7], got.Requests[0]
	if first.Method != "POST" || first.Body != `{"a":1}` || first.BodyBase64 != "" || first.Header["X-Signature"][0] != "12345678" ||
		cmp.Diff([]string{"webhook x: the signature is right"}, first.Hints) != "" {
		t.Errorf("first: got %+v", first)
	}
	if second.Query != "q=1" || second.Body != "not\ufffdtext" || second.BodyBase64 != "bm90/3RleHQ=" ||
		cmp.Diff([]string{"webhook x: X-Signature is wrong"}, second.Hints) != "" {
		t.Errorf("second: got %+v", second)
	}
	if len(last.Body) != maxBinBody || !last.Truncated || !strings.Contains(last.Hints[0], "cannot be checked") {
		t.Errorf("last: got %d bytes, truncated %t, %q", len(last.Body), last.Truncated, last.Hints)
	}
	if a := w.do("DELETE", "/bins/"+b.ID, ""); a.status != 204 {
		t.Errorf("delete: got %d %s", a.status, a.body)
	}
	if a := w.do("POST", "/bin/"+b.ID, "x"); a.status != 404 || !strings.Contains(a.body, "there is no bin with this id") {
		t.Errorf("deleted: got %d %s", a.status, a.body)
	}
}

// A header that is too large is cut, what proves the origin last.
func TestBinHeader(t *testing.T) {
	w := newWorld(t)
	b := w.newBin("")
	header := []string{"X-Signature", "s", "Webhook-Id", "i"}
	for i := range 20 {
		header = append(header, fmt.Sprintf("A-%d", i), strings.Repeat("x", 1000))
	}
	if a := w.do("POST", "/bin/"+b.ID, "x", header...); a.status != 200 {
		t.Fatal(a.body)
	}
	r := w.inBin(b.ID).Requests[0]
	size := 0
	for name, vs := range r.Header {
		size += len(name) + len(vs[0])
	}
	if !r.Truncated || size > maxBinHeader || r.Header["X-Signature"] == nil || r.Header["Webhook-Id"] == nil {
		t.Errorf("got %d bytes, truncated %t: %v", size, r.Truncated, r.Header)
	}
}

// Bins are bounded in number, in what they keep, and in time.
func TestBinsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bins{now: time.Now}
		first := b.add()
		take := func(id string, n int) bool {
			_, ok := b.take(id, binRequest{body: make([]byte, n)})
			return ok
		}
		for i := range binBurst {
			if !take(first.id, 1) {
				t.Fatalf("request %d was refused", i)
			}
		}
		if take(first.id, 1) {
			t.Error("there is no limit to how fast a bin is filled")
		}
		time.Sleep(time.Second)
		if !take(first.id, 1) {
			t.Error("a bin stays closed after too many requests")
		}
		if got, _ := b.requests(first.id); len(got.requests) != maxBinRequests || got.dropped != 1 {
			t.Errorf("got %d requests and %d dropped, want %d and 1", len(got.requests), got.dropped, maxBinRequests)
		}
		var ids []string
		for range maxBins {
			n := b.add()
			ids = append(ids, n.id)
			for range 50 {
				take(n.id, maxBinBody)
			}
		}
		if b.open(first.id) || len(b.list) != maxBins {
			t.Errorf("got %d bins, the oldest of them open: %t", len(b.list), b.open(first.id))
		}
		if size := 0; true {
			for _, n := range b.list {
				for i := range n.requests {
					size += n.requests[i].size()
				}
			}
			if size > maxBinMemory || size != b.size || size < maxBinMemory*9/10 {
				t.Errorf("got %d bytes, counted as %d, want just below %d", size, b.size, maxBinMemory)
			}
		}
		time.Sleep(binLife + time.Second)
		if b.open(ids[len(ids)-1]) || b.size != 0 || len(b.list) != 0 {
			t.Errorf("after a day: got %d bins of %d bytes", len(b.list), b.size)
		}
	})
}
