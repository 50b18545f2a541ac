package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

func TestWantedRoute(t *testing.T) {
	file := filepath.Join(t.TempDir(), "route.json")
	const document = `{"filter": {"type": "device", "device_ids": ["a"]}, "action": {"notify_admin": true}}`
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	fromFile := `{"filter":{"type":"device","device_ids":["a"]},"action":{"notify_admin":true}}`
	for _, tt := range []struct {
		name    string
		w       wantedRoute
		args    []string
		want    string // JSON
		wantErr string
	}{
		{name: "nothing", want: `{"action":{}}`},
		{name: "one flag", w: wantedRoute{phone: "+1555"}, want: `{"filter":{"condition":"starts_with","type":"phone","value":"+1555"},"action":{}}`},
		{
			name: "all flags", w: wantedRoute{
				phone: "+1", keyword: "u", devices: []string{"a", "b"}, filter: `{"not":{}}`,
				route: api.Route{ID: "i", Name: "n", Events: []string{"sms:sent"}, Action: api.RouteAction{Webhook: "w", Exclusive: true}},
			},
			want: `{"id":"i","name":"n","filter":{"all":[{"condition":"starts_with","type":"phone","value":"+1"},` +
				`{"condition":"contains","type":"keyword","value":"u"},{"device_ids":["a","b"],"type":"device"},{"not":{}}]},` +
				`"events":["sms:sent"],"action":{"webhook":"w","exclusive":true}}`,
		},
		{name: "file", args: []string{file}, want: fromFile},
		{name: "standard input", args: []string{"-"}, want: fromFile},
		{name: "file and flags", w: wantedRoute{keyword: "x"}, args: []string{file}, wantErr: "either a file or flags"},
		{name: "no file", args: []string{file + "x"}, wantErr: "read route: open "},
		{name: "no JSON in the file", args: []string{"/dev/null"}, wantErr: "/dev/null is not the JSON of a route"},
		{name: "no JSON in the flag", w: wantedRoute{filter: "x"}, wantErr: "--filter is not JSON"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &cli{stdin: strings.NewReader(document)}
			r, err := c.wantedRoute(&tt.w, tt.args)
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("got %v, want %q", err, tt.wantErr)
				}
				return
			}
			b, merr := json.Marshal(r)
			if diff := cmp.Diff(tt.want, string(b)); err != nil || merr != nil || diff != "" {
				t.Errorf("%v, %v (-want +got)\n%s", err, merr, diff)
			}
		})
	}
}

func TestPrintRoutes(t *testing.T) {
	var out, warn strings.Builder
	c := &cli{stdout: &out, stderr: &warn}
	routes := []api.Route{
		{ID: "a\x1b", Events: []string{"sms:sent", "sms:failed"}, Action: api.RouteAction{WebhookID: "crm", Exclusive: true}, Enabled: new(false)},
		{
			ID: "b", Events: []string{"sms:received"}, Filter: json.RawMessage(`{"type":"device","device_ids":["x"]}`), Enabled: new(true),
			Action:   api.RouteAction{Webhook: "https://example.org", WebhookID: "w", Secret: "s3cret", NotifyAdmin: true},
			Warnings: []string{"nobody is told"},
		},
	}
	if err := c.printRoutes(clientOptions{}, routes); err != nil {
		t.Fatal(err)
	}
	if err := c.remark(clientOptions{}, routes[1]); err != nil {
		t.Fatal(err)
	}
	want := `a·  sms:sent,sms:failed  webhook crm, exclusive, disabled    everything
b   sms:received         https://example.org, SMS to admins  {"type":"device","device_ids":["x"]}
Webhook w was made for it. Its secret, which is shown this once, is s3cret
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got, want := warn.String(), "warning: nobody is told\n"; got != want {
		t.Errorf("got the warning %q, want %q", got, want)
	}
}
