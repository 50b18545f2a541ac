package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway/api"
	"tetherd/modem/device"
	"tetherd/modem/device/devicetest"
)

// secrets are planted wherever the gateway takes them.
var secrets = map[string]string{
	"password":     "correct-horse",
	"key":          "0123signing4567key89abcdefgh",
	"PIN":          "47114711",
	"text":         "attack at dawn",
	"reply":        "what the sender wrote",
	"number":       "4915110000077",
	"SMSC":         "4917107600099",
	"own number":   "4915110000001",
	"webhook path": "hooks-token-in-path",
	"webhook user": "hooks-user-info",
	"ICCID":        "89490200000000000", // how the emulator's begin
	"IMSI":         "26201000000",
	"IMEI":         "86111100000",
}

// unpack returns the files of a bundle by their names without the folder.
func unpack(t *testing.T, r io.Reader) map[string]string {
	t.Helper()
	zip, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(zip)
	out := make(map[string]string)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(h.Name, "/")
		out[path.Clean(name)] = string(b)
	}
}

// runCLI runs a command with an environment and returns what it printed.
func runCLI(t *testing.T, env map[string]string, args ...string) (stdout string) {
	t.Helper()
	var out, errs bytes.Buffer
	c := withEnv(env)
	c.stdout, c.stderr = &out, &errs
	root := c.rootCommand()
	root.SetArgs(args)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("tetherd %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

// TestSupportBundle plants secrets in a running gateway and looks for them in what
// is meant for strangers, with and without the gateway.
func TestSupportBundle(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "tetherd.yaml")
	doc := fmt.Sprintf(`
listen: 127.0.0.1:0
data_dir: %s
auth: {password: %s}
webhooks: {signing_key: %s}
modems:
  - {name: office, emulator: generic, number: "+%s", smsc: "+%s", pin: "%s"}
  - {name: van, emulator: sim800, number: "+4915110000002"}
`, filepath.Join(dir, "data"), secrets["password"], secrets["key"], secrets["own number"], secrets["SMSC"], secrets["PIN"])
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Parse(config.Input{Name: file, Data: []byte(doc)})
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, cfg)
	hook := "http://" + secrets["webhook user"] + ":x@127.0.0.1:9/" + secrets["webhook path"]
	if _, err := url.Parse(hook); err != nil {
		t.Fatal(err)
	}
	_, _ = r.RegisterWebhook(t.Context(), api.Webhook{URL: hook, Event: "sms:sent"}) // refused or not
	slot := 1
	send := func(to, text string) {
		t.Helper()
		m, err := r.Send(t.Context(), api.SendRequest{TextMessage: &api.TextMessage{Text: text}, PhoneNumbers: []string{to}, SIMNumber: &slot})
		if err != nil {
			t.Fatal(err)
		}
		until(t, "end of sending", func() bool {
			m, err = r.Message(t.Context(), m.ID)
			return err == nil && m.State != api.Pending && m.State != api.Processed
		})
	}
	send("+"+secrets["number"], secrets["text"])
	send("+4915110000002", secrets["reply"])

	env := map[string]string{"TETHERD_CONFIG": file, "TETHERD_URL": r.url, "TETHERD_USERNAME": "sms", "TETHERD_PASSWORD": secrets["password"]}
	trace := runCLI(t, env, "modem", "trace", "office")
	if !strings.Contains(trace, "> AT+CMGS=") || !strings.Contains(trace, "< +CMGS: ") {
		t.Errorf("the trace shows no message:\n%s", trace)
	}
	bundled := unpack(t, strings.NewReader(runCLI(t, env, "support-bundle", "-o", "-")))
	want := []string{"README.txt", "machine.txt", "devices.txt", "config.txt", "store.json", "health.json", "modems.json", "traces/office.log", "traces/van.log"}
	for _, name := range want {
		if bundled[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	if strings.Contains(bundled["README.txt"], "Missing:") {
		t.Errorf("something is missing:\n%s", bundled["README.txt"])
	}
	bundled["modem trace"] = trace
	search(t, bundled)

	// A saved failure, and no gateway to ask.
	r.signals <- os.Interrupt
	if err := <-r.ended; err != nil {
		t.Fatal(err)
	}
	traces := filepath.Join(dir, "data", "traces")
	if err := os.MkdirAll(traces, 0o700); err != nil {
		t.Fatal(err)
	}
	saved := "office-20260102T030405.000Z.log"
	if err := os.WriteFile(filepath.Join(traces, saved), []byte("modem office\n\n> AT\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "bundle.tar.gz")
	printed := runCLI(t, env, "support-bundle", "-o", out)
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("bundle: %v, %v", info.Mode(), err)
	}
	bundled = unpack(t, f)
	if bundled["recordings/"+saved] == "" || !strings.Contains(printed, "what a running gateway tells: cannot reach the gateway") {
		t.Errorf("without a gateway:\n%s", printed)
	}
	search(t, bundled)
	c := withEnv(env)
	c.stdout, c.stderr = io.Discard, io.Discard
	root := c.rootCommand()
	root.SetArgs([]string{"support-bundle", "-o", out})
	if err := root.ExecuteContext(context.Background()); err == nil {
		t.Error("a bundle was overwritten")
	}
}

// search looks for every secret in every file.
func search(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		for what, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds the %s %q", name, what, secret)
			}
		}
	}
	if len(files) == 0 || slices.Contains([]string{""}, files["README.txt"]) {
		t.Error("nothing to search")
	}
}

// Serial numbers, which may be IMEIs, are not among the devices of a bundle.
func TestBundleOfDevices(t *testing.T) {
	m := devicetest.New(t)
	m.Plug(devicetest.Phone("1-1.5"))
	stick := devicetest.HuaweiE3131("1-1.2", 0)
	stick.Serial = "A1B2C3"
	m.Plug(stick)
	b := newBundle()
	b.collectDevices(t.Context(), device.At(m.Root))
	got := string(b.content["devices.txt"])
	if strings.Contains(got, "351234") || strings.Contains(got, "A1B2C3") || !strings.Contains(got, "/dev/ttyACM0") || !strings.Contains(got, "HUAWEI Mobile") {
		t.Errorf("got\n%s", got)
	}
}
