package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const reference = "../../../configs/tetherd.yaml"

func TestReferenceFileIsValid(t *testing.T) {
	c, err := Load(reference, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Auth.Password, examplePassword; got != want {
		t.Errorf("password of the reference file is %q, want %q, which is refused in the open", got, want)
	}
}

// TestReferenceFileIsComplete takes the comment signs off the settings that are
// commented out: then every key appears, and one with a default shows it.
func TestReferenceFileIsComplete(t *testing.T) {
	data, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`(?m)^( *)#([a-z-])`).ReplaceAll(data, []byte("$1$2"))
	w := &written{values: make(map[string]value), sections: make(map[string]Source), lengths: make(map[string]int)}
	if !w.readYAML(reference, all) {
		t.Fatal(w.problems)
	}
	for _, p := range w.problems {
		t.Error(p)
	}
	var want, got []string
	for _, k := range keys {
		want = append(want, k.path)
		path := strings.Replace(k.path, "[]", "[0]", 1)
		if v, ok := w.values[path]; ok && k.fallback != "" && v.text != k.fallback {
			t.Errorf("%s: the reference file shows %q, the default is %q", v.source, v.text, k.fallback)
		}
	}
	for path := range w.values {
		got = append(got, pattern(path))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys of the reference file (-want +got)\n%s", diff)
	}
}

// TestReadmeExample takes the configuration that the README begins with.
func TestReadmeExample(t *testing.T) {
	data, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(data), "```yaml\n")
	doc, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("the README has no example of a configuration")
	}
	if _, err := Parse(Input{Name: "README.md", Data: []byte(doc)}); err != nil {
		t.Error(err)
	}
}

func TestPrint(t *testing.T) {
	c, err := Parse(Input{
		Name: "t.yaml",
		Data: []byte("auth: {password: hunter2}\nmodems:\n  - port: /dev/ttyUSB0\n    pin: '1234'\n  - port: \"/dev/a\\tb\"\nwebhooks:\n  signing_key: topsecret\n  proxy: http://u:pr0xy@x\n"),
		Env:  []string{"TETHERD_LISTEN=:9090", "TETHERD_MODEMS_1_PIN=98765"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2", "1234", "topsecret", "98765", "pr0xy"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("Print shows the secret %s", secret)
		}
	}
	got := make(map[string]string)
	for line := range strings.Lines(b.String()) {
		path, rest, _ := strings.Cut(line, " ")
		got[path] = strings.Join(strings.Fields(rest), " ")
	}
	for path, want := range map[string]string{
		"listen":               ":9090 TETHERD_LISTEN",
		"data_dir":             "/var/lib/tetherd default",
		"auth.password":        "******** t.yaml:1",
		"auth.password_hash":   "- default",
		"modems[0].pin":        "******** t.yaml:4",
		"modems[1].port":       `"/dev/a\tb" t.yaml:5`,
		"modems[1].pin":        "******** TETHERD_MODEMS_1_PIN",
		"webhooks.signing_key": "******** t.yaml:7",
		"send.attempts":        "5 default",
	} {
		if got[path] != want {
			t.Errorf("%s is printed as %q, want %q", path, got[path], want)
		}
	}
	per := make(map[string]int) // keys of an entry of each list
	for _, k := range keys {
		if list, _, ok := strings.Cut(k.path, "[]"); ok {
			per[list]++
		}
	}
	if want := len(keys) + per["modems"] - per["routing.rules"] - per["users"] - per["limits.prices"]; len(got) != want { // two modems, none of the others
		t.Errorf("%d lines, want %d", len(got), want)
	}
}

func TestVariable(t *testing.T) {
	for path, want := range map[string]string{
		"listen":                    "TETHERD_LISTEN",
		"send.result_timeout":       "TETHERD_SEND_RESULT_TIMEOUT",
		"modems[12].pin_file":       "TETHERD_MODEMS_12_PIN_FILE",
		"routing.rules[12].modem":   "TETHERD_ROUTING_RULES_12_MODEM",
		"webhooks.signing_key_file": "TETHERD_WEBHOOKS_SIGNING_KEY_FILE",
	} {
		if got := variable(path); got != want {
			t.Errorf("variable(%q) = %s, want %s", path, got, want)
		}
		if l, i, ok := listOf(path); ok {
			if got, ok := listVariable(want); !ok || got != path || i != 12 {
				t.Errorf("listVariable of %s (%s) = %q, %v; want %q", l.path, want, got, ok, path)
			}
		}
	}
}
