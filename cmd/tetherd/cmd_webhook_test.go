package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"tetherd/gateway/api"
)

// console runs commands against a daemon.
type console struct {
	t   *testing.T
	env map[string]string
	in  string // standard input of the next command
}

func (r *running) console(t *testing.T) *console {
	return &console{t: t, env: map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}}
}

// run executes a command and returns all it printed, and its exit status.
func (s *console) run(args ...string) (printed string, status int) {
	s.t.Helper()
	var out bytes.Buffer
	c := withEnv(s.env)
	c.stdin, c.stdout, c.stderr = strings.NewReader(s.in), &out, &out
	s.in = ""
	root := c.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(s.t.Context())
	if err != nil {
		fmt.Fprintf(&out, "tetherd: %v\n", err)
	}
	return out.String(), c.exitStatus(err)
}

// must runs a command that succeeds.
func (s *console) must(args ...string) string {
	s.t.Helper()
	printed, status := s.run(args...)
	if status != 0 {
		s.t.Fatalf("%q: status %d: %s", args, status, printed)
	}
	return printed
}

// masks replace what differs from run to run.
var masks = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`), "TIME"},
	{regexp.MustCompile(`in [\d.]+ ms \([^)]*\)`), "in N ms (STEPS)"},
	{regexp.MustCompile(` +[\d.]+ ms  +`), "  N ms  "},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`whsec_[\w+/=]+`), "whsec_SECRET"},
	{regexp.MustCompile(`v1,[\w+/=]+( v1,[\w+/=]+)?`), "v1,SIGNATURE"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "HEX"},
	{regexp.MustCompile(`(Timestamp: )\d+`), "${1}UNIX"},
	{regexp.MustCompile(`(User-Agent: tetherd)\S*`), "$1/VERSION"},
	{regexp.MustCompile(`sample-[\w-]+`), "ID"},
	{regexp.MustCompile(`(?m)(^|[ "])[\w-]{21}([ "\n])`), "${1}ID$2"},
	{regexp.MustCompile(`"messageId":"[0-9a-f]+"`), `"messageId":"HEX"`},
}

func maskedOutput(s string) string {
	for _, m := range masks {
		s = m.what.ReplaceAllString(s, m.with)
	}
	return s
}

// door is a receiver that keeps what it gets, and answers as it is told to.
type door struct {
	*httptest.Server
	mu       sync.Mutex // guards the rest
	status   int
	requests []captured
}

type captured struct {
	header http.Header
	body   []byte
}

func newDoor(t *testing.T) *door {
	d := &door{status: http.StatusOK}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body) // what did not arrive is missing in the test
		d.mu.Lock()
		defer d.mu.Unlock()
		d.requests = append(d.requests, captured{r.Header.Clone(), b})
		w.WriteHeader(d.status)
		_, _ = io.WriteString(w, "said\nthe \x1b[31mreceiver") // the daemon may be gone
	}))
	t.Cleanup(d.Close)
	return d
}

// answer sets the status of the answers to come.
func (d *door) answer(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status = status
}

func (d *door) got() []captured {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.requests)
}

// The life of a webhook, from the command line, with the daemon and a receiver that
// fails at first.
func TestWebhookCommands(t *testing.T) {
	r := start(t, emulatedConfig(t))
	s, d := r.console(t), newDoor(t)
	golden := func(name, printed string) {
		t.Helper()
		checkGolden(t, filepath.Join("webhook", name+".txt"), maskedOutput(printed))
	}
	const key = "very-SECRET-key"
	added := s.must("webhook", "add", "sms:received", d.URL+"/sms?key="+key, "--event", "sms:sent", "--id", "hook", "--secret",
		"--name", "The shop", "--header", "X-Api-Key: "+key, "--timeout", "5s", "--retries", "3", "--retry-base", "1h", "--slots", "2")
	golden("add", strings.Replace(added, key, "***", 1)) // of the URL, the only time
	golden("list", s.must("webhook", "list"))
	golden("show", s.must("webhook", "show", "hook"))
	golden("test", s.must("webhook", "test", "hook"))
	golden("reach", s.must("webhook", "test", "hook", "--reach"))
	d.answer(http.StatusServiceUnavailable)
	failed, status := s.run("webhook", "test", "hook", "--event", "sms:sent")
	if golden("test_failed", failed); status != exitFailure {
		t.Errorf("a test that failed: status %d, want %d", status, exitFailure)
	}

	s.must("send", "+4915110000002", "Hello", "--sim", "1")
	var as []api.Attempt
	until(t, "two attempts", func() bool {
		if err := json.Unmarshal([]byte(s.must("webhook", "log", "hook", "--json")), &as); err != nil {
			t.Fatal(err)
		}
		return len(as) == 2
	})
	slices.SortFunc(as, func(a, b api.Attempt) int { return strings.Compare(a.Event, b.Event) })
	golden("log_failed", sortedLines(maskedOutput(s.must("webhook", "log", "hook"))))
	golden("log_body", s.must("webhook", "log", "hook", "--body", "--delivery", as[0].Delivery))
	d.answer(http.StatusNoContent)
	golden("redeliver", s.must("webhook", "redeliver", "hook", as[0].Delivery))
	until(t, "the delivery to succeed", func() bool {
		del, err := r.Delivery(t.Context(), "hook", as[0].Delivery)
		if err != nil {
			t.Fatal(err)
		}
		return del.State == "succeeded"
	})
	golden("log_redelivered", s.must("webhook", "log", "hook", "--delivery", as[0].Delivery))

	golden("pause", s.must("webhook", "pause", "hook", "--note", "moving house"))
	golden("resume", s.must("webhook", "resume", "hook"))
	golden("edit", s.must("webhook", "edit", "hook", "--format", "integify", "--extended-events", "--ordered", "--unset", "timeout,header,slots"))
	golden("rotate", s.must("webhook", "rotate", "hook"))
	golden("activate", s.must("webhook", "rotate", "hook", "--activate"))
	golden("recover", s.must("webhook", "recover", "hook", "--since", "1h"))
	golden("recover_missing", s.must("webhook", "recover", "hook", "--missing"))

	for _, printed := range []string{s.must("webhook", "list", "--json"), s.must("webhook", "show", "hook", "--json"), s.must("webhook", "log", "hook", "--json")} {
		if strings.Contains(printed, "SECRET") {
			t.Errorf("a secret is shown: %s", printed)
		}
	}
	if printed := s.must("webhook", "rm", "hook", "unknown"); printed != "" {
		t.Errorf("rm: got %s", printed)
	}
	printed, status := s.run("webhook", "show", "hook")
	if status != exitFailure || !strings.Contains(printed, "there is no webhook with this id") {
		t.Errorf("show a removed one: status %d: %s", status, printed)
	}
}

func sortedLines(s string) string {
	lines := slices.Sorted(strings.Lines(s))
	return strings.Join(lines, "")
}

// A captured request is verified with the secrets of its webhook, from a file, and
// with the key of the gateway.
func TestWebhookVerify(t *testing.T) {
	cfg := emulatedConfig(t)
	cfg.Webhooks.SigningKey = "the global key"
	r := start(t, cfg)
	s, d := r.console(t), newDoor(t)
	dir := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	configured := file("tetherd.yaml", "auth: {password: secret}\nmodems: [{port: /dev/ttyUSB0}]\nwebhooks: {signing_key: the global key}\n")
	s.must("webhook", "add", "sms:received", d.URL, "--id", "own", "--format", "integify")
	s.must("webhook", "add", "sms:received", d.URL, "--id", "shared")
	s.must("webhook", "test", "own")
	s.must("webhook", "test", "shared")
	requests := d.got()
	head := func(c captured) string {
		var b strings.Builder
		b.WriteString("POST /sms HTTP/1.1\r\n")
		if err := c.header.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	own := file("own.txt", head(requests[0])+"\r\n"+string(requests[0].body))
	ownHead := file("own-head.txt", head(requests[0]))
	ownBody := file("own-body.json", string(requests[0].body))
	changed := file("changed.txt", strings.ReplaceAll(head(requests[0]), "\r\n", "\n")+"\n"+string(requests[0].body)+" ")
	shared := file("shared.txt", head(requests[1])+"\n"+string(requests[1].body))
	secrets, err := r.WebhookSecrets(t.Context(), "own")
	if err != nil {
		t.Fatal(err)
	}
	secret := file("secret.txt", secrets.Secrets[0].Secret+"\n")
	for _, tt := range []struct {
		args   string
		status int
		want   string
	}{
		{own + " --webhook own", 0, "the signature is right"},
		{own + " --webhook own --fresh", 0, "the signature is right"},
		{ownHead + " --body " + ownBody + " --format integify --secret-file " + secret, 0, "the signature is right"},
		{"- --webhook own", 0, "the signature is right"},
		{changed + " --webhook own", exitFailure, "X-Integify-Signature"},
		{own + " --format integify --config " + configured, exitFailure, "X-Integify-Signature"},
		{own + " --format smsgate --secret-file " + secret, exitFailure, "X-Signature"},
		{shared + " --config " + configured, 0, "the signature is right"},
		{shared + " --webhook shared --config " + configured, 0, "the signature is right"},
		{shared + " --format odd --config " + configured, exitUsage, "--format odd: there are "},
		{own + " --body " + ownBody + " --webhook own", exitUsage, "so --body must be left out"},
		{ownBody + " --webhook own", exitFailure, `does not begin with lines of the form "Name: value"`},
		{dir + "/none --webhook own", exitFailure, "no such file"},
	} {
		if strings.HasPrefix(tt.args, "- ") {
			b, err := os.ReadFile(own)
			if err != nil {
				t.Fatal(err)
			}
			s.in = string(b)
		}
		printed, status := s.run(append([]string{"webhook", "verify"}, strings.Fields(tt.args)...)...)
		if status != tt.status || !strings.Contains(printed, tt.want) {
			t.Errorf("%s: status %d: %s\nwant %d, %s", tt.args, status, printed, tt.status, tt.want)
		}
	}
	// With an older secret, after the rotation.
	s.must("webhook", "rotate", "own")
	if printed := s.must("webhook", "verify", own, "--webhook", "own"); !strings.Contains(printed, "with an older secret") {
		t.Errorf("after a rotation: %s", printed)
	}
}

func TestWebhookCurl(t *testing.T) {
	r := start(t, emulatedConfig(t))
	s := r.console(t)
	s.must("webhook", "add", "sms:received", "https://example.org/?key=very-SECRET-key", "--id", "hook", "--format", "integify")
	for _, tt := range []struct {
		args   []string
		status int
		want   []string
	}{
		{[]string{"hook"}, 0, []string{"# Put what is secret in the URL in the place of ***", "X-Integify-Signature", "--url 'https://example.org/?key=***'", `"type":"sms.received"`}},
		{[]string{"hook", "--to", "http://127.0.0.1:9/x", "--event", "sms.delivered"}, 0, []string{"--url 'http://127.0.0.1:9/x'", `"type":"sms.delivered"`, "base64"}},
		{nil, 0, []string{"X-Signature", "--url 'http://127.0.0.1:5000/webhook'", `"event":"sms:received"`}},
		{[]string{"--format", "odd"}, exitUsage, []string{"--format odd: there are smsgate"}},
		{[]string{"--event", "sms:odd"}, exitUsage, []string{"--event sms:odd: "}},
	} {
		printed, status := s.run(append([]string{"webhook", "curl"}, tt.args...)...)
		for _, want := range tt.want {
			if status != tt.status || !strings.Contains(printed, want) {
				t.Errorf("%q: status %d: %s\nwant %d, %s", tt.args, status, printed, tt.status, want)
			}
		}
		if strings.Contains(printed, "SECRET-key") {
			t.Errorf("%q: a secret is shown: %s", tt.args, printed)
		}
	}
}

// A webhook that points to a request bin of the daemon is served in the process, even
// where connections to this machine are forbidden.
func TestWebhookToBin(t *testing.T) {
	for _, policy := range []string{"home", "strict"} {
		t.Run(policy, func(t *testing.T) {
			cfg := emulatedConfig(t)
			cfg.Webhooks.Policy = policy
			r := start(t, cfg)
			var b api.Bin
			call(t, r, "POST", "/bins", &b)
			if !strings.HasPrefix(b.URL, r.url+"/bin/") {
				t.Fatalf("got %+v, want it at %s", b, r.url)
			}
			s := r.console(t)
			s.must("webhook", "add", "sms:received", b.URL, "--id", "bin", "--secret")
			s.must("webhook", "test", "bin")
			s.must("send", "+4915110000002", "into the bin", "--sim", "1")
			var got api.BinRequests
			until(t, "the event to arrive", func() bool {
				got = api.BinRequests{} // else maps would keep what they had
				call(t, r, "GET", "/bins/"+b.ID+"/requests", &got)
				return len(got.Requests) == 2
			})
			for i, test := range []bool{false, true} {
				q := got.Requests[i]
				if q.Method != "POST" || !strings.Contains(q.Body, `"event":"sms:received"`) || (q.Header["Webhook-Test"] != nil) != test ||
					len(q.Hints) != 1 || q.Hints[0] != "webhook bin: the signature is right" {
					t.Errorf("got %+v", q)
				}
			}
			// Nothing else of the daemon can be reached by a webhook.
			printed, status := s.run("webhook", "add", "sms:received", r.url+"/messages", "--id", "loop")
			if want := "url must"; status != exitFailure || !strings.Contains(printed, want) {
				t.Errorf("a loop: status %d: %s, want %s", status, printed, want)
			}
		})
	}
}

// call makes one request with the credentials of r.
func call(t *testing.T, r *running, method, path string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("sms", "secret")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode > 299 {
		t.Fatalf("%s %s: HTTP %d, %v", method, path, resp.StatusCode, err)
	}
}

// However a request is written down, its body is what is behind the first empty line,
// byte for byte.
func FuzzReadRequest(f *testing.F) {
	f.Add("POST /x HTTP/1.1\r\nA: b\r\n\r\n", "{\"a\":1}")
	f.Add("A: b\nC: d\n\n", "\n\r\n")
	f.Fuzz(func(t *testing.T, head, body string) {
		h, got, err := withInput(head+"\r\n"+body).readRequest("-", "")
		if err != nil {
			return
		}
		all := head + "\r\n" + body
		if !strings.HasSuffix(all, string(got)) {
			t.Errorf("got body %q of %q", got, all)
		}
		for name := range h {
			if strings.ContainsAny(name, "\r\n") {
				t.Errorf("got header %q of %q", name, all)
			}
		}
	})
}

func withInput(text string) *cli {
	c := withEnv(nil)
	c.stdin = strings.NewReader(text)
	return c
}
