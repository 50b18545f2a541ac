package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tetherd/gateway/api"
)

// command runs tetherd and returns what it printed, and its error.
func command(t *testing.T, env map[string]string, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	c := withEnv(env)
	c.stdin, c.stdout, c.stderr = strings.NewReader(stdin), &out, &errs
	root := c.rootCommand()
	root.SetArgs(args)
	err = root.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

// TestSendFile sends a file, twice, in pieces and with mistakes, through a daemon.
func TestSendFile(t *testing.T) {
	r := start(t, emulatedConfig(t))
	env := map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}
	stored := func() int {
		t.Helper()
		_, n, err := r.Messages(t.Context(), api.MessageQuery{})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	path := filepath.Join(t.TempDir(), "people.csv")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	write("number,text\n+4915110000002,One\n\"+4915110000001,+4915110000002\",Zwei –\n")
	out, note, err := command(t, env, "", "send", "--file", path, "--dry-run")
	if want := "2 messages would be accepted (1 as gsm7, 1 as ucs2), 3 parts in all; nothing was sent\n"; err != nil || out != want || note != "" || stored() != 0 {
		t.Fatalf("dry run: %q, %q, %v, and %d stored", out, note, err, stored())
	}
	first, note, err := command(t, env, "", "send", "--file", path)
	if err != nil || note != "2 messages accepted\n" || strings.Count(first, "\n") != 2 || !strings.Contains(first, "  +4915110000001,+4915110000002  Pending\n") {
		t.Fatalf("sent: %q, %q, %v", first, note, err)
	}
	again, note, err := command(t, env, "", "send", "--file", path)
	if err != nil || again != first || !strings.Contains(note, "not sent again") || stored() != 2 {
		t.Errorf("sent again: %q, %q, %v, and %d stored", again, note, err, stored())
	}
	if _, _, err = command(t, env, "", "send", "--file", path, "--priority", "3"); err == nil || !strings.Contains(err.Error(), "with other flags") || stored() != 2 {
		t.Errorf("sent with other flags: %v, and %d stored", err, stored())
	}
	if _, _, err = command(t, env, "", "send", "--file", path, "--key", "second round"); err != nil || stored() != 4 {
		t.Errorf("sent with another key: %v, and %d stored", err, stored())
	}

	bad := "to;text\n+4915110000002;ok\n+49;bad\n+4915110000002;\"" + strings.Repeat("x", 4000) + "\"\n"
	_, note, err = command(t, env, bad, "send", "--file", "-")
	if err == nil || !strings.Contains(err.Error(), "nothing was sent") || stored() != 4 ||
		!strings.Contains(note, "standard input line 3, column to: ") || !strings.Contains(note, "standard input line 4, column text: ") {
		t.Errorf("file with mistakes: %v, %q, and %d stored", err, note, stored())
	}
	out, _, err = command(t, env, bad, "send", "--file", "-", "--partial", "--json")
	var result fileResult
	if jerr := json.Unmarshal([]byte(out), &result); jerr != nil {
		t.Fatalf("%v in %s", jerr, out)
	}
	if err == nil || result.Accepted != 1 || result.Refused != 2 || len(result.Messages) != 1 || result.Messages[0].Line != 2 || len(result.Errors) != 2 || result.Errors[1].Line != 4 || stored() != 5 {
		t.Errorf("in part: %v, %+v, and %d stored", err, result, stored())
	}
	out, note, err = command(t, env, bad, "send", "--file", "-", "--dry-run", "--key", "not yet")
	if err == nil || !strings.HasPrefix(out, "1 message would be accepted") || strings.Count(note, "\n") != 2 {
		t.Errorf("dry run of a file with mistakes: %v, %q, %q", err, out, note)
	}
}

// TestSendLongFile needs three requests, of which the last is wrong at first: then none
// is made.
func TestSendLongFile(t *testing.T) {
	r := start(t, emulatedConfig(t))
	var file strings.Builder
	for i := range 5 {
		fmt.Fprintf(&file, "{\"phoneNumbers\":[\"+491510000000%d\"],\"message\":\"Hello\",\"scheduleAt\":\"2090-01-01T00:00:00Z\"}\n", i)
	}
	count := func() int {
		t.Helper()
		_, n, err := r.Messages(t.Context(), api.MessageQuery{})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	send := func(file string, o sendOptions) (stdout, stderr string, err error) {
		var out, errs bytes.Buffer
		c := withEnv(map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"})
		c.stdin, c.stdout, c.stderr = strings.NewReader(file), &out, &errs
		o.file, o.most = "-", 2
		err = c.sendFile(t.Context(), o, nil)
		return out.String(), errs.String(), err
	}
	wrong := file.String() + `{"phoneNumbers":["+49"],"message":"x"}`
	_, note, err := send(wrong, sendOptions{})
	if err == nil || !strings.Contains(err.Error(), "nothing was sent") || !strings.Contains(note, "standard input line 6, phoneNumbers[0]: ") || count() != 0 {
		t.Fatalf("with a mistake: %v, %q, and %d stored", err, note, count())
	}
	out, note, err := send(wrong, sendOptions{dryRun: true})
	if err == nil || !strings.HasPrefix(out, "5 messages would be accepted (5 as gsm7), 5 parts in all") || !strings.Contains(note, "line 6, ") || count() != 0 {
		t.Fatalf("dry run of a mistake: %v, %q, %q, and %d stored", err, out, note, count())
	}
	var first string
	for _, want := range []string{"5 messages accepted\n", "not sent again"} {
		out, note, err := send(file.String(), sendOptions{})
		if err != nil || !strings.Contains(note, want) || strings.Count(out, "\n") != 5 || count() != 5 || first != "" && out != first {
			t.Fatalf("%v, %q, %q, and %d stored", err, note, out, count())
		}
		first = out
	}
	// With one row more only the last request is another.
	if _, _, err := send(file.String()+`{"phoneNumbers":["+4915100000009"],"message":"x","scheduleAt":"2090-01-01T00:00:00Z"}`, sendOptions{}); err != nil || count() != 7 {
		t.Errorf("with a row more: %v, and %d stored", err, count())
	}
	// What has an ID is known by it, but repeating it is still no mistake.
	named := strings.ReplaceAll(file.String(), `{"phone`, `{"id":"ID","phone`)
	for i := range 5 {
		named = strings.Replace(named, "ID", fmt.Sprint("id", i), 1)
	}
	for _, want := range []string{"5 messages accepted\n", "not sent again"} {
		if _, note, err := send(named, sendOptions{}); err != nil || !strings.Contains(note, want) || count() != 12 {
			t.Errorf("with IDs: %v, %q, and %d stored", err, note, count())
		}
	}
	out, note, err = send(named, sendOptions{dryRun: true})
	if err != nil || !strings.HasPrefix(out, "0 messages would be accepted") || note != "5 messages accepted within the last day already, and would not be sent again\n" {
		t.Errorf("dry run with IDs: %v, %q, %q", err, out, note)
	}
	// In part, what is wrong keeps nothing from being sent.
	_, note, err = send(wrong, sendOptions{partial: true, key: "x"})
	if err == nil || !strings.Contains(err.Error(), "1 row of standard input cannot be accepted") || !strings.Contains(note, "5 messages accepted\n") || count() != 17 {
		t.Errorf("in part: %v, %q, and %d stored", err, note, count())
	}
}

func TestSendFileUsage(t *testing.T) {
	for args, want := range map[string]string{
		"+49151 hi --columns number=x":  "go with --file",
		"+49151 hi --partial":           "go with --file",
		"+49151 hi --dry-run --wait 1s": "--wait does not go with --dry-run",
		"--file x --id y":               "do not go with --file",
		"--file x --wait 1s":            "do not go with --file",
		"--file x --data-port 5":        "do not go with --file",
		"--file x a b":                  "at most a TEXT",
		"--file - -":                    "cannot be both",
		"--file /nowhere/x":             "read messages: open /nowhere/x",
		"+49151 hi --at noon":           `--at "noon" is not a time`,
		"hi":                            "it takes a NUMBER and a TEXT",
	} {
		_, _, err := command(t, map[string]string{"TETHERD_URL": "http://127.0.0.1:1", "TETHERD_PASSWORD": "x"}, "", append([]string{"send"}, strings.Fields(args)...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("send %s: %v, want %q", args, err, want)
		}
	}
}
