package sms_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tetherd/gateway/sms"
)

func TestSplit(t *testing.T) {
	a := strings.Repeat
	for _, tt := range []struct {
		name, text string
		alphabet   sms.Alphabet
		want       []string
	}{
		{"one character", "a", sms.GSM7, []string{"a"}},
		{"160 septets", a("a", 160), sms.GSM7, []string{a("a", 160)}},
		{"161 septets", a("a", 161), sms.GSM7, []string{a("a", 153), a("a", 8)}},
		{"306 septets", a("a", 306), sms.GSM7, []string{a("a", 153), a("a", 153)}},
		{"307 septets", a("a", 307), sms.GSM7, []string{a("a", 153), a("a", 153), "a"}},
		{"80 escaped", a("€", 80), sms.GSM7, []string{a("€", 80)}},
		{"escape on the boundary", a("a", 152) + "€" + a("b", 10), sms.GSM7, []string{a("a", 152), "€" + a("b", 10)}},
		{"escape before the boundary", a("a", 151) + "€" + a("b", 10), sms.GSM7, []string{a("a", 151) + "€", a("b", 10)}},
		{"70 units", a("я", 70), sms.UCS2, []string{a("я", 70)}},
		{"71 units", a("я", 71), sms.UCS2, []string{a("я", 67), a("я", 4)}},
		{"35 emoji", a("👍", 35), sms.UCS2, []string{a("👍", 35)}},
		{"36 emoji", a("👍", 36), sms.UCS2, []string{a("👍", 33), a("👍", 3)}},
		{"emoji on the boundary", a("я", 66) + "👍" + a("я", 9), sms.UCS2, []string{a("я", 66), "👍" + a("я", 9)}},
		{"one foreign character", a("a", 69) + "ç", sms.UCS2, []string{a("a", 69) + "ç"}},
		{"invalid UTF-8", "a\xff\xfe", sms.UCS2, []string{"a\ufffd"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sms.Split(tt.text, 255)
			if err != nil {
				t.Fatalf("Split: %v", err)
			}
			var want []sms.Segment
			for i, text := range tt.want {
				want = append(want, sms.Segment{Alphabet: tt.alphabet, Text: text, Part: i + 1, Total: len(tt.want)})
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Split (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSplitErrors(t *testing.T) {
	if _, err := sms.Split("", 10); !errors.Is(err, sms.ErrEmpty) {
		t.Errorf("Split of nothing: got %v, want ErrEmpty", err)
	}
	long := strings.Repeat("a", 153*300)
	for _, tt := range []struct {
		name, text string
		maxParts   int
		want       sms.TooLongError
		wantHint   string
	}{
		{"over the limit", long[:161], 1, sms.TooLongError{Parts: 2, Max: 1}, "raise the limit"},
		{"limit below one", long[:161], -3, sms.TooLongError{Parts: 2, Max: 1}, "raise the limit"},
		{"over the protocol's limit", long, 255, sms.TooLongError{Parts: 300, Max: 255}, "several messages"},
		{"limit above the protocol's", long, 1000, sms.TooLongError{Parts: 300, Max: 255}, "several messages"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sms.Split(tt.text, tt.maxParts)
			got, ok := errors.AsType[*sms.TooLongError](err)
			if !ok {
				t.Fatalf("Split: got %v, want a *TooLongError", err)
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if !strings.Contains(err.Error(), tt.wantHint) {
				t.Errorf("error %q does not say %q", err, tt.wantHint)
			}
		})
	}
	if got, err := sms.Split(long[:153*255], 255); err != nil || len(got) != 255 {
		t.Errorf("Split of 255 full parts: %d segments, %v", len(got), err)
	}
}

// checkSplit fails unless the segments keep every promise of Split.
func checkSplit(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string, segments []sms.Segment,
) {
	t.Helper()
	var joined strings.Builder
	per := segments[0].Alphabet.SinglePart()
	if len(segments) > 1 {
		per = segments[0].Alphabet.ConcatPart()
	}
	_, fits := sms.GSM7Septets(text)
	if got := segments[0].Alphabet == sms.GSM7; got != fits {
		t.Fatalf("GSM-7 chosen: %t, possible: %t", got, fits)
	}
	for i, s := range segments {
		joined.WriteString(s.Text)
		if s.Part != i+1 || s.Total != len(segments) || s.Alphabet != segments[0].Alphabet {
			t.Fatalf("segment %d of %d is %+v", i+1, len(segments), s)
		}
		units := len(utf16.Encode([]rune(s.Text)))
		if s.Alphabet == sms.GSM7 {
			septets, ok := sms.GSM7Septets(s.Text)
			if !ok {
				t.Fatalf("segment %d is not GSM-7: %q", i+1, s.Text)
			}
			units = len(septets)
		}
		if units == 0 || units > per {
			t.Fatalf("segment %d has %d units, room is %d", i+1, units, per)
		}
		// A whole character more than two units short of the room was wasted.
		if i+1 < len(segments) && units < per-1 {
			t.Fatalf("segment %d has %d units of %d and is not the last", i+1, units, per)
		}
		if !utf8.ValidString(s.Text) {
			t.Fatalf("segment %d cuts a character: %q", i+1, s.Text)
		}
	}
	if want := strings.ToValidUTF8(text, "\ufffd"); joined.String() != want {
		t.Fatalf("segments join to %q, want %q", joined.String(), want)
	}
	if want := partsOf(text); len(segments) != want {
		t.Fatalf("Split made %d segments, want %d", len(segments), want)
	}
}

// partsOf counts the parts of a text with nothing that Split cuts with.
func partsOf(text string) int {
	var lengths []int // of the characters, in units
	septets, ok := sms.GSM7Septets(text)
	alphabet, units := sms.GSM7, len(septets)
	if !ok {
		alphabet, units = sms.UCS2, 0
	}
	for _, r := range strings.ToValidUTF8(text, "\ufffd") {
		n := utf16.RuneLen(r)
		if ok {
			s, _ := sms.GSM7Septets(string(r))
			n = len(s)
		} else {
			units += n
		}
		lengths = append(lengths, n)
	}
	if units <= alphabet.SinglePart() {
		return 1
	}
	parts, used := 1, 0
	for _, n := range lengths {
		if used += n; used > alphabet.ConcatPart() {
			parts, used = parts+1, n
		}
	}
	return parts
}

// texts generates messages whose special characters fall on every boundary.
func texts() *rapid.Generator[string] {
	gsm := rapid.StringOfN(rapid.RuneFrom([]rune("ab@ Ωñ\n€{~")), 1, 700, -1)
	any := rapid.StringOfN(rapid.RuneFrom([]rune("aя€👍ç")), 1, 400, -1)
	return rapid.OneOf(gsm, any, rapid.StringN(1, 300, -1))
}

func TestSplitProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		segments, err := sms.Split(text, 255)
		if err != nil {
			t.Fatalf("Split: %v", err)
		}
		checkSplit(t, text, segments)
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("hello", 10)
	f.Add(strings.Repeat("a", 152)+"€€", 3)
	f.Add(strings.Repeat("я", 66)+"👍👍", 3)
	f.Add("a\xff", 0)
	f.Add("", 1)
	f.Fuzz(func(t *testing.T, text string, maxParts int) {
		segments, err := sms.Split(text, maxParts)
		if err == nil {
			checkSplit(t, text, segments)
			return
		}
		tooLong, ok := errors.AsType[*sms.TooLongError](err)
		if ok && (tooLong.Parts <= tooLong.Max || partsOf(text) != tooLong.Parts) {
			t.Fatalf("refused as %+v, want %d parts", tooLong, partsOf(text))
		}
		if !ok && text != "" {
			t.Fatalf("Split(%q, %d): %v", text, maxParts, err)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	for _, bb := range []struct{ name, text string }{
		{"gsm7-single", "Your code is 4711. Do not pass it on to anyone [bank]."},
		{"gsm7-4-parts", strings.Repeat("The quick brown fox costs 10 € today. ", 15)},
		{"ucs2-single", "Ваш код 4711. Никому его не сообщайте 👍"},
		{"ucs2-4-parts", strings.Repeat("Ваш код 4711. Никому его не сообщайте 👍", 6)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bb.text)))
			for b.Loop() {
				if _, err := sms.Split(bb.text, 10); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
