package cause

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// Every code has an answer, and a change of what a code means for a message shows
// up in testdata/classes.golden, where it has to be looked at.
func TestEveryCode(t *testing.T) {
	var got strings.Builder
	for _, f := range []struct {
		Family
		last int
	}{{CMS, 1023}, {CME, 1023}, {ST, 255}} {
		from, before := 0, ""
		for code := 0; code <= f.last+1; code++ {
			line := ""
			if code <= f.last {
				c := Lookup(f.Family, code)
				checkCause(t, f.Family, code, c)
				line = summary(c)
			}
			if code > 0 && line != before {
				fmt.Fprintf(&got, "%s %s %s\n", f.Family, span(from, code-1), before)
				from = code
			}
			before = line
		}
	}
	const name = "testdata/classes.golden"
	if *update {
		if err := os.WriteFile(name, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("classes (-want +got), go test -update if that is meant:\n%s", diff)
	}
}

func summary(c Cause) string {
	out := string(c.Class)
	if c.Elsewhere {
		out += " elsewhere"
	}
	if c.Wait > 0 {
		out += " wait " + c.Wait.String()
	}
	return out
}

func span(from, to int) string {
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d-%d", from, to)
}

// checkCause looks at what people read.
func checkCause(t *testing.T, f Family, code int, c Cause) {
	t.Helper()
	if c.Family != f || c.Code != code {
		t.Errorf("Lookup(%s, %d) is about %s", f, code, c.Name())
	}
	for what, s := range map[string]string{"text": c.Text, "action": c.Action, "first cause": c.Likely[0]} {
		if !strings.HasSuffix(s, ".") || strings.TrimSpace(s) != s || s == "." {
			t.Errorf("%s: %s %q is not a sentence", c.Name(), what, s)
		}
	}
	switch c.Class {
	case Pending, Delivered:
		if f != ST {
			t.Errorf("%s: class %s is one of reports", c.Name(), c.Class)
		}
	case Pause, Fix, Unknown, Accepted:
		if f == ST {
			t.Errorf("%s: class %s is none of reports", c.Name(), c.Class)
		}
	}
}

// The standards' own codes all have a row: 3GPP TS 24.011 table 8.4, 23.040
// sections 9.2.3.15 and 9.2.3.22, 27.005 section 3.2.5, 27.007 section 9.2.
func TestStandardCodes(t *testing.T) {
	ranges := map[Family][][2]int{
		CMS: {
			{1, 1},
			{8, 8},
			{10, 10},
			{17, 17},
			{21, 22},
			{27, 30},
			{38, 38},
			{41, 42},
			{47, 47},
			{50, 50},
			{69, 69},
			{81, 81},
			{95, 99},
			{111, 111},
			{127, 127},
			{128, 130},
			{143, 145},
			{159, 161},
			{175, 176},
			{192, 199},
			{208, 213},
			{255, 255},
			{300, 305},
			{310, 318},
			{320, 322},
			{330, 332},
			{340, 340},
			{500, 500},
		},
		CME: {
			{0, 7},
			{10, 18},
			{20, 27},
			{30, 32},
			{40, 63},
			{100, 100},
			{103, 103},
			{106, 108},
			{111, 115},
			{122, 122},
			{126, 134},
			{140, 146},
			{148, 165},
			{171, 182},
		},
		ST: {{0, 2}, {0x20, 0x25}, {0x40, 0x49}, {0x60, 0x65}},
	}
	for f, rs := range ranges {
		for _, r := range rs {
			for code := r[0]; code <= r[1]; code++ {
				if f == CME && (code == 8 || code == 9 || code == 19) {
					continue
				}
				if c := Lookup(f, code); c.Title == "" {
					t.Errorf("%s has no row", c.Name())
				}
			}
		}
	}
}

// Each value of a report has a sentence of its own.
func TestReportTexts(t *testing.T) {
	seen := make(map[string]int)
	for st := range 256 {
		c := Lookup(ST, st)
		if other, ok := seen[c.Text]; ok {
			t.Errorf("ST %d and %d are both %q", other, st, c.Text)
		}
		seen[c.Text] = st
		want := Retry
		switch {
		case st < 0x20:
			want = Delivered
		case st < 0x40:
			want = Pending
		case st < 0x60:
			want = Permanent
		}
		if c.Class != want {
			t.Errorf("ST %#x is %s, want %s", st, c.Class, want)
		}
	}
}

func TestLookupText(t *testing.T) {
	for _, tt := range []struct {
		family Family
		words  string
		want   string // "" if there is none
	}{
		{CME, "SIM busy", "CME 14"},
		{CMS, "SIM busy", "CMS 314"},
		{CMS, "(U)SIM PIN required", "CMS 311"},
		{CME, "SIM_PIN_REQUIRED", "CME 11"},
		{CMS, "Network timeout", "CMS 332"},
		{CMS, "unable to store", "CMS 513"},
		{CMS, "the dog ate it", ""},
		{CMS, "", ""},
		{ST, "SIM busy", ""},
	} {
		c, ok := LookupText(tt.family, tt.words)
		if got := c.Name(); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("LookupText(%s, %q) = %s, %v; want %q", tt.family, tt.words, got, ok, tt.want)
		}
	}
}

func TestFind(t *testing.T) {
	for _, tt := range []struct{ query, want string }{
		{"38", "CMS 38"},
		{"CMS 38", "CMS 38"},
		{"cms38", "CMS 38"},
		{"+CMS ERROR: 38", "CMS 38"},
		{"+CME ERROR: 10", "CME 10"},
		{"CME10", "CME 10"},
		{"10", "CMS 10, CME 10"},
		{"rp cause 38", "CMS 38"},
		{"ST 0x46", "ST 70"},
		{"tp-st 70", "ST 70"},
		{"ST 256", ""},
		{"-1", ""},
		{"999", "CMS 999, CME 999"},
		{"SIM busy", "CMS 314, CME 14"},
		{"+CME ERROR: SIM busy", "CME 14"},
		{"duplicate", "CMS 197"},
		{"ERROR", "ERROR"},
		{"xyzzy", ""},
		{"", ""},
		{"  ", ""},
	} {
		var names []string
		for _, c := range Find(tt.query) {
			names = append(names, c.Name())
		}
		if got := strings.Join(names, ", "); got != tt.want {
			t.Errorf("Find(%q) = %q, want %q", tt.query, got, tt.want)
		}
	}
}

func TestNamed(t *testing.T) {
	for _, f := range []Family{CMS, CME, ST} {
		for code := range 256 {
			want := Lookup(f, code)
			got, ok := Named(want.Name())
			if diff := cmp.Diff(want, got); !ok || diff != "" {
				t.Errorf("Named(%q) (-want +got):\n%s", want.Name(), diff)
			}
		}
	}
	for _, name := range []string{"", "UNKNOWN", "PDU", "CMS", "CMS x", "CMS -1", "XYZ 1", "CMS 1 2"} {
		if c, ok := Named(name); ok {
			t.Errorf("Named(%q) = %s", name, c.Name())
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"38", "CMS 38", "+CME ERROR: SIM busy", "tp-st 0x46", "\x00", "st -"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, c := range Find(query) {
			if c.Text == "" || c.Action == "" || c.Class == "" {
				t.Errorf("Find(%q): %s is not explained", query, c.Name())
			}
		}
	})
}

func TestParse(t *testing.T) {
	got, err := parse("# words\nCMS 1 retry elsewhere wait 2s\n= one / two\nText.\n- Why.\n- Or.\n> Do.\n\n\nCME 2\n= three\n@ CMS 1\n")
	if err != nil {
		t.Fatal(err)
	}
	one := Cause{CMS, 1, Retry, true, 2 * time.Second, "one / two", "Text.", []string{"Why.", "Or."}, "Do."}
	two := one
	two.Family, two.Code, two.Title = CME, 2, "three"
	if diff := cmp.Diff([]Cause{one, two}, got.rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for _, bad := range []string{
		"CMS\n= a\nT.\n- c\n> d",
		"XYZ 1 retry\n= a\nT.\n- c\n> d",
		"CMS one retry\n= a\nT.\n- c\n> d",
		"CMS 1 maybe\n= a\nT.\n- c\n> d",
		"CMS 1 retry soon\n= a\nT.\n- c\n> d",
		"CMS 1 retry wait long\n= a\nT.\n- c\n> d",
		"CMS 1 retry\nT.\n- c\n> d",
		"CMS 1 retry\n= a\nT.\nT.\n- c\n> d",
		"CMS 1 retry\n= a\n- c\n> d",
		"CMS 1 retry\n= a\nT.\n> d",
		"CMS 1 retry\n= a\nT.\n- c",
		"CMS 1\n= a\n@ CMS 2",
		"CMS 1\n= a\n@ CMS 1",
		"CMS 1\n= a\n@ SMS 1",
		"CMS 1 retry\n= a\nT.\n- c\n> d\n\nCMS 1 retry\n= a\nT.\n- c\n> d",
	} {
		if _, err := parse(bad); err == nil {
			t.Errorf("parse(%q) took it", bad)
		}
	}
}
