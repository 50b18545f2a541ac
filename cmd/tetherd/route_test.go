package main_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

// tetherd runs a command of the built binary against the daemon and returns what it
// prints.
func (r *rig) tetherd(args ...string) string {
	r.t.Helper()
	bin, err := binary()
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.CommandContext(r.t.Context(), bin, args...)
	cmd.Env = append(os.Environ(), "TETHERD_URL=http://"+r.addr, "TETHERD_USERNAME="+rigUser, "TETHERD_PASSWORD="+rigPassword)
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("tetherd %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// signedFor is a receiver that keeps the texts it is sent under the given secret.
type signedFor struct {
	mu     sync.Mutex
	secret string
	bodies []string
}

func (s *signedFor) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	mac := hmac.New(sha256.New, []byte(s.secret))
	mac.Write(body)
	mac.Write([]byte(req.Header.Get("X-Timestamp")))
	if err != nil || req.Header.Get("X-Signature") != hex.EncodeToString(mac.Sum(nil)) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.bodies = append(s.bodies, string(body))
}

func (s *signedFor) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.bodies...)
}

// A route made on the command line sends what it wants to its own webhook, signed
// with its own secret, and tells the admin by SMS, once.
func TestRouteOnCommandLine(t *testing.T) {
	const admin = "+4917055500009"
	r := newRig(t, 2, emulator.NetworkOptions{Seed: 31})
	r.settings = "alerts:\n  admin_numbers: [" + admin + "]\n"
	r.start()
	r.subscribe("sms:received")
	r.ready()
	urgent := &signedFor{}
	srv := httptest.NewServer(urgent)
	defer srv.Close()

	out := r.tetherd("route", "add", "--id", "urgent", "--keyword", "urgent", "--phone", "+1555", "--to", srv.URL+"/u", "--notify-admin", "--exclusive")
	secret := regexp.MustCompile(`whsec_\S+`).FindString(out)
	if secret == "" || !strings.Contains(out, "urgent") || strings.Contains(out, "warning") {
		t.Fatalf("route add printed\n%s", out)
	}
	urgent.mu.Lock()
	urgent.secret = secret
	urgent.mu.Unlock()
	if out := r.tetherd("route", "list"); !strings.Contains(out, srv.URL+"/u, exclusive, SMS to admins") || strings.Contains(out, "whsec_") {
		t.Errorf("route list printed\n%s", out)
	}
	out = r.tetherd("route", "test", "urgent", "--phone", "+15551234567", "--text", "URGENT", "--device", "modem1")
	for _, want := range []string{"The route wants it.", "by route urgent", "not told", "told by SMS"} {
		if !strings.Contains(out, want) {
			t.Errorf("route test printed\n%s\nwant %q", out, want)
		}
	}

	for from, text := range map[string]string{"+15551234567": "Urgent: water in the cellar", "+4917012345678": "urgent, but not from there"} {
		if err := r.network.DeliverText(from, r.sticks[0].number, text); err != nil {
			t.Fatal(err)
		}
	}
	r.until("the route's webhook to be told", 20*time.Second, func() bool { return len(urgent.all()) == 1 })
	r.until("the other to be told", 20*time.Second, func() bool { return len(r.receiver.all()) == 1 })
	r.until("the admin to be told", 20*time.Second, func() bool { return r.sentTo(admin) != "" })
	if got := urgent.all()[0]; !strings.Contains(got, "water in the cellar") {
		t.Errorf("the route's webhook got %s", got)
	}
	if got := r.receiver.all()[0].Payload.Message; got != "urgent, but not from there" {
		t.Errorf("the registered webhook got %q", got)
	}
	r.tetherd("route", "rm", "urgent")
	if out := r.tetherd("route", "list"); out != "" {
		t.Errorf("after route rm there are\n%s", out)
	}
	r.terminate()
	if got, want := r.sentTo(admin), "From +15551234567: Urgent: water in the cellar"; got != want {
		t.Errorf("the admin was sent %q, want %q", got, want)
	}
}
