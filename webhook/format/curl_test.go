package format

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// The script is run as a user would run it, and what arrives must verify.
func TestCurl(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "openssl", "base64", "od", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the script is only looked at, not run: %v", err)
		}
	}
	type seen struct {
		r    *http.Request
		body []byte
	}
	got := make(chan seen, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- seen{r, body}
	}))
	t.Cleanup(srv.Close)

	dir := t.TempDir()
	run := func(t *testing.T, f *Format, r gateway.Rendering, secret, text string) (*http.Request, []byte) {
		t.Helper()
		in := goldenInput(t, f.Name, gateway.EventReceived)
		r.Format = f.Name
		if r.Template == "" {
			r.Template = in.Rendering.Template
		}
		in.Rendering = r
		p := in.Event.Payload.(gateway.MessageReceived)
		p.Text = text
		in.Event.Payload = p
		b, err := Render(in)
		if err != nil {
			t.Fatal(err)
		}
		script, err := f.Curl(srv.URL+"/x's?key=[1-3]&b={a,b}$HOME", "it's `id`", &b, &r, secret)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(script, secret) {
			t.Errorf("the script holds the secret: %s", script)
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
		cmd.Env = append(os.Environ(), "SECRET="+secret)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s\n%s", err, out, script)
		}
		s := <-got
		signed := s.body
		if r.Method == http.MethodGet {
			signed = b.Bytes
			if !strings.HasSuffix(s.r.URL.RawQuery, "&"+string(b.Bytes)) {
				t.Errorf("query is %s, want %s at its end", s.r.URL.RawQuery, b.Bytes)
			}
		}
		diff(t, "what is signed", string(b.Bytes), string(signed))
		if err := f.Verify(secret, s.r.Header, signed, time.Now()); err != nil {
			t.Errorf("%s with %.6s…: %v\n%s", f.Name, secret, err, script)
		}
		if s.r.URL.Path != "/x's" || !strings.HasPrefix(s.r.URL.RawQuery, "key=[1-3]&b={a,b}$HOME") {
			t.Errorf("sent to %s?%s", s.r.URL.Path, s.r.URL.RawQuery)
		}
		diff(t, "id", "it's `id`", s.r.Header.Get("Webhook-Id"))
		return s.r, s.body
	}

	const hostile = "it's $HOME `touch pwned` $(touch pwned) \"; touch pwned; '\\'' \\ \n%s%d @x € 😀"
	for _, f := range Formats() {
		for _, secret := range []string{goldenSecret, gateway.NewSecret(), "whsec_AAECAwQ", "it's $(touch pwned) text"} {
			run(t, f, gateway.Rendering{}, secret, hostile)
		}
	}
	r, _ := run(t, &template, gateway.Rendering{Template: "@/etc/passwd {{.Text}}\n", ContentType: "text/plain", Method: "PUT"}, goldenSecret, hostile)
	diff(t, "method and type", "PUT text/plain", r.Method+" "+r.Header.Get("Content-Type"))
	run(t, &template, gateway.Rendering{Template: "text={{urlquery .Text}}", Method: "GET"}, goldenSecret, hostile)

	for _, extra := range []string{"github", "stripe"} {
		r, body := run(t, &standard, gateway.Rendering{Signature: extra}, goldenSecret, hostile)
		s := extras[extra]
		diff(t, extra, s.value(goldenSecret, body, r.Header.Get("Webhook-Timestamp")), r.Header.Get(s.header))
	}

	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("the script ran what was in the text: %v, %v", files, err)
	}
}

func TestCurlRefuses(t *testing.T) {
	b := Body{Method: http.MethodPost, Bytes: []byte("a\x00b")}
	if s, err := template.Curl("http://localhost", "d", &b, &gateway.Rendering{}, "s"); err == nil {
		t.Errorf("got %s", s)
	}
}
