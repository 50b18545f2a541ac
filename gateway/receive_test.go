package gateway_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unicode/utf16"

	"tetherd/gateway"
	"tetherd/gateway/sms"
)

// fragments makes the parts of an incoming text in UCS-2, cut every n units, so
// that surrogate pairs can straddle them.
func fragments(text string, n int, ref uint16, scts time.Time) []gateway.Fragment {
	units := utf16.Encode([]rune(text))
	total := (len(units) + n - 1) / n
	var out []gateway.Fragment
	for i := 0; i < total; i++ {
		body := units[i*n : min((i+1)*n, len(units))]
		f := gateway.Fragment{
			SIMID: "sim1", Modem: "modem1", SIM: 1, From: "+4917012345678", TOA: 0x91, SCTS: scts, At: time.Now(),
			Body: sms.Body{Alphabet: sms.UCS2, UTF16: body}, Class: -1,
			TPDU: fmt.Appendf(nil, "%d %d %d %v %d", ref, i, total, body, scts.UnixNano()),
		}
		if total > 1 {
			f.Concat = &gateway.Concat{Ref: ref, Part: i + 1, Total: total}
		}
		out = append(out, f)
	}
	return out
}

func (w *world) receive(fs ...gateway.Fragment) {
	w.t.Helper()
	for _, f := range fs {
		if err := w.gw.Receive(w.t.Context(), f); err != nil {
			w.t.Fatalf("receive: %v", err)
		}
	}
}

// inbox returns the texts of the incoming messages, oldest first.
func (w *world) inbox() []string {
	w.t.Helper()
	ins, total, err := w.gw.InboundMessages(gateway.InboundQuery{Limit: 1000})
	if err != nil || total != len(ins) {
		w.t.Fatalf("inbox: %d of %d, %v", len(ins), total, err)
	}
	out := make([]string, len(ins))
	for i, in := range ins {
		out[len(ins)-1-i] = in.Text
	}
	return out
}

func TestReassembly(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	emoji := "a😀b😀c😀d😀"
	tests := map[string]struct {
		feed func(w *world)
		want []string
	}{
		"single":       {func(w *world) { w.receive(fragments("hi", 70, 0, now)...) }, []string{"hi"}},
		"single twice": {func(w *world) { f := fragments("hi", 70, 0, now); w.receive(f...); w.receive(f...) }, []string{"hi"}},
		"same text, later stamp": {func(w *world) {
			w.receive(fragments("hi", 70, 0, now)...)
			w.receive(fragments("hi", 70, 0, now.Add(time.Second))...)
		}, []string{"hi", "hi"}},
		"surrogates straddle parts": {func(w *world) { w.receive(fragments(emoji, 2, 7, now)...) }, []string{emoji}},
		"out of order, doubled, with a restart": {func(w *world) {
			fs := fragments(emoji, 3, 7, now)
			w.receive(fs[3], fs[1], fs[1])
			w.stop()
			w.start()
			w.receive(fs[1], fs[3], fs[0], fs[2], fs[2])
		}, []string{emoji}},
		"reference reused at once": {func(w *world) {
			a, b := fragments("first one", 4, 9, now), fragments("other one", 4, 9, now.Add(time.Minute))
			w.receive(a[0], b[0], b[1], b[2], a[1], a[2])
		}, []string{"first one", "other one"}},
		"part sent again by the SMSC": {func(w *world) {
			a, again := fragments("first one", 4, 9, now), fragments("first one", 4, 9, now.Add(time.Minute))
			w.receive(a[0], again[0], a[1], a[2])
			w.pass(80 * time.Hour) // and is not told alone
		}, []string{"first one"}},
		"reference reused, read from several storages in turn": {func(w *world) {
			a, b := fragments("first one", 4, 9, now), fragments("other two", 4, 9, now)
			w.receive(a[0], b[0], a[1], b[1], a[2], b[2])
		}, []string{"first one", "other two"}},
		"reference reused for equal parts": {func(w *world) {
			a, b := fragments("one same end", 4, 9, now), fragments("two same end", 4, 9, now.Add(time.Minute))
			w.receive(b[1], a[0], a[1], b[2], a[2], b[0])
		}, []string{"one same end", "two same end"}},
		"senseless header": {func(w *world) {
			f := fragments("hi", 70, 0, now)[0]
			f.Concat = &gateway.Concat{Ref: 1, Part: 3, Total: 2}
			w.receive(f)
		}, []string{"hi"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 0, func(w *world) {
				w.start()
				w.subscribe()
				tt.feed(w)
				got := w.inbox()
				same := len(got) == len(tt.want)
				for _, text := range tt.want {
					same = same && count(got, text) == count(tt.want, text)
				}
				if !same {
					t.Errorf("inbox: got %q, want %q", got, tt.want)
				}
				if n := len(w.events()); n != len(tt.want) {
					t.Errorf("%d events, want %d", n, len(tt.want))
				}
				for _, e := range w.events() {
					p := e.Payload.(gateway.MessageReceived)
					if p.MessageID == "" || e.Subject != p.MessageID || p.Sender != "+4917012345678" {
						t.Errorf("event lacks its message: %+v", e)
					}
				}
			})
		})
	}
}

func decode(units []uint16) string { return string(utf16.Decode(units)) }

func count(in []string, s string) (n int) {
	for _, v := range in {
		if v == s {
			n++
		}
	}
	return n
}

func TestReassemblyInAnyOrder(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		rnd := rand.New(rand.NewPCG(1, 2))
		want := make(map[string]int)
		for batch := range 8 { // in a batch no reference occurs twice, or nobody could tell
			var fs []gateway.Fragment
			for i := range 5 {
				text := fmt.Sprintf("message %d of batch %d with some 😀 in it", i, batch)
				want[text]++
				scts := time.Unix(1_800_000_000+int64(batch), 0)
				fs = append(fs, fragments(text, 5+i, uint16(i), scts)...)
			}
			rnd.Shuffle(len(fs), func(i, j int) { fs[i], fs[j] = fs[j], fs[i] })
			for _, f := range fs {
				w.receive(f)
				if rnd.IntN(3) == 0 {
					w.receive(f)
				}
			}
		}
		for _, text := range w.inbox() {
			want[text]--
		}
		for text, n := range want {
			if n != 0 {
				t.Errorf("%q: %d too few", text, n)
			}
		}
	})
}

func TestMissingPartIsNotWaitedForForEver(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		fs := fragments("first one", 4, 9, time.Now())
		w.receive(fs[0], fs[2])
		w.pass(71 * time.Hour)
		if got := w.inbox(); len(got) != 0 {
			t.Errorf("inbox after 71 h: got %q, want nothing", got)
		}
		w.pass(2 * time.Hour)
		if got := fmt.Sprintf("%q", w.inbox()); got != `["firse"]` {
			t.Errorf("inbox after 73 h: got %s, want what there is", got)
		}
	})
}

func TestReceivedAt(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		now := time.Now().Round(0)
		tests := map[string]struct{ scts, want time.Time }{
			"credible":   {now.Add(-time.Hour), now.Add(-time.Hour)},
			"none":       {time.Time{}, now},
			"too old":    {now.AddDate(-3, 0, 0), now},
			"in future":  {now.Add(48 * time.Hour), now},
			"other zone": {now.Add(time.Minute).In(time.FixedZone("", 7200)), now.Add(time.Minute)},
		}
		for name, tt := range tests {
			w.receive(fragments(name, 70, 0, tt.scts)...)
			ins, _, err := w.gw.InboundMessages(gateway.InboundQuery{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range ins {
				if in.Text == name && !in.ReceivedAt.Equal(tt.want) {
					t.Errorf("%s: got %v, want %v", name, in.ReceivedAt, tt.want)
				}
			}
		}
	})
}
