package emulator

import (
	"bytes"
	"math/rand"
	"strings"
	"time"
)

// spoil is how long the faults of the line last.
const spoil = time.Minute

// lineFaults are those of the octets between host and modem.
func lineFaults() []NamedFault {
	return []NamedFault{
		{Name: "drop-octets", About: "one octet in fifty the modem writes is lost", New: perOctet(OnWrite, 50, func(out []byte, _ byte, _ *rand.Rand) []byte { return out })},
		{Name: "double-octets", About: "one octet in fifty the modem writes comes twice", New: perOctet(OnWrite, 50, func(out []byte, b byte, _ *rand.Rand) []byte { return append(out, b, b) })},
		{Name: "flip-bits", About: "one octet in fifty the modem writes has a bit flipped", New: perOctet(OnWrite, 50, flipBit)},
		{Name: "drop-octets-read", About: "one octet in two hundred the host writes is lost", New: perOctet(OnRead, 200, func(out []byte, _ byte, _ *rand.Rand) []byte { return out })},
		{Name: "flip-bits-read", About: "one octet in two hundred the host writes has a bit flipped", New: perOctet(OnRead, 200, flipBit)},
		{Name: "half-the-octets", About: "another program reads about every other octet for twenty seconds", New: func(seed int64) []Fault {
			f := perOctet(OnWrite, 2, func(out []byte, _ byte, _ *rand.Rand) []byte { return out })(seed)
			f[0].Until = 20 * time.Second
			return f
		}},
		{Name: "cut-write", About: "the port is silent after the 40th octet of what comes next, within a line", New: once(Fault{At: OnWrite, Offset: 40, Mangle: nothing, Times: 2})},
		{Name: "truncated-final", About: "the last octets of three answers are lost", New: once(Fault{At: OnWrite, Times: 3, Mangle: func(b []byte) []byte { return b[:max(len(b)-3, 0)] }})},
		{Name: "cr-only", About: "lines end in CR alone", New: once(rewrite("\r\n", "\r"))},
		{Name: "cr-cr-lf", About: "lines end in CR CR LF", New: once(rewrite("\r\n", "\r\r\n"))},
		{Name: "lf-only", About: "lines end in LF alone", New: once(rewrite("\r\n", "\n"))},
		{Name: "nul-octets", About: "NUL octets stand before each of ten answers", New: once(Fault{At: OnCommand, Times: 10, Emit: make([]byte, 16)})},
		{Name: "ff-octets", About: "octets of all ones stand before each of ten answers", New: once(Fault{At: OnCommand, Times: 10, Emit: bytes.Repeat([]byte{0xff}, 16)})},
		{Name: "garbage", About: "random octets stand between ten answers", New: func(seed int64) []Fault {
			b := make([]byte, 300)
			rand.New(rand.NewSource(seed)).Read(b)
			return []Fault{{At: AfterFinal, Times: 10, Emit: b}}
		}},
		{Name: "endless-line", About: "70 KiB come without an end of line", New: once(Fault{At: OnCommand, Emit: bytes.Repeat([]byte("x"), 70<<10)})},
		{Name: "stalled", About: "the modem neither reads nor writes for 20 seconds", New: once(Fault{At: OnCommand, Do: Stall, For: 20 * time.Second})},
		{Name: "stalled-at-prompt", About: "the modem reads nothing for 20 seconds after its prompt", New: once(Fault{At: AfterPrompt, Do: Stall, For: 20 * time.Second})},
		{Name: "echo-on", About: "the echo comes back three times", New: once(Fault{At: OnCommand, Times: 3, Skip: 1, With: func(m *Modem) { m.SetEcho(true) }})},
		{Name: "sluggish", About: "everything is written a second late", New: once(Fault{At: OnWrite, Until: spoil, Times: -1, Delay: time.Second})},
	}
}

// nothing is what remains of a write that is lost.
func nothing([]byte) []byte { return nil }

// perOctet strikes one octet in n for a minute.
func perOctet(at Point, n int, hit func(out []byte, b byte, r *rand.Rand) []byte) func(int64) []Fault {
	return func(seed int64) []Fault {
		r := rand.New(rand.NewSource(seed))
		return []Fault{{At: at, Times: -1, Until: spoil, Mangle: func(in []byte) []byte {
			out := make([]byte, 0, 2*len(in))
			for _, b := range in {
				if r.Intn(n) > 0 {
					out = append(out, b)
				} else {
					out = hit(out, b, r)
				}
			}
			return out
		}}}
	}
}

func flipBit(out []byte, b byte, r *rand.Rand) []byte { return append(out, b^1<<r.Intn(8)) }

// rewrite replaces what the modem writes for a minute.
func rewrite(from, to string) Fault {
	return Fault{At: OnWrite, Times: -1, Until: spoil, Mangle: func(b []byte) []byte {
		return []byte(strings.ReplaceAll(string(b), from, to))
	}}
}
