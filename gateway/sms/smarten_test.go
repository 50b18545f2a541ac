package sms

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Characters that a table names twice would be replaced by chance.
func TestSubstitutes(t *testing.T) {
	for i, s := range substitutes {
		if i > 0 && substitutes[i-1].from >= s.from {
			t.Errorf("%q is in the table twice", s.from)
		}
		if septetsOf(s.from) != 0 {
			t.Errorf("%q is replaced although it is in the alphabet", s.from)
		}
		if _, ok := GSM7Septets(s.to); !ok {
			t.Errorf("%q is replaced by %q, which is not in the alphabet", s.from, s.to)
		}
		if got, ok := nearest(s.from); !ok || got != s.to {
			t.Errorf("%q: got %q, want %q", s.from, got, s.to)
		}
	}
	for _, r := range composed {
		if septetsOf(r) == 0 {
			t.Errorf("%q is not in the alphabet", r)
		}
	}
}

func TestSmarten(t *testing.T) {
	long := strings.Repeat("x", 80) // one part in GSM7, two in UCS2
	for _, tt := range []struct{ name, text, want string }{
		{"nothing to do", long, long},
		{"saves nothing", "“short”", "“short”"},
		{"quotes", long + "“a” ‘b’ «c»", long + `"a" 'b' "c"`},
		{"dashes and dots", long + "a – b — c…", long + "a - b - c..."},
		{"spaces", long + "10\u00a0000\u202fkm\u200b", long + "10 000 km"},
		{"accents", long + "São José, Łódź, Kőbánya, œuvre", long + "Sao José, Lodz, Köbanya, oeuvre"},
		{"those of the alphabet stay", long + "äöüßéè€ñ–", long + "äöüßéè€ñ-"},
		{"accents apart", long + "scho\u0308n a\u0301 e\u0301", long + "schön a é"},
		{"one that cannot be replaced", long + "“a” 🙂", long + "“a” 🙂"},
		{"too long as dots", strings.Repeat("…", 70), strings.Repeat("…", 70)},
		{"only invisible", strings.Repeat("\u200b", 200), strings.Repeat("\u200b", 200)},
		{"empty", "", ""},
	} {
		if got := Smarten(tt.text); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestMisfits(t *testing.T) {
	got := Misfits("“é” 🙂 – “")
	want := []Misfit{
		{Char: '“', Positions: []int{0, 8}, Nearest: `"`, Known: true},
		{Char: '”', Positions: []int{2}, Nearest: `"`, Known: true},
		{Char: '🙂', Positions: []int{4}},
		{Char: '–', Positions: []int{6}, Nearest: "-", Known: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSplitAs(t *testing.T) {
	text := strings.Repeat("x", 80) + "–"
	for _, tt := range []struct {
		e        Encoding
		alphabet Alphabet
		parts    int
	}{{Auto, UCS2, 2}, {Smart, GSM7, 1}, {AlwaysUCS, UCS2, 2}} {
		got, err := SplitAs(text, tt.e, 10)
		if err != nil || len(got) != tt.parts || got[0].Alphabet != tt.alphabet {
			t.Errorf("%s: got %+v, %v", tt.e, got, err)
		}
	}
	_, err := SplitAs(text, GSM7Only, 10)
	if e, ok := errors.AsType[*NotGSM7Error](err); !ok || !strings.Contains(e.Error(), `'–'`) {
		t.Errorf("gsm7: got %v", err)
	}
	if got, err := SplitAs("plain", AlwaysUCS, 10); err != nil || got[0].Alphabet != UCS2 || got[0].Left() != 65 {
		t.Errorf("ucs2: got %+v, %v", got, err)
	}
	if _, err := SplitAs(strings.Repeat("x", 700), AlwaysUCS, 10); err == nil {
		t.Error("11 parts were allowed")
	}
	for _, name := range []string{"", "auto", "smart", "gsm7", "ucs2"} {
		e, err := ParseEncoding(name)
		if err != nil || name != "" && e.String() != name {
			t.Errorf("%q: got %s, %v", name, e, err)
		}
	}
	if _, err := ParseEncoding("GSM"); err == nil {
		t.Error("GSM was taken for an encoding")
	}
}

func FuzzSmarten(f *testing.F) {
	for _, s := range []string{"", "“a”", strings.Repeat("x", 80) + "…", strings.Repeat("\u200b", 99), "a\u0301", "\xff–"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			text = valid(text)
		}
		got := Smarten(text)
		switch {
		case (got == "") != (text == ""):
			t.Errorf("%q became %q", text, got)
		case parts(got) > parts(text):
			t.Errorf("%q became %q: %d parts instead of %d", text, got, parts(got), parts(text))
		case got != text && parts(got) == parts(text):
			t.Errorf("%q became %q, which saves nothing", text, got)
		case Smarten(got) != got:
			t.Errorf("%q became %q, and then %q", text, got, Smarten(got))
		case got != text && slices.ContainsFunc(Misfits(got), func(m Misfit) bool { return m.Known }):
			t.Errorf("%q became %q, in which something is left to replace", text, got)
		}
	})
}
