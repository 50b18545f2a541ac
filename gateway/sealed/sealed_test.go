package sealed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

const (
	vectorText   = "$aes-256-cbc/pbkdf2-sha1$i=1000$MDEyMzQ1Njc4OWFiY2RlZg==$BQPCnjHbgezV1BPsyyUGgg=="
	vectorNumber = "$aes-256-cbc/pbkdf2-sha1$i=75000$MDEyMzQ1Njc4OWFiY2RlZg==$vrHL+e2kJ1Er5+yRREYkMQ=="
)

func open(t testing.TB, o *Opener, passphrase, s string) (string, error) {
	t.Helper()
	text, err := Parse(s)
	if err != nil {
		t.Fatalf("parse %s: %v", s, err)
	}
	return o.Open(context.Background(), passphrase, text)
}

func TestVectors(t *testing.T) {
	for sealed, want := range map[string]string{vectorText: "hello", vectorNumber: "+79990001234"} {
		got, err := open(t, NewOpener(), "passphrase", sealed)
		if got != want || err != nil {
			t.Errorf("open %s: got %q, %v, want %q", sealed, got, err, want)
		}
		p, err := Parse(sealed)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := seal("passphrase", want, p.Rounds, p.salt); got != sealed || err != nil {
			t.Errorf("seal %s: got %s, %v, want %s", want, got, err, sealed)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	part := func(i int, to string) string {
		chunks := strings.Split(vectorText, "$")
		chunks[i] = to
		return strings.Join(chunks, "$")
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"clear text":       {"hello", ErrFormat},
		"nothing":          {"", ErrFormat},
		"text in front":    {"x" + vectorText, ErrFormat},
		"a chunk too many": {vectorText + "$", ErrFormat},
		"another cipher":   {part(1, "aes-128-cbc/pbkdf2-sha1"), ErrAlgorithm},
		"no parameters":    {part(2, ""), ErrRounds},
		"no i":             {part(2, "n=5"), ErrRounds},
		"i is no number":   {part(2, "i=many"), ErrRounds},
		"negative":         {part(2, "i=-1"), ErrTooFew},
		"none":             {part(2, "i=0"), ErrTooFew},
		"too many":         {part(2, "i=1000001"), ErrTooMany},
		"huge":             {part(2, "i=99999999999999999999"), ErrRounds},
		"bad salt":         {part(3, "*"), ErrFormat},
		"short salt":       {part(3, "AAAA"), ErrFormat},
		"bad body":         {part(4, "*"), ErrFormat},
		"no body":          {part(4, ""), ErrFormat},
		"half a block":     {part(4, "AAAA"), ErrFormat},
	} {
		if _, err := Parse(c.text); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if p, err := Parse(part(2, "x=1,i=7")); err != nil || p.Rounds != 7 {
		t.Errorf("with another parameter: got %d rounds, %v", p.Rounds, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	o := NewOpener()
	if _, err := open(t, o, "", vectorText); !errors.Is(err, ErrPassphrase) {
		t.Errorf("without a passphrase: got %v", err)
	}
	// One in 256 wrong keys makes a padding that passes; this one does not.
	if got, err := open(t, o, "another", vectorText); !errors.Is(err, ErrWrong) {
		t.Errorf("with another passphrase: got %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	o.turn <- struct{}{} // somebody derives a key
	p, _ := Parse(vectorText)
	if _, err := o.Open(ctx, "passphrase", p); !errors.Is(err, context.Canceled) {
		t.Errorf("while another has the turn: got %v", err)
	}
}

func TestSealAndOpen(t *testing.T) {
	o := NewOpener()
	for _, text := range []string{"", "x", strings.Repeat("y", 15), strings.Repeat("z", 16), "Grüße 😀"} {
		a, err := Seal("secret", text, 10)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := Seal("secret", text, 10)
		if a == b {
			t.Error("two salts are equal")
		}
		if got, err := open(t, o, "secret", a); got != text || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, text)
		}
	}
	if _, err := Seal("", "x", 10); !errors.Is(err, ErrPassphrase) {
		t.Errorf("seal without a passphrase: got %v", err)
	}
}

// Keys are kept, but not all, and several can ask at the same time.
func TestKeptKeys(t *testing.T) {
	o := NewOpener()
	var all []string
	for i := range keptKeys + 10 {
		s, err := Seal("secret", fmt.Sprint(i), 1)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, s := range all {
				if got, err := open(t, o, "secret", s); got != fmt.Sprint(i) || err != nil {
					t.Errorf("got %q, %v, want %d", got, err, i)
				}
			}
		})
	}
	wg.Wait()
	if len(o.kept) != keptKeys || len(o.order) != keptKeys {
		t.Errorf("%d keys are kept, want %d", len(o.kept), keptKeys)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(vectorText)
	f.Add(vectorNumber)
	f.Add("$aes-256-cbc/pbkdf2-sha1$i=1,i=2$$")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Parse(s)
		if err != nil {
			return
		}
		if p.Rounds < 1 || p.Rounds > MaxRounds || len(p.salt) != saltSize || len(p.body) == 0 || len(p.body)%16 != 0 {
			t.Errorf("%q was taken apart into %d rounds, %d and %d bytes", s, p.Rounds, len(p.salt), len(p.body))
		}
	})
}

// BenchmarkKey is what a client's text costs the first time.
func BenchmarkKey(b *testing.B) {
	p, err := Parse(vectorNumber)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := NewOpener().Open(b.Context(), "passphrase", p); err != nil {
			b.Fatal(err)
		}
	}
}
