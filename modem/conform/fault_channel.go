package conform

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"time"

	"tetherd/modem/emulator"
)

// channelFaults are faults F1 to F15: what is between host and modem loses,
// changes, delays or adds octets.
func channelFaults() []Fault {
	out := []Fault{
		mangled("F1-octets-lost", func(r *rand.Rand, b []byte) []byte {
			at := r.IntN(len(b))
			return append(b[:at], b[min(at+1+r.IntN(8), len(b)):]...)
		}),
		mangled("F1-octets-doubled", func(r *rand.Rand, b []byte) []byte {
			at := r.IntN(len(b))
			return append(b[:at:at], append([]byte{b[at]}, b[at:]...)...)
		}),
		mangled("F1-bits-flipped", flip),
		mangled("F4-final-cut", func(_ *rand.Rand, b []byte) []byte {
			return bytes.Replace(b, []byte("OK\r\n"), []byte("O"), 1)
		}),
		mangled("F5-no-final", func(_ *rand.Rand, b []byte) []byte {
			return bytes.Replace(b, []byte("OK\r\n"), nil, 1)
		}),
		mangled("F6-code-before", inserted("\r\n+CREG: 1\r\n", func(*rand.Rand, []byte) int { return 0 })),
		mangled("F6-code-between", inserted("^RSSI:20\r\n", lineEnd)),
		mangled("F6-stored-between", inserted("+CMTI: \"SM\",29\r\n", lineEnd)),
		mangled("F6-code-inside", inserted("\r\n^NOISE: 1\r\n", func(r *rand.Rand, b []byte) int { return r.IntN(len(b) + 1) })),
		mangled("F6-code-after", inserted("\r\n+CGREG: 1\r\n", func(_ *rand.Rand, b []byte) int { return len(b) })),
		mangled("F8-garbage", inserted("\x00\xff\x80~\x03garbage\xff\xff", func(*rand.Rand, []byte) int { return 0 })),
		mangled("F8-NULs", func(_ *rand.Rand, b []byte) []byte {
			return bytes.Join(bytes.SplitAfter(b, []byte("\r")), []byte("\x00\x00"))
		}),
		mangled("F10-CR-alone", func(_ *rand.Rand, b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\r")) }),
		mangled("F10-CR-CR-LF", func(_ *rand.Rand, b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\r\r\n")) }),
		mangled("F11-two-prompts", func(_ *rand.Rand, b []byte) []byte { return bytes.Replace(b, []byte("> "), []byte("> \r\n> "), 1) }),
		mangled("F11-no-prompt", func(_ *rand.Rand, b []byte) []byte { return bytes.Replace(b, []byte("\r\n> "), nil, 1) }),
		mangled("F15-half-stolen", func(r *rand.Rand, b []byte) []byte { return b[:len(b)/2] }),
		{Name: "F3-late-prompt", Class: Channel, Begin: planned(emulator.Fault{At: emulator.AfterCMGS, Delay: 15 * time.Second, Times: 2})},
		{Name: "F8-70-KiB-without-LF", Class: Channel, NoReports: true, Begin: planned(emulator.Fault{
			At: emulator.OnCommand, Skip: 1, Times: 2, Emit: bytes.Repeat([]byte("x"), 70<<10),
		})},
		{Name: "F9-stalled", Class: Channel, NoReports: true, Begin: planned(emulator.Fault{At: emulator.OnWrite, Delay: 20 * time.Second, Times: 3})},
	}
	for _, command := range []string{"", "+CMGL", "+CMGR", "+CMGD", "+CPMS", "+CSQ", "+CREG", "+CNMI", "+CPIN", "+CMGS"} {
		name := strings.TrimPrefix(command, "+")
		if command == "" {
			name = "any"
		}
		out = append(out,
			Fault{Name: "F2-no-answer-to-" + name, Class: Channel, Begin: planned(
				emulator.Fault{At: emulator.OnCommand, Command: command, Do: emulator.DropAnswer, Times: 2})},
			Fault{Name: "F3-late-answer-to-" + name, Class: Channel, NoReports: true, Begin: planned(
				emulator.Fault{At: emulator.BeforeFinal, Command: command, Delay: 25 * time.Second, Times: 2})},
			Fault{Name: "F12-error-to-" + name, Class: Channel, Begin: planned(
				emulator.Fault{At: emulator.OnCommand, Command: command, Final: "ERROR", Times: 3})},
			Fault{Name: "F12-error-in-words-to-" + name, Class: Channel, Begin: planned(
				emulator.Fault{At: emulator.OnCommand, Command: command, Final: "+CME ERROR SIM busy", Times: 3})},
		)
	}
	return out
}

// mangled returns a fault that changes about a quarter of what the modem writes.
// change may keep and alter the slice, which is not empty.
func mangled(name string, change func(r *rand.Rand, b []byte) []byte) Fault {
	return Fault{Name: name, Class: Channel, Garbles: true, NoReports: true, Begin: func(b *Bench) func() {
		rnd := rand.New(rand.NewPCG(b.Rand.Uint64(), 0)) // of the modem's goroutine
		b.Modem.Fault(emulator.Fault{At: emulator.OnWrite, Times: -1, Mangle: func(w []byte) []byte {
			if len(w) == 0 || rnd.IntN(4) > 0 {
				return w
			}
			return change(rnd, bytes.Clone(w))
		}})
		return b.Modem.ClearFaults
	}}
}

// inserted returns a change that puts text in.
func inserted(text string, where func(r *rand.Rand, b []byte) int) func(r *rand.Rand, b []byte) []byte {
	return func(r *rand.Rand, b []byte) []byte {
		at := where(r, b)
		return append(append(b[:at:at], text...), b[at:]...)
	}
}

// lineEnd returns where one of the lines in b ends.
func lineEnd(r *rand.Rand, b []byte) int {
	var ends []int
	for i := range b {
		if b[i] == '\n' {
			ends = append(ends, i+1)
		}
	}
	if len(ends) == 0 {
		return len(b)
	}
	return ends[r.IntN(len(ends))]
}

// flip changes one bit, but not of a digit: in a PDU nothing could tell, for none
// of the layers above has a check sum.
func flip(r *rand.Rand, b []byte) []byte {
	at := r.IntN(len(b))
	if c := b[at]; (c < '0' || c > '9') && (c < 'A' || c > 'F') {
		b[at] ^= 1 << r.IntN(8)
	}
	return b
}
