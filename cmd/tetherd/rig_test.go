package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

const (
	rigUser     = "sms"
	rigPassword = "correct horse battery"
	rigKey      = "0123456789abcdef0123456789abcdef"
)

// binary builds tetherd once for all tests that run it, with the race detector
// if the tests have it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tetherd-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "tetherd")
	args := []string{"build", "-o", path}
	if raceEnabled {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build tetherd: %w\n%s", err, out)
	}
	return path, nil
})

// rig is the built daemon with emulated modems and a webhook receiver, all of
// which but the daemon live in the test process.
type rig struct {
	t        *testing.T
	dir      string
	addr     string
	network  *emulator.Network
	sticks   []*stick
	receiver *receiver
	settings string // further lines of the configuration

	cmd    *exec.Cmd
	log    *syncBuffer
	exited chan error
}

// stick is an emulated modem on a pty.
type stick struct {
	*emulator.Modem
	number string
	port   *emulator.Port
}

// newRig makes a rig of n modems, each as change has it. Nothing runs yet but the
// emulation.
func newRig(t *testing.T, n int, o emulator.NetworkOptions, change ...func(i int, m *emulator.ModemOptions)) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), addr: freeAddr(t), log: &syncBuffer{}}
	r.network = emulator.NewNetwork(o)
	t.Cleanup(r.network.Close)
	for i := range n {
		s := &stick{number: fmt.Sprintf("+49151100000%02d", i+1)}
		mo := emulator.ModemOptions{
			Name: fmt.Sprintf("modem%d", i+1), Number: s.number, PIN: "1234",
			IMEI: fmt.Sprintf("86000000000000%d", i), ICCID: fmt.Sprintf("894902000000000000%d", i), IMSI: fmt.Sprintf("26201000000000%d", i),
		}
		for _, c := range change {
			c(i, &mo)
		}
		s.Modem = emulator.NewModem(r.network, mo)
		port, err := emulator.OpenPort(s.Modem, filepath.Join(r.dir, "dev", fmt.Sprintf("modem%d", i+1)))
		if err != nil {
			t.Fatalf("open port: %v", err)
		}
		s.port = port
		t.Cleanup(func() { port.Close() })
		r.sticks = append(r.sticks, s)
	}
	r.receiver = newReceiver(t, rigKey)
	return r
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// config writes the configuration and returns its path.
func (r *rig) config() string {
	r.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "listen: %s\ndata_dir: %s\nauth:\n  username: %s\n  password: %s\n", r.addr, r.data(), rigUser, rigPassword)
	fmt.Fprintf(&b, "webhooks:\n  signing_key: %s\n", rigKey)
	b.WriteString("modems:\n")
	for i, s := range r.sticks {
		fmt.Fprintf(&b, "  - name: modem%d\n    port: %s\n    pin: \"1234\"\n    number: %q\n", i+1, s.port.Path(), s.number)
	}
	b.WriteString(r.settings)
	path := filepath.Join(r.dir, "tetherd.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

func (r *rig) data() string { return filepath.Join(r.dir, "data") }

// start runs the daemon and waits until its API answers.
func (r *rig) start() {
	r.t.Helper()
	bin, err := binary()
	if err != nil {
		r.t.Fatal(err)
	}
	r.cmd = exec.Command(bin, "serve", "--config", r.config())
	r.cmd.Stdout, r.cmd.Stderr = r.log, r.log
	r.cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+r.dir)
	if err := r.cmd.Start(); err != nil {
		r.t.Fatalf("start daemon: %v", err)
	}
	cmd, exited := r.cmd, make(chan error, 1)
	r.exited = exited
	go func() { exited <- cmd.Wait() }()
	r.t.Cleanup(func() {
		cmd.Process.Kill()
		if r.t.Failed() && r.log.Len() > 0 {
			r.t.Logf("daemon's log:\n%s", r.log.tail(200))
			r.log.Reset()
		}
	})
	r.until("the API to answer", 20*time.Second, func() bool {
		select {
		case err := <-exited:
			r.t.Fatalf("daemon ended at its start: %v\n%s", err, r.log.tail(50))
		default:
		}
		resp, err := http.Get("http://" + r.addr + "/health/live")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// kill ends the daemon with SIGKILL.
func (r *rig) kill() {
	r.t.Helper()
	if err := r.cmd.Process.Kill(); err != nil {
		r.t.Fatalf("kill daemon: %v", err)
	}
	<-r.exited
}

// terminate ends the daemon with SIGTERM, which must make it exit with 0.
func (r *rig) terminate() {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatalf("signal daemon: %v", err)
	}
	select {
	case err := <-r.exited:
		if err != nil {
			r.t.Errorf("exit after SIGTERM: %v, want success\n%s", err, r.log.tail(50))
		}
	case <-time.After(90 * time.Second):
		r.t.Fatalf("daemon did not end within 90 s of SIGTERM\n%s", r.log.tail(50))
	}
}

// until waits for a condition, looking again whenever something may have
// changed, and fails the test after the limit.
func (r *rig) until(what string, limit time.Duration, ok func() bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.t.Fatalf("waited %v in vain for %s", limit, what)
		}
	}
}

// call makes a request of the API and decodes the answer into out, if any.
func (r *rig) call(method, path string, body, out any) (status int, err error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, "http://"+r.addr+path, in)
	if err != nil {
		return 0, err
	}
	req.SetBasicAuth(rigUser, rigPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, b)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			return resp.StatusCode, fmt.Errorf("%s %s: %w: %s", method, path, err, b)
		}
	}
	return resp.StatusCode, nil
}

// must is call for requests that have to succeed.
func (r *rig) must(method, path string, body, out any) {
	r.t.Helper()
	if _, err := r.call(method, path, body, out); err != nil {
		r.t.Fatal(err)
	}
}

// message is a message as the API shows it.
type message struct {
	ID         string `json:"id"`
	State      string `json:"state"`
	Waiting    string `json:"waiting"`
	Recipients []struct {
		PhoneNumber       string `json:"phoneNumber"`
		State             string `json:"state"`
		Error             string `json:"error"`
		ErrorCode         string `json:"errorCode"`
		PossibleDuplicate bool   `json:"possibleDuplicate"`
	} `json:"recipients"`
	States map[string]time.Time `json:"states"`
}

// send posts a message and returns it, once the API took it on.
func (r *rig) send(body map[string]any) (message, error) {
	var m message
	status, err := r.call(http.MethodPost, "/messages", body, &m)
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("status %d, want 202", status)
	}
	return m, err
}

func text(id, to, text string) map[string]any {
	return map[string]any{"id": id, "phoneNumbers": []string{to}, "textMessage": map[string]string{"text": text}}
}

// get returns a message.
func (r *rig) get(id string) message {
	r.t.Helper()
	var m message
	r.must(http.MethodGet, "/messages/"+id, nil, &m)
	return m
}

// inbox returns all incoming texts.
func (r *rig) inbox() []string {
	r.t.Helper()
	var out []string
	for offset := 0; ; offset += 500 {
		var page []struct {
			ContentPreview string `json:"contentPreview"`
		}
		r.must(http.MethodGet, fmt.Sprintf("/inbox?limit=500&offset=%d", offset), nil, &page)
		for _, in := range page {
			out = append(out, in.ContentPreview)
		}
		if len(page) < 500 {
			return out
		}
	}
}

// subscribe registers the receiver for events.
func (r *rig) subscribe(events ...string) {
	r.t.Helper()
	for _, e := range events {
		r.must(http.MethodPost, "/webhooks", map[string]string{"id": e, "url": r.receiver.url + "/" + e, "event": e}, nil)
	}
}

// ready waits until the modems can send.
func (r *rig) ready() {
	r.t.Helper()
	r.until("modems to be ready", 30*time.Second, func() bool {
		var h struct {
			Checks map[string]struct {
				Status string `json:"status"`
			} `json:"checks"`
		}
		_, err := r.call(http.MethodGet, "/health", nil, &h)
		if err != nil {
			return false
		}
		for i := range r.sticks {
			if h.Checks[fmt.Sprintf("modem:%d:status", i+1)].Status != "pass" {
				return false
			}
		}
		return true
	})
}

// syncBuffer is a buffer that may be written and read at the same time.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Len()
}

func (s *syncBuffer) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}

// tail returns the last n lines.
func (s *syncBuffer) tail(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := strings.Split(s.b.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// decode reads JSON and ignores what is cut off, as of a daemon being killed.
func decode(r io.Reader, v any) {
	_ = json.NewDecoder(r).Decode(v)
}
