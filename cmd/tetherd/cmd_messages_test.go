package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

// TestMessagesCommands looks at messages of a daemon, and changes them.
func TestMessagesCommands(t *testing.T) {
	r := start(t, emulatedConfig(t))
	env := map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}
	messages := func(args ...string) (string, error) {
		t.Helper()
		out, note, err := command(t, env, "", append([]string{"messages"}, args...)...)
		return regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`).ReplaceAllString(out+note, "TIME"), err
	}
	check := func(want string, args ...string) {
		t.Helper()
		if got, err := messages(args...); err != nil || got != want {
			t.Errorf("messages %s: %v\n%s", strings.Join(args, " "), err, cmp.Diff(want, got))
		}
	}
	refused := func(want string, args ...string) {
		t.Helper()
		if _, err := messages(args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("messages %s: %v, want %q", strings.Join(args, " "), err, want)
		}
	}
	check("", "list")
	later := api.Time{Time: time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, m := range []api.SendRequest{
		{ID: "a", TextMessage: &api.TextMessage{Text: "First\nline"}, PhoneNumbers: []string{"+4915110000002"}, SIMNumber: new(1)},
		{ID: "b", TextMessage: &api.TextMessage{Text: "Second"}, PhoneNumbers: []string{"+4917000000001", "+4917000000002", "+4917000000003", "+4917000000004"}, ScheduleAt: &later, SIMNumber: new(2)},
		{ID: "c", DataMessage: &api.DataMessage{Data: "SGk=", Port: 5}, PhoneNumbers: []string{"+4917000000001"}, ScheduleAt: &later, Priority: 3},
	} {
		if _, err := r.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the delivery", func() bool {
		m, err := r.Message(t.Context(), "a")
		return err == nil && m.State == api.Delivered
	})
	const waits = "waiting: it is scheduled for TIME"
	zone := regexp.MustCompile(`(scheduled for TIME) [+-]\d\d:\d\d`)
	plain := func(args ...string) string {
		t.Helper()
		got, err := messages(args...)
		if err != nil {
			t.Errorf("messages %s: %v", strings.Join(args, " "), err)
		}
		return zone.ReplaceAllString(got, "$1")
	}
	b := "b  TIME  Pending    +4917000000001,+4917000000002,+4917000000003,and 1 more  " + waits + "\n"
	for args, want := range map[string]string{
		"list --oldest --limit 1":       "a  TIME  Delivered  +4915110000002\n1 of 3; --limit shows more\n",
		"list --state delivered --text": "a  TIME  Delivered  +4915110000002\n    First⏎line\n",
		"list --modem alice":            "a  TIME  Delivered  +4915110000002\n",
		"list --modem bob":              strings.ReplaceAll(b, "Pending    ", "Pending  "),
		"list --from 2089-01-01":        "",
		"list --to 2001-01-01":          "",
		"search SECOND":                 strings.ReplaceAll(b, "Pending    ", "Pending  "),
		"search +4917000000003 --text":  strings.ReplaceAll(b, "Pending    ", "Pending  ") + "    Second\n",
		"search nowhere":                "",
		"show c": "c: Pending\n  reached    Pending TIME\n  scheduled  TIME\n  priority   3\n  content    data to port 5: SGk=\n" +
			"+4917000000001  Pending  " + waits + "\n",
	} {
		if got := plain(strings.Fields(args)...); got != want {
			t.Errorf("messages %s:\n%s", args, cmp.Diff(want, got))
		}
	}
	if got := plain("search", "+4917000000001", "--limit", "1"); !strings.HasSuffix(got, "there may be more; --limit shows more\n") {
		t.Errorf("a search with more: %q", got)
	}

	check("b  TIME  Cancelled  +4917000000001,+4917000000002,+4917000000003,and 1 more\n", "cancel", "b")
	refused("cancel a: Message a is not in Pending state", "cancel", "a")
	if got, err := messages("cancel", "c", "gone", "b"); err == nil || !strings.Contains(err.Error(), "cancel gone: there is no message with this ID") || !strings.HasPrefix(got, "c  TIME  Cancelled") {
		t.Errorf("cancelling one of two: %q, %v", got, err)
	}
	got, err := messages("retry", "b", "--json")
	var again []api.Message
	if jerr := json.Unmarshal([]byte(got), &again); err != nil || jerr != nil || len(again) != 1 || again[0].RetryOf != "b" {
		t.Fatalf("retry: %v in %s", err, got)
	}
	if got := plain("list", "--state", "cancelled"); !strings.Contains(got, "sent again as "+again[0].ID) {
		t.Errorf("list of what was sent again: %q", got)
	}
	refused("retry b: ", "retry", "b")
	refused("release a: Message a is not held back", "release", "a")
	refused("gone: there is no message with this ID", "show", "gone")
	refused("--limit 0 is not between", "list", "--limit", "0")
	refused("--state lost is none of", "list", "--state", "lost")
	refused(`--from "noon" is not a time`, "list", "--from", "noon")
	refused("Invalid device ID", "list", "--modem", "bus")
}

func TestInboxAndHistoryCommands(t *testing.T) {
	r := start(t, emulatedConfig(t))
	env := map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}
	if _, err := r.Send(t.Context(), api.SendRequest{TextMessage: &api.TextMessage{Text: "Ahoy"}, PhoneNumbers: []string{"+4915110000002"}, SIMNumber: new(1)}); err != nil {
		t.Fatal(err)
	}
	until(t, "the message to arrive", func() bool {
		_, n, err := r.Inbox(t.Context(), api.InboxQuery{})
		return err == nil && n == 1
	})
	for args, want := range map[string]bool{
		"": true, "--search aho": true, "--search nothing": false, "--modem bob": true, "--modem alice": false,
		"--from 2090-01-01": false, "--to 2001-01-01": false,
	} {
		if got := runCLI(t, env, append([]string{"inbox"}, strings.Fields(args)...)...); strings.HasSuffix(got, "  +4915110000001  Ahoy\n") != want {
			t.Errorf("inbox %s: %q", args, got)
		}
	}
	until(t, "a sample of the modem", func() bool {
		return regexp.MustCompile(`(?m)^\d+-\d+-\d+ \d+:\d+:\d+  (absent|starting|ready) +\w+`).MatchString(runCLI(t, env, "modem", "history", "alice"))
	})
	if got := runCLI(t, env, "modem", "history", "1", "--since", "1h", "--json"); !strings.Contains(got, `"registered": `) {
		t.Errorf("history as JSON: %s", got)
	}
	if _, _, err := command(t, env, "", "modem", "history", "bus"); err == nil {
		t.Error("there is a history of no modem")
	}
}

func TestPrintHistory(t *testing.T) {
	at := api.Time{Time: time.Date(2026, 3, 13, 14, 25, 16, 0, time.Local)}
	var b strings.Builder
	err := printHistory(&b, []api.ModemSample{
		{At: at, State: "absent", Registration: "unknown"},
		{At: at, State: "ready", Registration: "home", Signal: &api.ModemSignal{Bars: 4, DBM: -79}},
	})
	want := "2026-03-13 14:25:16  absent  unknown\n2026-03-13 14:25:16  ready   home  4 of 5 bars, -79 dBm\n"
	if diff := cmp.Diff(want, b.String()); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}
