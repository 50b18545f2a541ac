package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResetCommand(t *testing.T) {
	const base = "auth: {password: x}\nmodems:\n  - port: /dev/ttyUSB0\n"
	for _, tt := range []struct {
		name, doc, env string
		want           []string
		problem        string
	}{
		{name: "none"},
		{name: "list", doc: `    reset_command: [/usr/bin/env, "two words", -a, 4]`, want: []string{"/usr/bin/env", "two words", "-a", "4"}},
		{name: "lines", doc: "    reset_command:\n      - /bin/true\n      - \"\"", want: []string{"/bin/true", ""}},
		{name: "one line", doc: "    reset_command: /bin/true  -x 4", want: []string{"/bin/true", "-x", "4"}},
		{name: "variable", env: `TETHERD_MODEMS_0_RESET_COMMAND=/bin/true -x`, want: []string{"/bin/true", "-x"}},
		{name: "variable with a list", env: `TETHERD_MODEMS_0_RESET_COMMAND=["/bin/true","a b"]`, want: []string{"/bin/true", "a b"}},
		{name: "no full path", doc: "    reset_command: [uhubctl, -a]", problem: "full path of a program"},
		{name: "empty list", doc: "    reset_command: []", problem: "is not a command"},
		{name: "broken list", env: `TETHERD_MODEMS_0_RESET_COMMAND=["/bin/true"`, problem: "is not a command"},
		{name: "other things", doc: "    reset_command: {a: b}", problem: "expected a single value"},
		{name: "too long", doc: "    reset_command: /bin/true" + strings.Repeat(" x", mostArguments), problem: "is not a command"},
		{name: "NUL", doc: `    reset_command: ["/bin/true", "\0"]`, problem: "is not a command"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := Input{Name: "t.yaml", Data: []byte(base + tt.doc + "\n")}
			if tt.env != "" {
				in.Env = []string{tt.env}
			}
			c, err := Parse(in)
			if tt.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tt.problem) || !strings.Contains(err.Error(), "reset_command") {
					t.Errorf("got %v, want a problem of reset_command with %q", err, tt.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, c.Modems[0].ResetCommand); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
