package store

import (
	"bytes"
	"cmp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tetherd/gateway"
)

// The order of encoded values is the order of the values.
func TestKeysKeepOrder(t *testing.T) {
	t.Run("i64", rapid.MakeCheck(func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		sameOrder(t, cmp.Compare(a, b), appendI64(nil, a), appendI64(nil, b))
	}))
	t.Run("priority, highest first", rapid.MakeCheck(func(t *rapid.T) {
		a, b := rapid.Int8().Draw(t, "a"), rapid.Int8().Draw(t, "b")
		sameOrder(t, cmp.Compare(b, a), appendPriority(nil, a), appendPriority(nil, b))
	}))
	t.Run("time", rapid.MakeCheck(func(t *rapid.T) {
		a, b := anyTime().Draw(t, "a"), anyTime().Draw(t, "b")
		sameOrder(t, a.Compare(b), appendTime(nil, a), appendTime(nil, b))
	}))
	t.Run("wall ms is never early", rapid.MakeCheck(func(t *rapid.T) {
		due, at := anyTime().Draw(t, "due"), anyTime().Draw(t, "at")
		if at.UnixMilli() >= wallMs(due) && at.Before(due) {
			t.Errorf("timer of %v is due at %v", due, at)
		}
		if ms := wallMs(due); time.UnixMilli(ms).Sub(due) >= time.Millisecond {
			t.Errorf("timer of %v is due at %v, more than a millisecond late", due, time.UnixMilli(ms))
		}
	}))
	t.Run("queued row", rapid.MakeCheck(func(t *rapid.T) {
		a, b := anyQueued().Draw(t, "a"), anyQueued().Draw(t, "b")
		want := 0
		if a.before(&b, false) {
			want = -1
		} else if b.before(&a, false) {
			want = 1
		}
		sameOrder(t, want, encodeQueued(a), encodeQueued(b))
		got, err := parseQueued(encodeQueued(a))
		if err != nil || got != a {
			t.Errorf("got %+v, %v, want %+v", got, err, a)
		}
	}))
}

func encodeQueued(q queued) []byte {
	return appendRef(appendTick(appendPriority(nil, q.priority), q.due), q.ref)
}

func anyQueued() *rapid.Generator[queued] {
	return rapid.Custom(func(t *rapid.T) queued {
		return queued{
			priority: rapid.SampledFrom([]int8{-128, -1, 0, 1, 127}).Draw(t, "priority"),
			due:      gateway.Tick(rapid.Int64Range(-2, 2).Draw(t, "due")),
			ref: gateway.RecipientRef{
				Seq: rapid.Uint64Range(0, 3).Draw(t, "seq"),
				Idx: rapid.IntRange(0, 3).Draw(t, "idx"),
			},
		}
	})
}

func anyTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		sec := rapid.OneOf(rapid.Int64Range(-62135596800, 253402300799), rapid.Int64Range(-2, 2)).Draw(t, "sec")
		return time.Unix(sec, rapid.Int64Range(0, 999_999_999).Draw(t, "nsec"))
	})
}

func sameOrder(t *rapid.T, want int, a, b []byte) {
	t.Helper()
	if got := bytes.Compare(a, b); got != want {
		t.Errorf("%x and %x compare as %d, want %d", a, b, got, want)
	}
}

// No string's rows lie among those of another.
func TestStringsAreDelimited(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		rest := rapid.SliceOf(rapid.Byte()).Draw(t, "rest")
		key := append(appendStr(nil, a), rest...)
		if got, want := bytes.HasPrefix(key, appendStr(nil, b)), a == b; got != want {
			t.Errorf("row of %q is found under %q: %v, want %v", a, b, got, want)
		}
		r := reader{b: key}
		if got := r.str(); got != a || !bytes.Equal(r.b, rest) || r.err != nil {
			t.Errorf("got %q, %x, %v, want %q, %x", got, r.b, r.err, a, rest)
		}
	})
}

func TestAfter(t *testing.T) {
	tests := []struct {
		name         string
		prefix, want []byte
	}{
		{"plain", []byte{1, 2}, []byte{1, 3}},
		{"carry", []byte{1, 0xff, 0xff}, []byte{2}},
		{"none", []byte{0xff, 0xff}, nil},
		{"empty", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := after(tt.prefix); !bytes.Equal(got, tt.want) {
				t.Errorf("got %x, want %x", got, tt.want)
			}
		})
	}
}

func TestGroupKeyIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGroup().Draw(t, "group")
		r := reader{b: groupKey(g)}
		if got := r.group(); got != g || r.end() != nil {
			t.Errorf("got %+v, %v, want %+v", got, r.end(), g)
		}
		other := g
		other.Gen++
		if !bytes.HasPrefix(groupKey(other), groupPrefix(g)) {
			t.Error("generations have different prefixes")
		}
	})
}

func anyGroup() *rapid.Generator[gateway.GroupKey] {
	return rapid.Custom(func(t *rapid.T) gateway.GroupKey {
		return gateway.GroupKey{
			SIMID: rapid.SampledFrom([]string{"", "8949", "89490"}).Draw(t, "sim"),
			From:  rapid.SampledFrom([]string{"", "+4915", "Bank"}).Draw(t, "from"),
			TOA:   rapid.Byte().Draw(t, "toa"),
			Wide:  rapid.Bool().Draw(t, "wide"),
			Ref:   rapid.Uint16().Draw(t, "ref"),
			Total: rapid.IntRange(0, 255).Draw(t, "total"),
			Gen:   rapid.Uint32Range(0, 3).Draw(t, "gen"),
		}
	})
}

// Whatever the bytes, a reader ends in an error or has read them all.
func FuzzReader(f *testing.F) {
	f.Add(groupKey(gateway.GroupKey{SIMID: "8949", From: "+4915", Total: 2}))
	f.Add([]byte(strings.Repeat("\xff", 40)))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := reader{b: b}
		g := r.group()
		if r.end() == nil {
			again := reader{b: groupKey(g)}
			if got := again.group(); got != g {
				t.Errorf("got %+v, want %+v", got, g)
			}
		}
		q, err := parseQueued(b)
		if err == nil && !bytes.Equal(encodeQueued(q), b) {
			t.Errorf("%x is not what %+v encodes to", b, q)
		}
	})
}
