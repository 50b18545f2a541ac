package sms

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
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
		{"signs", long + "№ 5: 10 ÷ 2 ± 1 ≤ 7 → £", long + "No 5: 10 / 2 +/- 1 <= 7 -> £"},
		{"numbers stay apart", long + "1½ + ¾ × 10² m³ = x²³, 10²³", long + "1 1/2 + 3/4 x 10^2 m3 = x23, 10^23"},
		{"ligatures", long + "ﬁn, oﬃce, ĳs, ǆ", long + "fin, office, ijs, dz"},
		{"as wide as Chinese", long + "ＳＭＳ，１２３！～", long + "SMS,123!~"},
		{"Greek capitals", long + "ΑΘΗΝΑ ΩΡΑ", long + "AΘHNA ΩPA"},
		{"Cyrillic capitals that look like others", long + "СМС ТАРИФ", long + "СМС ТАРИФ"},
		{"some in a word", long + "Сafе, КАРТА", long + "Cafe, KAPTA"},
		{"Vietnamese", long + "Việt Nam, phở, ĐÀ NẴNG", long + "Viet Nam, pho, DA NANG"},
		{"Vietnamese, accents apart", long + "Vie\u0323\u0302t, ê\u0301 ở", long + "Viet, é o"},
		{"lines", long + "a\u2028b\vc", long + "a\nb\nc"},
		{"direction", long + "\u202aa\u202c \u2066b\u2069", long + "a b"},
		{"Persian keeps its joiners", strings.Repeat("می\u200cخواهم ", 8), strings.Repeat("می\u200cخواهم ", 8)},
		{"emoji keep their joiners", strings.Repeat("👩\u200d👧", 15), strings.Repeat("👩\u200d👧", 15)},
		{"hearts stay red", strings.Repeat("“❤\ufe0f”", 18), strings.Repeat("“❤\ufe0f”", 18)},
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

// Every Latin letter that is one of the alphabet with accents becomes that, and what
// the alphabet has is never touched.
func TestSubstitutesAreComplete(t *testing.T) {
	for r := rune(0); r < 0x20000; r++ {
		got, ok := nearest(r)
		if septetsOf(r) != 0 {
			if ok {
				t.Errorf("%q is replaced by %q although it is in the alphabet", r, got)
			}
			continue
		}
		decomposed := []rune(norm.NFKD.String(string(r)))
		latin := 0xc0 <= r && r < 0x250 || 0x1e00 <= r && r < 0x1f00 || 0xfb00 <= r && r < 0xfb07 || 0xff00 < r && r < 0xff5f
		if !latin || decomposed[0] > 0x7f || len(decomposed) == 1 && decomposed[0] == r {
			continue
		}
		bare := ""
		for _, d := range norm.NFD.String(got) {
			if !isAccent(d) {
				bare += string(d)
			}
		}
		want := string(decomposed[0])
		if want == "`" {
			want = "'"
		}
		if !ok || !strings.HasPrefix(bare, want) {
			t.Errorf("%q (%U): got %q, want %q with or without an accent", r, r, got, want)
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
	for _, s := range []string{"", "“a”", strings.Repeat("x", 80) + "…", strings.Repeat("\u200b", 99), "a\u0301", "\xff–", "1½²", strings.Repeat("👩\u200d👧", 15)} {
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
		case got != text && len(Misfits(got)) > 0:
			t.Errorf("%q became %q, which does not fit the alphabet either", text, got)
		case got != text && len(Misfits(text)) == 0:
			t.Errorf("%q became %q although it fits the alphabet", text, got)
		case got != text && parts(got) == parts(text):
			t.Errorf("%q became %q, which saves nothing", text, got)
		case Smarten(got) != got:
			t.Errorf("%q became %q, and then %q", text, got, Smarten(got))
		}
	})
}
