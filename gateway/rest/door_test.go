package rest

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

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

// Of two credentials a proxy may have looked at the one and the gateway at the other.
func TestTwoCredentials(t *testing.T) {
	w := newWorld(t)
	req, err := http.NewRequest("GET", w.url+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("sms", "secret")
	req.Header.Add("Authorization", "Bearer x")
	if a := w.exchange(req); a.status != 401 {
		t.Errorf("got %d, want 401", a.status)
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
		"logging in would take minutes":       {Gateway: w.gateway, Webhooks: &fakeWebhooks{}, Username: "sms", PasswordHash: "$2a$16$fW1dTT3nXkzIb8KYZPlzL./7KwW5YuqQLWojwOp/4OFsAh8Qkp7Py"},
		"read password hash":                  {Gateway: w.gateway, Webhooks: &fakeWebhooks{}, Username: "sms", PasswordHash: "plain text"},
	} {
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
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
