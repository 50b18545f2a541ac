package main_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

// wire is a request as a client writes it. In its path, headers and body {name} is another
// for each test, {device} the ID of the device, {hook} where a webhook may go, {key}
// what webhooks are signed with, and {before}, {now} and {later} are times of the
// precision of a microsecond; {nanos} and {dateiso} are later, too.
type wire struct {
	method, path string
	body         string
	status       int
	want         string // a regular expression that finds something in the answer
}

// program is what a program sends, with headers that are those of the library it is
// written with.
type program struct {
	name, headers string
	requests      []wire
}

// The clients that cannot be run here are answered as they expect it by the built daemon,
// wherever they look for the API, down to the bytes on the wire.
func TestClientsOnTheWire(t *testing.T) {
	r := newRig(t, 1, emulator.NetworkOptions{Seed: 1})
	r.start()
	r.ready()
	var devices []struct{ ID string }
	r.must(http.MethodGet, "/devices", nil, &devices)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	r.must(http.MethodPost, "/auth/token", object{"scopes": []string{"all:any"}}, &token)
	password := "Basic " + base64.StdEncoding.EncodeToString([]byte(rigUser+":"+rigPassword))
	bearer := "Bearer " + token.AccessToken // clients that can log in so are given no user
	r.everyPrefix(t, func(t *testing.T, url, name string) {
		prefix := strings.TrimPrefix(url, "http://"+r.addr)
		auth := password
		if prefix == "/3rdparty/v1" || prefix == "/api/v1" {
			auth = bearer
		}
		t.Run("strangers", func(t *testing.T) { r.strangers(t, prefix) })
		for _, p := range slices.Concat(programs, careless) {
			t.Run(p.name, func(t *testing.T) {
				stamp := func(after time.Duration, zone string) string {
					return time.Now().UTC().Add(after).Format("2006-01-02T15:04:05.000000") + zone
				}
				for _, w := range p.requests {
					zone := "+00:00" // as Python writes it
					if strings.Contains(w.path, "{") {
						zone = "%2B00:00"
					}
					fill := strings.NewReplacer("{name}", name, "{device}", devices[0].ID, "{hook}", r.receiver.url, "{key}", rigKey,
						"{nanos}", time.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04:05.999999999Z"),
						"{dateiso}", time.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04:05-0700"),
						"{before}", stamp(-time.Hour, zone), "{now}", stamp(0, zone), "{later}", stamp(time.Hour, zone))
					path := prefix + fill.Replace(w.path)
					status, body := r.raw(w.method, path, "Authorization: "+auth+"\r\n"+p.headers, fill.Replace(w.body))
					want := regexp.MustCompile(fill.Replace(w.want))
					if status != w.status || !want.MatchString(body) {
						t.Errorf("%s %s %s\n got %d %s\nwant %d %s", w.method, path, fill.Replace(w.body), status, body, w.status, want)
					}
				}
			})
		}
	})
}

// strangers are told that they are, which is how clients find out about credentials, and
// nothing but how the gateway is.
func (r *rig) strangers(t *testing.T, prefix string) {
	for _, auth := range []string{"", "Authorization: Basic c21zOmd1ZXNz\r\n", "Authorization: Basic Og==\r\n", "Authorization: Bearer guess\r\n", "Authorization: Bearer\r\n"} {
		for _, w := range []wire{
			{"GET", "/", "", 401, ""},
			{"GET", "/messages?limit=1", "", 401, ""},
			{"POST", "/message", `{"message":"Hello","phoneNumbers":["+4917012345678"]}`, 401, ""},
			{"DELETE", "/webhooks/x", "", 401, ""},
			{"PUT", "/settings", "{}", 401, ""},
			{"POST", "/auth/token", `{"scopes":["all:any"]}`, 401, ""},
			{"POST", "/auth/token/refresh", "", 401, ""},
			{"GET", "/nothing/here", "", 401, ""},
			{"GET", "/health", "", 200, `"status"`},
		} {
			status, body := r.raw(w.method, prefix+w.path, auth, w.body)
			if status != w.status || !strings.Contains(body, w.want) || w.want == "" && body != "" {
				t.Errorf("%s %s with %q: got %d %s, want %d %s", w.method, w.path, auth, status, body, w.status, w.want)
			}
		}
	}
}

// raw writes a request to a connection of its own, and returns the status and the body of
// the answer, which must have a date and not be compressed.
func (r *rig) raw(method, target, headers, body string) (int, string) {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	length := ""
	if body != "" {
		length = fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n%s", method, target, r.addr, headers, length, body)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, target, err)
	}
	if resp.Header.Get("Date") == "" || resp.Header.Get("Content-Encoding") != "" {
		r.t.Errorf("%s %s: got headers %v, want a date and no encoding", method, target, resp.Header)
	}
	return resp.StatusCode, strings.TrimSuffix(string(b), "\n")
}
