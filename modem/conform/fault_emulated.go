package conform

import (
	"slices"
	"strings"
	"time"

	"tetherd/modem/emulator"
)

// beyond are faults of the emulator's catalogue that this suite cannot judge, with
// the reason.
var beyond = map[string]string{
	"flip-bits":        "a digit of a PDU may change, and no layer has a check sum",
	"flip-bits-read":   "a digit of a PDU may change, and no layer has a check sum",
	"drop-octets-read": "a digit of an index may get lost, and another message is deleted",
	"half-the-octets":  "every other octet of an answer may make another, whole answer",
	"list-shifted":     "a listing that is wrong in itself deletes what was not read",
	"other-modem":      "the account is of one modem",
	"other-sim":        "the account is of one SIM",
	"storage-full":     "the messages that fill it are not ours to delete",
}

// emulated are the faults of the emulator's catalogue.
func emulated() []Fault {
	var out []Fault
	for _, n := range emulator.Faults() {
		if beyond[n.Name] != "" {
			continue
		}
		f := Fault{Name: n.Name, Class: classOf(n), NoReports: true, Lasts: 2 * time.Minute}
		f.Garbles = f.Class == Channel || n.Name == "some-answers" // it may never say what it is
		if n.Name == "other-store" {
			f.Suits = func(p Profile) bool {
				return len(p.Stores) == 0 || slices.Contains(p.Stores, "SM") && slices.Contains(p.Stores, "ME")
			}
		}
		if n.Lasts {
			f.Lasts, f.Slow = 10*time.Minute, true
		}
		for _, p := range n.New(1) {
			f.Slow = f.Slow || max(p.For, p.Back, p.Delay) > 20*time.Second
		}
		f.Begin = func(b *Bench) func() {
			for _, p := range n.New(int64(b.Rand.Uint64() >> 1)) {
				if p.Do == emulator.PullOut {
					before := p.Func
					p.Func = func() {
						if before != nil {
							before()
						}
						b.Cut(p.Back)
					}
				}
				b.Modem.Fault(p)
			}
			return func() {
				b.Modem.ClearFaults()
				if n.Lasts {
					b.Modem.Reset() // by its owner
					b.Plug()
				}
			}
		}
		out = append(out, f)
	}
	return out
}

// classOf sorts a fault of the catalogue.
func classOf(n emulator.NamedFault) Class {
	for _, f := range n.New(1) {
		switch {
		case n.Closes, f.Do == emulator.Silence, f.At == emulator.OnOpen:
			return Port
		case f.At == emulator.OnWrite, f.At == emulator.OnRead, len(f.Emit) > 0:
			return Channel
		case strings.HasPrefix(n.Name, "no-"), strings.HasPrefix(n.Name, "late-"):
			return Channel
		}
	}
	return Device
}
