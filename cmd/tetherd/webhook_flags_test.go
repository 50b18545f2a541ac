package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func TestWebhookFields(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	secret, basic, bearer, pem := file("secret", "a secret\n"), file("basic", "user:pass:word\n"), file("bearer", "token\n"), file("pem", "PEM\n")
	for _, tt := range []struct {
		args string // \t between them
		want string // JSON, or what the error begins with
	}{
		{"", `{}`},
		{
			"--name\tThe shop\t--event\tsms:sent,sms:failed\t--modem\toffice\t--filter\t{\"type\":\"device\",\"device_ids\":[\"a\"]}\t--format\tsmobi\t--kind\tinbound",
			`{"events":["sms:sent","sms:failed"],"filter":{"type":"device","device_ids":["a"]},"format":"smobi","kind":"inbound","modems":["office"],"name":"The shop"}`,
		},
		{
			"--extended-events\t--thin\t--per-part\t--template\t" + pem + "\t--method\tPUT\t--content-type\ttext/plain\t--signature\tgithub",
			`{"contentType":"text/plain","deliveredPer":"part","extendedEvents":true,"method":"PUT","payload":"thin","signature":"github","template":"PEM\n"}`,
		},
		{"--thin=false\t--per-part=false\t--newest-first=false\t--keep-on-gone=false", `{"deliveredPer":"message","disableOnGone":true,"drain":"oldest-first","payload":"full"}`},
		{"--header\tX-Key: a: b\t--header\tX.Y:c", `{"headers":{"X-Key":"a: b","X.Y":"c"}}`},
		{"--secret", `{"secret":true}`},
		{"--shared-secret", `{"secret":false}`},
		{"--secret-file\t" + secret, `{"secret":"a secret"}`},
		{"--secret-file\t-", `{"secret":"from the input"}`},
		{"--basic-file\t" + basic, `{"auth":{"password":"pass:word","type":"basic","username":"user"}}`},
		{"--bearer-file\t" + bearer, `{"auth":{"token":"token","type":"bearer"}}`},
		{
			"--ca-file\t" + pem + "\t--cert-file\t" + pem + "\t--key-file\t" + pem + "\t--server-name\th\t--pin\tab,cd\t--insecure",
			`{"tls":{"ca":"PEM\n","cert":"PEM\n","insecure":true,"key":"PEM\n","pins":["ab","cd"],"serverName":"h"}}`,
		},
		{
			"--timeout\t5s\t--retries\t0\t--retry-base\t1m\t--retry-jitter\t5\t--give-up-on\t404,410\t--redirects\tfollow",
			`{"redirects":"follow","retry":{"base":"1m0s","giveUpOn":[404,410],"jitter":5,"max":0},"timeout":"5s"}`,
		},
		{"--retry-schedule\t1m,5m", `{"retry":{"schedule":["1m","5m"]}}`},
		{
			"--rate\t0.5\t--burst\t3\t--slots\t2\t--ordered\t--newest-first\t--max-pending\t7\t--keep-on-gone",
			`{"disableOnGone":false,"drain":"newest-first","maxPending":7,"ordered":true,"rate":{"burst":3,"perSecond":0.5},"slots":2}`,
		},
		{"--header\tX-Key", `--header "X-Key" is not of the form "Name: value"`},
		{"--filter\tx", "--filter is not JSON"},
		{"--secret\t--shared-secret", "--secret, --secret-file and --shared-secret exclude each other"},
		{"--basic-file\t" + basic + "\t--bearer-file\t" + bearer, "--basic-file and --bearer-file exclude each other"},
		{"--ca-file\t" + dir + "/none", "--ca-file: open "},
	} {
		c := withEnv(nil)
		c.stdin = strings.NewReader("from the input\n")
		var w webhookFlags
		cmd := &cobra.Command{Use: "add"}
		w.add(cmd)
		if err := cmd.ParseFlags(strings.FieldsFunc(tt.args, func(r rune) bool { return r == '\t' })); err != nil {
			t.Fatal(err)
		}
		fields, err := c.webhookFields(cmd, &w)
		if !strings.HasPrefix(tt.want, "{") {
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("%q: got %v, want %s", tt.args, err, tt.want)
			}
			continue
		}
		b, merr := json.Marshal(fields)
		if diff := cmp.Diff(tt.want, string(b)); err != nil || merr != nil || diff != "" {
			t.Errorf("%q: %v, %v (-want +got)\n%s", tt.args, err, merr, diff)
		}
		if _, err := webhookOf(fields); err != nil {
			t.Errorf("%q: %v", tt.args, err)
		}
	}
}

// What is taken back by --unset is a field that there is, of a flag that there is.
func TestWebhookDefaults(t *testing.T) {
	var w webhookFlags
	cmd := &cobra.Command{}
	w.add(cmd)
	known, err := json.Marshal(api.Webhook{
		Name: "x", Modems: []string{"x"}, Filter: json.RawMessage("1"), Format: "x", Kind: "x", Template: "x", Method: "x", ContentType: "x",
		Signature: "x", Headers: map[string]string{"x": "x"}, Auth: &api.WebhookAuth{}, TLS: &api.WebhookTLS{}, Timeout: 1,
		Retry: &api.WebhookRetry{}, Redirects: "x", Rate: &api.WebhookRate{}, Slots: 1, MaxPending: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range webhookDefaults {
		if cmd.Flags().Lookup(d[0]) == nil {
			t.Errorf("--unset %s: there is no such flag", d[0])
		}
		if !strings.Contains(string(known), `"`+d[1]+`":`) {
			t.Errorf("--unset %s: there is no field %s", d[0], d[1])
		}
	}
	s := &console{t: t, env: map[string]string{"TETHERD_URL": "http://127.0.0.1:1", "TETHERD_PASSWORD": "x"}}
	for args, want := range map[string]string{
		"add":                            "it takes an EVENT and a URL, not nothing",
		"add https://example.org":        "which events? Name one before the URL, or use --event",
		"edit x":                         "nothing to change: name an option",
		"edit x --unset url":             "--unset url: there is no such option, or it cannot be unset",
		"log x --limit 501":              "--limit 501 is not between 1 and 500",
		"recover x --since soon":         "--since soon is neither a duration such as 12h nor a date and time",
		"recover x --until -1h":          "--until -1h is neither",
		"recover x --missing --state d":  "--missing takes --since alone",
		"rotate x --activate --show":     "--grace, --activate and --show exclude each other",
		"rotate x --activate --grace 1h": "--grace, --activate and --show exclude each other",
		"redeliver x":                    "requires at least 2 arg(s)",
	} {
		printed, status := s.run(append([]string{"webhook"}, strings.Fields(args)...)...)
		if status != exitUsage || !strings.Contains(printed, want) {
			t.Errorf("%s: status %d: %s\nwant %d, %s", args, status, printed, exitUsage, want)
		}
	}
}
