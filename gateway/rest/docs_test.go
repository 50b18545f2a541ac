package rest

import (
	"strings"
	"testing"
)

func TestDocs(t *testing.T) {
	w := newWorld(t)
	for _, prefix := range prefixes {
		for _, path := range []string{"/docs", "/docs/"} {
			if a := w.do("GET", prefix+path, ""); a.status != 301 || a.header.Get("Location") != prefix+"/docs/index.html" {
				t.Errorf("GET %s: got %d to %s", prefix+path, a.status, a.header.Get("Location"))
			}
		}
		for path, mediaType := range map[string]string{
			"/docs/index.html":   "text/html; charset=utf-8",
			"/docs/openapi.yaml": "application/yaml",
			"/openapi.yaml":      "application/yaml",
			"/docs/openapi.json": "application/json",
			"/openapi.json":      "application/json",
		} {
			a := w.do("GET", prefix+path, "")
			if a.status != 200 || a.header.Get("Content-Type") != mediaType || a.body == "" {
				t.Errorf("GET %s: got %d %s, want %s", prefix+path, a.status, a.header.Get("Content-Type"), mediaType)
			}
			if a := w.anonymous("GET", prefix+path); a.status != 401 {
				t.Errorf("GET %s without credentials: got %d", prefix+path, a.status)
			}
		}
		for _, path := range []string{"/docs/../messages", "/docs/..", "/docs/a/../index.html", "/docs/%2e%2e/messages", "/docs/..%2fmessages"} {
			if a := w.do("GET", prefix+path, ""); a.status != 400 || !strings.Contains(a.body, "..") {
				t.Errorf("GET %s: got %d %s, want 400", prefix+path, a.status, a.body)
			}
		}
	}
	if a := w.do("GET", "/docs/index.html", ""); !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; ") {
		t.Errorf("got policy %q", a.header.Get("Content-Security-Policy"))
	}
	if a := w.do("GET", "/messages/..%2f", ""); a.status == 400 {
		t.Errorf("elsewhere: got %d %s", a.status, a.body)
	}
}
