package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

// withEnv returns a cli with the given environment and nothing else.
func withEnv(env map[string]string) *cli {
	c := &cli{stdin: strings.NewReader(""), getenv: func(k string) string { return env[k] }}
	for k, v := range env {
		c.environ = append(c.environ, k+"="+v)
	}
	return c
}

// TestConnect checks where the address and the credentials come from: flags, then
// the environment, then the configuration.
func TestConnect(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "tetherd.yaml")
	doc := "listen: :7000\nauth: {username: fred, password: filed}\nmodems: [{port: /dev/ttyUSB0}]\n"
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(dir, "gone.yaml")
	tests := []struct {
		name  string
		env   map[string]string
		flags clientOptions
		login bool
		url   string // empty: an error is wanted
		user  string
		err   string // part of it
	}{
		{name: "configuration", flags: clientOptions{config: file}, login: true, url: "http://127.0.0.1:7000", user: "fred"},
		{name: "variables", env: map[string]string{"TETHERD_URL": "https://h", "TETHERD_USERNAME": "u", "TETHERD_PASSWORD": "p"}, flags: clientOptions{config: gone}, login: true, url: "https://h", user: "u"},
		{name: "the usual user name", env: map[string]string{"TETHERD_URL": "https://h", "TETHERD_PASSWORD": "p"}, flags: clientOptions{config: gone}, login: true, url: "https://h", user: "sms"},
		{name: "flags before variables", env: map[string]string{"TETHERD_URL": "https://h", "TETHERD_USERNAME": "u"}, flags: clientOptions{url: "http://f", username: "v", password: "p", config: gone}, login: true, url: "http://f", user: "v"},
		{name: "the rest from the configuration", env: map[string]string{"TETHERD_URL": "https://h"}, flags: clientOptions{config: file}, login: true, url: "https://h", user: "fred"},
		{name: "no password needed", env: map[string]string{"TETHERD_URL": "https://h"}, flags: clientOptions{config: gone}, url: "https://h", user: "sms"},
		{name: "token", env: map[string]string{"TETHERD_URL": "https://h", "TETHERD_TOKEN": "t"}, flags: clientOptions{config: gone}, login: true, url: "https://h", user: "sms"},
		{name: "no configuration", flags: clientOptions{config: gone}, err: "set TETHERD_URL, TETHERD_USERNAME and TETHERD_PASSWORD"},
		{name: "no demo", flags: clientOptions{demo: true, stateDir: dir}, err: "there is no demo in " + dir},
		{name: "not an address", flags: clientOptions{url: "localhost:8080"}, err: "does not begin with http"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			conn, err := withEnv(tt.env).connect(tt.flags, tt.login)
			if tt.url == "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("connect = %v, want an error with %q", err, tt.err)
				}
				return
			}
			if err != nil || conn.url != tt.url || conn.username != tt.user {
				t.Errorf("connect = %q as %q, %v; want %q as %q", conn.url, conn.username, err, tt.url, tt.user)
			}
		})
	}
}

func TestSendRequest(t *testing.T) {
	yes, no, slot, ttl, port, noPort := true, false, 2, int32(90), 53739, 65536
	tests := []struct {
		name          string
		options       sendOptions
		numbers, text string
		stdin         string
		want          api.SendRequest
		bad           bool
	}{
		{
			name: "plain", numbers: "+491", text: "hi",
			want: api.SendRequest{TextMessage: &api.TextMessage{Text: "hi"}, PhoneNumbers: []string{"+491"}, WithDeliveryReport: &yes},
		},
		{
			name: "all flags, several numbers", numbers: "+491, +492", text: "hi",
			options: sendOptions{id: "x", sim: 2, priority: -5, ttl: 90*time.Second + time.Millisecond, noReport: true},
			want: api.SendRequest{
				ID: "x", TextMessage: &api.TextMessage{Text: "hi"}, PhoneNumbers: []string{"+491", "+492"},
				WithDeliveryReport: &no, SIMNumber: &slot, Priority: -5, TTL: &ttl,
			},
		},
		{
			name: "text from standard input", numbers: "+491", text: "-", stdin: "two\nlines\n",
			want: api.SendRequest{TextMessage: &api.TextMessage{Text: "two\nlines"}, PhoneNumbers: []string{"+491"}, WithDeliveryReport: &yes},
		},
		{
			name: "flash", numbers: "+491", text: "hi", options: sendOptions{flash: true, smsc: "+492"},
			want: api.SendRequest{
				TextMessage: &api.TextMessage{Text: "hi"}, PhoneNumbers: []string{"+491"}, WithDeliveryReport: &yes, Flash: true, SMSC: "+492",
			},
		},
		{
			name: "data", numbers: "+491", text: "SGk=", options: sendOptions{dataPort: &port},
			want: api.SendRequest{
				DataMessage: &api.DataMessage{Data: "SGk=", Port: port}, PhoneNumbers: []string{"+491"}, WithDeliveryReport: &yes,
			},
		},
		{
			name: "data from standard input", numbers: "+491", text: "-", stdin: "Hi\n", options: sendOptions{dataPort: &port},
			want: api.SendRequest{
				DataMessage: &api.DataMessage{Data: "SGkK", Port: port}, PhoneNumbers: []string{"+491"}, WithDeliveryReport: &yes,
			},
		},
		{name: "no such port", numbers: "+491", text: "SGk=", options: sendOptions{dataPort: &noPort}, bad: true},
		{name: "too short to live", numbers: "+491", text: "hi", options: sendOptions{ttl: time.Millisecond}, bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := withEnv(nil)
			c.stdin = strings.NewReader(tt.stdin)
			got, err := c.sendRequest(tt.options, tt.numbers, tt.text)
			if (err != nil) != tt.bad {
				t.Fatalf("sendRequest: %v", err)
			}
			if diff := cmp.Diff(tt.want, got); !tt.bad && diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"Grüße 😀": "Grüße 😀", "a\nb": "a⏎b", "\x1b]0;pwned\x07": "·]0;pwned·", "a\u202eb": "ab", "\x9b31m": "·31m",
	} {
		if got := printable(in); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
}
