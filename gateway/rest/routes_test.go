package rest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// calls is every route with its aliases, and what it answers when there is one
// pending message m1 and one webhook w1.
func calls(device string) []struct {
	method, path, body string
	want               int
} {
	send := `{"message":"hi","phoneNumbers":["+4915110000001"]}`
	hook := `{"url":"https://example.org","event":"sms:received"}`
	span := `{"since":"2099-01-01T00:00:00Z","until":"2099-01-02T00:00:00Z"}`
	return []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/", "", 200},
		{"GET", "/health", "", 500}, // there is no modem
		{"GET", "/health/ready", "", 500},
		{"GET", "/health/live", "", 200},
		{"GET", "/health/startup", "", 200},
		{"GET", "/messages", "", 200},
		{"GET", "/message", "", 200},
		{"POST", "/messages", send, 202},
		{"POST", "/message", send, 202},
		{"POST", "/messages/other/retry", "", 404},
		{"POST", "/message/other/retry", "", 404},
		{"POST", "/messages/preview", `{"message":"hi"}`, 200},
		{"POST", "/message/preview", `{}`, 400},
		{"POST", "/messages/batch", `{"message":"hi","phoneNumbers":["+4915110000001"]}`, 202},
		{"POST", "/message/batch", `{"messages":[]}`, 400},
		{"GET", "/messages/m1", "", 200},
		{"GET", "/message/m1", "", 200},
		{"GET", "/messages/m1/trace", "", 200},
		{"GET", "/message/m1/trace", "", 200},
		{"GET", "/limits", "", 200},
		{"POST", "/messages/m1/release", "", 409}, // nothing holds it back
		{"POST", "/message/m1/release", "", 409},
		{"DELETE", "/messages/m1", "", 200},
		{"DELETE", "/message/m1", "", 200}, // cancelled already
		{"GET", "/inbox", "", 200},
		{"GET", "/inbox/other", "", 404},
		{"GET", "/inbox/other/attachments/1", "", 404},
		{"POST", "/inbox/export", span, 202},
		{"POST", "/messages/inbox/export", span, 202},
		{"POST", "/message/inbox/export", span, 202},
		{"POST", "/inbox/refresh", span, 202},
		{"GET", "/webhooks", "", 200},
		{"GET", "/webhook", "", 200},
		{"POST", "/webhooks", hook, 201},
		{"POST", "/webhook", hook, 201},
		{"GET", "/webhooks/w1", "", 200},
		{"GET", "/webhook/w1", "", 200},
		{"PUT", "/webhooks/w1", hook, 200},
		{"PUT", "/webhook/w1", hook, 200},
		{"PATCH", "/webhooks/w1", `{"name":"x"}`, 200},
		{"PATCH", "/webhook/w1", `{"name":"x"}`, 200},
		{"POST", "/webhooks/w1/pause", "", 200},
		{"POST", "/webhook/w1/pause", "", 200},
		{"POST", "/webhooks/w1/resume", "", 200},
		{"POST", "/webhook/w1/resume", "", 200},
		{"GET", "/webhooks/w1/stats", "", 200},
		{"GET", "/webhook/w1/stats", "", 200},
		{"POST", "/webhooks/w1/test", "", 200},
		{"POST", "/webhook/w1/test", "", 200},
		{"GET", "/webhooks/w1/secret", "", 200},
		{"GET", "/webhook/w1/secret", "", 200},
		{"POST", "/webhooks/w1/secret/rotate", `{"grace":0}`, 200},
		{"POST", "/webhook/w1/secret/rotate", `{"grace":0}`, 200},
		{"POST", "/webhooks/w1/secret/activate", "", 200},
		{"POST", "/webhook/w1/secret/activate", "", 200},
		{"GET", "/webhooks/w1/deliveries", "", 200},
		{"GET", "/webhook/w1/deliveries", "", 200},
		{"GET", "/webhooks/w1/deliveries/other", "", 404},
		{"GET", "/webhook/w1/deliveries/other", "", 404},
		{"POST", "/webhooks/w1/deliveries/other/redeliver", "", 404},
		{"POST", "/webhook/w1/deliveries/other/redeliver", "", 404},
		{"POST", "/webhooks/w1/deliveries/other/cancel", "", 404},
		{"POST", "/webhook/w1/deliveries/other/cancel", "", 404},
		{"GET", "/webhooks/w1/attempts", "", 200},
		{"GET", "/webhook/w1/attempts", "", 200},
		{"POST", "/webhooks/other/recover", "", 404},
		{"POST", "/webhook/other/recover", "", 404},
		{"POST", "/webhooks/other/replay-missing", "", 404},
		{"POST", "/webhook/other/replay-missing", "", 404},
		{"GET", "/webhooks/w1/jobs", "", 200},
		{"GET", "/webhook/w1/jobs", "", 200},
		{"GET", "/webhooks/w1/jobs/other", "", 404},
		{"GET", "/webhook/w1/jobs/other", "", 404},
		{"GET", "/webhooks/egress", "", 200},
		{"GET", "/webhook/egress", "", 200},
		{"DELETE", "/webhooks/w1", "", 204},
		{"DELETE", "/webhook/w1", "", 204}, // unknown by now
		{"GET", "/routes", "", 200},
		{"POST", "/routes", `{"action":{"webhook":"https://example.org"}}`, 201},
		{"GET", "/routes/other", "", 404},
		{"PUT", "/routes/other", `{}`, 400},
		{"PATCH", "/routes/other", `{}`, 404},
		{"DELETE", "/routes/other", "", 404},
		{"POST", "/routes/other/test", `{}`, 404},
		{"GET", "/opt-outs", "", 200},
		{"POST", "/opt-outs", `{}`, 400},
		{"DELETE", "/opt-outs/other", "", 400},
		{"GET", "/events", "", 200},
		{"GET", "/events/stream?after=x", "", 400}, // an answer that ends
		{"GET", "/docs/webhook-prompt", "", 200},
		{"GET", "/openapi.yaml", "", 200},
		{"GET", "/openapi.json", "", 200},
		{"GET", "/docs/openapi.yaml", "", 200},
		{"GET", "/docs/openapi.json", "", 200},
		{"GET", "/docs", "", 301},
		{"GET", "/docs/other", "", 404},
		{"POST", "/bins", "", 201},
		{"DELETE", "/bins/other", "", 204},
		{"GET", "/bins/other/requests", "", 404},
		{"GET", "/bin/other", "", 404},
		{"POST", "/bin/other", "x", 404},
		{"PUT", "/bin/other", "x", 404},
		{"PATCH", "/bin/other", "x", 404},
		{"DELETE", "/bin/other", "", 404},
		{"OPTIONS", "/bin/other", "", 404},
		{"POST", "/auth/token", `{"scopes":["messages:send"]}`, 201},
		{"POST", "/auth/token/refresh", "", 401}, // that needs a token
		{"DELETE", "/auth/token/other", "", 204},
		{"GET", "/devices", "", 200},
		{"GET", "/device", "", 200},
		{"DELETE", "/devices/" + device, "", 400},
		{"DELETE", "/device/" + device, "", 400},
		{"DELETE", "/devices/other", "", 404},
		{"GET", "/metrics", "", 200},
		{"GET", "/canary", "", 200},
		{"POST", "/canary/run", "", 409}, // not enabled
		{"GET", "/modems", "", 200},
		{"GET", "/modems/other", "", 404},
		{"GET", "/modems/other/history", "", 404},
		{"POST", "/modems/other/restart", "", 404},
		{"GET", "/modems/other/trace", "", 404},
		{"POST", "/modems/other/balance", "", 404},
		{"POST", "/modems/other/purge", "", 404},
		{"POST", "/modems/other/ussd", `{"code":"*100#"}`, 404},
		{"DELETE", "/modems/other/ussd", "", 404},
		{"GET", "/settings", "", 200},
		{"PATCH", "/settings", `{"ping":{"interval_seconds":null}}`, 200},
		{"PUT", "/settings", `{}`, 200},
		{"GET", "/logs", "", 200},
		{"GET", "/recordings", "", 200},
		{"GET", "/recordings/other", "", 404},
	}
}

// seed stores the message and the webhook that calls is about.
func (w *world) seed() {
	w.t.Helper()
	if a := w.do("POST", "/messages", `{"id":"m1","message":"hi","phoneNumbers":["+4915110000001"]}`); a.status != 202 && a.status != 409 {
		w.t.Fatal(a.body)
	}
	if a := w.do("POST", "/webhooks", `{"id":"w1","url":"https://example.org","event":"sms:sent"}`); a.status != 201 {
		w.t.Fatal(a.body)
	}
}

func TestRoutesUnderEveryPrefix(t *testing.T) {
	for _, prefix := range []string{"", "/3rdparty/v1", "/api/3rdparty/v1", "/api/v1"} {
		t.Run("prefix "+prefix, func(t *testing.T) {
			w := newWorld(t)
			w.seed()
			for _, c := range calls(w.gateway.DeviceID()) {
				// As it is, with a slash behind, with one too many before, with a bare "?".
				for _, path := range []string{prefix + c.path, prefix + c.path + "/", "/" + prefix + c.path, prefix + c.path + "?"} {
					if a := w.do(c.method, path, c.body); a.status != c.want {
						t.Errorf("%s %s: got %d %s, want %d", c.method, path, a.status, a.body, c.want)
					}
				}
			}
		})
	}
}

// Every route of the table is covered by calls.
func TestCallsAreComplete(t *testing.T) {
	w := newWorld(t)
	s := &server{gateway: w.gateway}
	var want, got []string
	for _, r := range s.routes() {
		for _, p := range r.paths {
			want = append(want, r.method+" "+p)
		}
	}
	for _, c := range calls("{id}") {
		for _, id := range []string{"/m1", "/w1", "/other"} {
			c.path = strings.ReplaceAll(c.path, id, "/{id}")
		}
		c.path = strings.ReplaceAll(c.path, "/attachments/1", "/attachments/{part}")
		for of, name := range map[string]string{"/modems/": "{modem}", "/deliveries/": "{delivery}", "/jobs/": "{job}", "/token/": "{jti}"} {
			c.path = strings.ReplaceAll(c.path, of+"{id}", of+name)
		}
		c.path = strings.ReplaceAll(c.path, "/docs/{id}", "/docs/{file}")
		path, _, _ := strings.Cut(c.path, "?")
		got = append(got, c.method+" "+path)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
		t.Errorf("routes (-routed +called)\n%s", diff)
	}
}

func TestHead(t *testing.T) {
	w := newWorld(t)
	w.seed()
	for _, path := range []string{"/", "/health/live", "/messages", "/messages/m1", "/inbox", "/webhooks", "/devices"} {
		get, head := w.do("GET", path, ""), w.do("HEAD", path, "")
		if head.status != 200 || head.body != "" || head.header.Get("Content-Length") != get.header.Get("Content-Length") {
			t.Errorf("HEAD %s: got %d %q, length %s, want 200 without body, length %s",
				path, head.status, head.body, head.header.Get("Content-Length"), get.header.Get("Content-Length"))
		}
	}
}

func TestNothingHere(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/nothing", "/messages/a/b", "/api", "/api/v2/messages", "/3rdparty/v1/auth/tokens", "/health/deep"} {
		for _, method := range []string{"GET", "POST", "PATCH"} {
			a := w.do(method, path, "")
			if a.status != 404 || !strings.Contains(a.body, `"message":"there is nothing at this path; there is GET /, `) || !strings.Contains(a.body, "POST /messages") {
				t.Errorf("%s %s: got %d %s, want 404 and what there is", method, path, a.status, a.body)
			}
		}
	}
}

func TestWrongMethod(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ method, path, allow string }{
		{"PUT", "/messages", "GET, HEAD, POST"},
		{"DELETE", "/messages/", "GET, HEAD, POST"},
		{"OPTIONS", "/api/v1/message", "GET, HEAD, POST"},
		{"PATCH", "/messages/m1", "DELETE, GET, HEAD"},
		{"GET", "/auth/token/refresh", "DELETE, POST"},
		{"POST", "/inbox", "GET, HEAD"},
		{"POST", "/webhooks/w1", "DELETE, GET, HEAD, PATCH, PUT"},
		{"GET", "/webhooks/w1/pause", "POST"},
		{"GET", "/devices/d", "DELETE"},
		{"POST", "/", "GET, HEAD"},
		{"POST", "/3rdparty/v1", "GET, HEAD"},
		{"POST", "/health", "GET, HEAD"},
	} {
		a := w.do(tt.method, tt.path, "")
		if a.status != 405 || a.header.Get("Allow") != tt.allow || !strings.HasPrefix(a.body, `{"message":"`) {
			t.Errorf("%s %s: got %d, Allow %q, %s, want 405, Allow %q", tt.method, tt.path, a.status, a.header.Get("Allow"), a.body, tt.allow)
		}
	}
}

func TestPercentEncodedIDs(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ id, path string }{
		{"m/1 x", "/messages/m%2F1%20x"},
		{"a+b", "/messages/a+b"},
		{"a+b?", "/messages/a%2Bb%3F"},
		{"ümläut", "/messages/%C3%BCml%C3%A4ut"},
		{"x%2Fy", "/api/v1/message/x%252Fy/"},
		{"end/", "/messages/end%2F"},
	} {
		if a := w.do("POST", "/messages", `{"id":"`+tt.id+`","message":"hi","phoneNumbers":["+4915110000001"]}`); a.status != 202 && a.status != 409 {
			t.Fatalf("send %q: %d %s", tt.id, a.status, a.body)
		}
		a := w.do("GET", tt.path, "")
		if want := `{"id":"` + tt.id + `",`; a.status != 200 || !strings.HasPrefix(a.body, want) {
			t.Errorf("GET %s: got %d %s, want 200 %s…", tt.path, a.status, a.body, want)
		}
	}
	// The client encodes them the same way.
	if m, err := w.client.Message(t.Context(), "m/1 x"); err != nil || m.ID != "m/1 x" {
		t.Errorf("got %q, %v", m.ID, err)
	}
}

// A path that would be redirected by the mux is answered where it is.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"/", "//", "/messages/../health", "/a%2f..%2fb/", "/%", "*", "/./.", "/messages//x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		req, err := http.NewRequest("GET", target, nil)
		if err != nil {
			return
		}
		mux := http.NewServeMux()
		mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
		w := httptest.NewRecorder()
		cleanPath(mux).ServeHTTP(w, req)
		if w.Code >= 300 && w.Code < 400 {
			t.Errorf("%q is redirected to %q", target, w.Header().Get("Location"))
		}
	})
}
