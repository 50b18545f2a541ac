package main

import (
	"regexp"
	"strings"
	"testing"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway/api"
)

func TestOptOutCommands(t *testing.T) {
	cfg := emulatedConfig(t)
	cfg.OptOut = config.OptOut{Enabled: true, Stop: []string{"genug"}}
	r := start(t, cfg)
	env := map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}
	run := func(args ...string) string {
		t.Helper()
		out := runCLI(t, env, append([]string{"optout"}, args...)...)
		return regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\S*`).ReplaceAllString(out, "TIME")
	}
	for _, tt := range []struct{ args, want string }{
		{"list", ""},
		{"add +4917012345678 +33712345678", "+4917012345678  TIME  entered\n+33712345678    TIME  entered\n"},
		{"list", "+33712345678    TIME  entered\n+4917012345678  TIME  entered\n"},
		{"rm +33712345678", ""},
		{"list", "+4917012345678  TIME  entered\n"},
	} {
		if got := run(strings.Fields(tt.args)...); got != tt.want {
			t.Errorf("optout %s printed %q, want %q", tt.args, got, tt.want)
		}
	}
	// Bob writes to Alice, who is on the same gateway.
	if _, err := r.Send(t.Context(), api.SendRequest{TextMessage: &api.TextMessage{Text: "Genug!"}, PhoneNumbers: []string{"+4915110000001"}, SIMNumber: new(2)}); err != nil {
		t.Fatal(err)
	}
	until(t, "the wish to arrive", func() bool { return strings.Contains(run("list"), "+4915110000002  TIME  genug\n") })
	_, err := r.Send(t.Context(), api.SendRequest{TextMessage: &api.TextMessage{Text: "Hello?"}, PhoneNumbers: []string{"+4915110000002"}})
	if err == nil || !strings.Contains(err.Error(), `phoneNumbers[0] "+4915110000002" opted out of messages`) || !strings.Contains(err.Error(), "it sent genug") {
		t.Errorf("sent to who opted out: %v", err)
	}
	if got := run("list", "--json"); !strings.Contains(got, `"phoneNumber": "+4917012345678"`) {
		t.Errorf("as JSON: %s", got)
	}
}
