package device

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const rulesFile = "../../configs/60-tetherd.rules"

var rulesLine = regexp.MustCompile(`^ENV\{ID_VENDOR_ID\}=="([0-9a-f]{4})"(?:, ENV\{ID_MODEL_ID\}=="([0-9a-f|]+)")?, ENV\{TETHERD\}="(modem|adapter)"$`)

// The rules of udev name the devices of the table, and no others.
func TestRulesFile(t *testing.T) {
	data, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if m := rulesLine.FindStringSubmatch(line); m != nil {
			got = append(got, strings.Join(m[1:], " "))
		} else if strings.Contains(line, `ENV{TETHERD}="`) {
			t.Errorf("line is not as expected: %s", line)
		}
	}
	for _, f := range families {
		var products []string
		for _, p := range f.products {
			products = append(products, fmt.Sprintf("%04x", p))
		}
		kind := "modem"
		if f.adapter {
			kind = "adapter"
		}
		want = append(want, fmt.Sprintf("%04x %s %s", f.vendor, strings.Join(products, "|"), kind))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("devices of the rules (-table +rules)\n%s", diff)
	}
}

// Labels that are gone to exist, and come later; every line is of the form that
// udev(7) knows.
func TestRulesSyntax(t *testing.T) {
	data, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	item := regexp.MustCompile(`^[A-Z]+(\{[^}]+\})?(==|!=|\+=|=)"[^"]*"$`)
	open := make(map[string]bool)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for _, part := range strings.Split(line, ", ") {
			if !item.MatchString(part) {
				t.Errorf("not an item of a rule: %s", part)
			}
			if label, ok := strings.CutPrefix(part, "GOTO="); ok {
				open[label] = true
			}
			if label, ok := strings.CutPrefix(part, "LABEL="); ok {
				delete(open, label)
			}
		}
	}
	for label := range open {
		t.Errorf("there is no label %s behind the last GOTO", label)
	}
}

// No product is both a modem's own and one without ports that a table gives ports.
func TestTables(t *testing.T) {
	for _, r := range modes {
		f := familyOf(r.vendor, r.products[0])
		for _, p := range r.products {
			if f == nil {
				continue
			}
			for _, rule := range f.ports {
				if slices.Contains(rule.products, p) {
					t.Errorf("%04x:%04x is listed as %s, but has ports", r.vendor, p, r.mode)
				}
			}
		}
	}
	for name, remedy := range remedies {
		if len(name) > 15 || remedy == "" || !strings.HasSuffix(remedy, ".") {
			t.Errorf("%s: /proc shows 15 characters of a name; its remedy is %q", name, remedy)
		}
	}
}
