package rest

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"
)

// from returns a client by its address.
func from(t *testing.T, addr string) client {
	t.Helper()
	return clientOf(&http.Request{RemoteAddr: netip.AddrPortFrom(netip.MustParseAddr(addr), 4711).String()})
}

func TestEveryRouteButHealthNeedsCredentials(t *testing.T) {
	w := newWorld(t)
	paths := []struct{ method, path string }{{"GET", "/nothing"}, {"PUT", "/messages"}, {"POST", "/health"}}
	for _, c := range calls(w.gateway.DeviceID()) {
		for _, prefix := range prefixes {
			paths = append(paths, struct{ method, path string }{c.method, prefix + c.path})
		}
	}
	for _, p := range paths {
		a := w.anonymous(p.method, p.path)
		if strings.Contains(p.path, "/health") && p.method == "GET" || strings.Contains(p.path, "/bin/") {
			if a.status == 401 {
				t.Errorf("%s %s: got 401, want it without credentials", p.method, p.path)
			}
			continue
		}
		challenge := a.header.Get("WWW-Authenticate")
		if want := `Basic realm="Access to SMS Gateway", charset="UTF-8"`; a.status != 401 || a.body != "" || challenge != want {
			t.Errorf("%s %s: got %d %q, challenge %q, want 401 without a body, challenge %q", p.method, p.path, a.status, a.body, challenge, want)
		}
	}
}

func TestCredentials(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("geheim:ß"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	basic := func(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, o := range []Options{
		{Username: "sms", Password: "geheim:ß"},
		{Username: "sms", PasswordHash: string(hash)},
	} {
		w := newWorld(t)
		o.Gateway, o.Webhooks = w.gateway, &fakeWebhooks{}
		h, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		w.serve(h)
		for header, want := range map[string]int{
			basic("sms:geheim:ß"):                    200,
			"basic" + basic("sms:geheim:ß")[5:]:      200,
			basic("sms:geheim"):                      401,
			basic("sms:geheim:ss"):                   401,
			basic("sms:"):                            401,
			basic("SMS:geheim:ß"):                    401,
			basic(":geheim:ß"):                       401,
			basic("smsg:eheim:ß"):                    401,
			basic("sms"):                             401,
			"Basic !":                                401,
			"Basic":                                  401,
			"Bearer geheim:ß":                        401,
			basic("sms:" + strings.Repeat("x", 100)): 401, // longer than bcrypt looks
		} {
			req, err := http.NewRequest("GET", w.url+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", header)
			if a := w.exchange(req); a.status != want {
				t.Errorf("hashed %t, %.40s: got %d, want %d", o.PasswordHash != "", header, a.status, want)
			}
		}
	}
}

func TestNewRefuses(t *testing.T) {
	w := newWorld(t)
	for want, o := range map[string]Options{
		"no gateway given":                    {Username: "sms", Password: "x"},
		"nothing given that sends webhooks":   {Gateway: w.gateway, Username: "sms", Password: "x"},
		"the user name is empty":              {Gateway: w.gateway, Webhooks: &fakeWebhooks{}, Password: "x"},
		"the user name contains a colon":      {Gateway: w.gateway, Webhooks: &fakeWebhooks{}, Username: "a:b", Password: "x"},
		"neither a password nor":              {Gateway: w.gateway, Webhooks: &fakeWebhooks{}, Username: "sms"},
		"both a password and a password hash": {Gateway: w.gateway, Webhooks: &fakeWebhooks{}, Username: "sms", Password: "x", PasswordHash: "y"},
		"read password hash":                  {Gateway: w.gateway, Webhooks: &fakeWebhooks{}, Username: "sms", PasswordHash: "plain text"},
	} {
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// guess presents credentials of which the password is wrong.
func (d *door) guess(t *testing.T, c client, password string) verdict {
	t.Helper()
	v, err := d.admit(t.Context(), c, "sms", password)
	if err != nil || v.ok {
		t.Fatalf("guess %q: got %+v, %v, want it refused", password, v, err)
	}
	return v
}

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &logBuffer{}
		d, err := newDoor("sms", "secret", "", zerolog.New(log))
		if err != nil {
			t.Fatal(err)
		}
		bad, good := from(t, "192.0.2.1"), from(t, "192.0.2.2")
		enter := func(c client) verdict {
			v, err := d.admit(t.Context(), c, "sms", "secret")
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		for i := range loginFailures {
			if v := d.guess(t, bad, fmt.Sprint(i)); v.wait != 0 {
				t.Fatalf("guess %d has to wait %v, want only those after %d", i, v.wait, loginFailures)
			}
		}
		if got, want := d.guess(t, bad, "one more").wait, 6*time.Second; got != want {
			t.Errorf("got a wait of %v, want %v", got, want)
		}
		if v := enter(bad); v.ok || v.wait == 0 {
			t.Errorf("got %+v: the password is told from wrong ones while its client has to wait", v)
		}
		if v := enter(good); !v.ok {
			t.Errorf("got %+v for another client, want it let in", v)
		}
		time.Sleep(6 * time.Second)
		if v := d.guess(t, bad, "after a while"); v.wait != 0 {
			t.Errorf("got a wait of %v after having waited", v.wait)
		}
		if v := d.guess(t, bad, "and again"); v.wait == 0 {
			t.Error("more than one guess is allowed after waiting for one")
		}
		if n := strings.Count(log.String(), "too many failed logins"); n != 1 {
			t.Errorf("got %d warnings within a minute, want 1:\n%s", n, log)
		}
		time.Sleep(loginPeriod)
		if v := enter(bad); !v.ok {
			t.Errorf("got %+v with the right password after a minute, want it let in", v)
		}
	})
}

// A client that was not told of a new password repeats the old one for ever. That
// must not lock out the others behind its address.
func TestThrottleForgivesRepetition(t *testing.T) {
	d, err := newDoor("sms", "secret", "", zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	c := from(t, "127.0.0.1")
	for range 10 * loginFailures {
		if v := d.guess(t, c, "old password"); v.wait != 0 {
			t.Fatalf("a repeated password has to wait %v", v.wait)
		}
	}
	if v, err := d.admit(t.Context(), c, "sms", "secret"); err != nil || !v.ok {
		t.Errorf("got %+v, %v for the right password, want it let in", v, err)
	}
}

// Guesses made at the same time are counted like those made one by one.
func TestThrottleCountsConcurrentGuesses(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, password, hash string }{{"password", "secret", ""}, {"hash", "", string(hash)}} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := newDoor("sms", tt.password, tt.hash, zerolog.Nop())
			if err != nil {
				t.Fatal(err)
			}
			c := from(t, "2001:db8::1")
			var judged atomic.Int32
			var wg sync.WaitGroup
			for i := range 100 {
				wg.Go(func() {
					if v, err := d.admit(t.Context(), c, "sms", fmt.Sprint(i)); err == nil && v.wait == 0 {
						judged.Add(1)
					}
				})
			}
			wg.Wait()
			if got := judged.Load(); got != loginFailures {
				t.Errorf("got %d guesses judged, want %d", got, loginFailures)
			}
		})
	}
}

// Once a hashed password was found right, it is not checked again: a flood of
// guesses cannot keep it waiting.
func TestVerifiedCredentialsDoNotQueue(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDoor("sms", "", string(hash), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	enter := func(addr string) {
		t.Helper()
		if v, err := d.admit(t.Context(), from(t, addr), "sms", "secret"); err != nil || !v.ok {
			t.Errorf("got %+v, %v, want it let in", v, err)
		}
	}
	enter("192.0.2.1")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	entered := make(chan struct{})
	d.check <- struct{}{} // somebody's guess is being checked, for ever
	go func() {
		defer close(entered)
		enter("192.0.2.2")
	}()
	select {
	case <-entered:
	case <-ctx.Done():
		t.Error("it waits for the check of a guess")
		<-d.check
		<-entered
	}
	cancel()
	if v, err := d.admit(ctx, from(t, "192.0.2.3"), "sms", "wrong"); err == nil {
		t.Errorf("got %+v for a guess whose client has gone, want an error", v)
	}
}

func TestThrottleIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := newThrottle()
		addr := func(i int) client { return from(t, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)) }
		for i := range maxClients + 500 {
			th.failed(addr(i), mac{byte(i)})
			time.Sleep(time.Millisecond)
		}
		if got := len(th.clients); got != maxClients {
			t.Errorf("got %d clients remembered, want %d", got, maxClients)
		}
		if th.clients[addr(499)] != nil || th.clients[addr(500)] == nil {
			t.Error("it was not the oldest that were forgotten")
		}
		time.Sleep(2 * loginPeriod)
		th.failed(addr(1<<20), mac{})
		if got := len(th.clients); got != 1 {
			t.Errorf("got %d clients remembered after a quiet time, want 1", got)
		}
	})
}

func TestClientOf(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1/32", "[::ffff:192.0.2.1]:80": "192.0.2.1/32",
		"[2001:db8:1:2:3::4]:80": "2001:db8:1:2::/64", "[fe80::1%eth0]:80": "fe80::/64",
		"@": "invalid Prefix", "": "invalid Prefix",
	} {
		if got := clientOf(&http.Request{RemoteAddr: addr}).String(); got != want {
			t.Errorf("%q: got %s, want %s", addr, got, want)
		}
	}
}
