package conform

import (
	"math/rand/v2"
	"time"

	"tetherd/modem/emulator"
)

// Class says where a fault sits.
type Class string

// The classes.
const (
	Channel Class = "channel" // between the host and the modem
	Port    Class = "port"    // the device file comes and goes
	Device  Class = "modem"   // the modem itself
	Network Class = "network" // beyond it
)

// Bench is what a [Fault] works on.
type Bench struct {
	Network *emulator.Network
	Modem   *emulator.Modem
	Number  string     // of the SIM
	Rand    *rand.Rand // seeded; of the goroutine that calls Begin

	Unplug func() // the stick is pulled out and loses its power
	Plug   func() // and is back
	// Cut tells that the modem is about to lose its power by itself, and is back
	// after the given time; 0 leaves it out until Plug.
	Cut func(back time.Duration)

	// Deliver sends a text to the SIM that must arrive as often as it was sent.
	Deliver func(text string)
	// Arrives tells the account of a text that a fault delivers in its own way, and
	// how many messages it makes.
	Arrives func(text string, copies int)
}

// Fault is one thing that goes wrong for a while.
type Fault struct {
	Name  string // as in "F31-hang": unique, without blanks
	Class Class
	// Begin makes it go wrong. What it returns puts it right and may be nil, if it
	// passes by itself.
	Begin func(b *Bench) (end func())
	// Lasts is the time between the two. Default 1 min.
	Lasts time.Duration
	// Limit is how long after that a message must have been sent. Default
	// [DefaultLimit].
	Limit time.Duration
	// Commands is how many commands it takes to clear up behind the fault, for which a
	// slow modem is allowed more time.
	Commands int
	// Garbles says that received messages may be lost or changed on the line, where
	// the modem does not keep them, and that delivery reports may be.
	Garbles bool
	// NoReports says that delivery reports of messages sent meanwhile may be lost.
	NoReports bool
	// Suits says which modems it can happen to; nil is any.
	Suits func(p Profile) bool
	// Slow leaves it out where time is real.
	Slow bool
}

// Defaults of a [Fault].
const (
	DefaultLasts = time.Minute
	DefaultLimit = 5 * time.Minute // most of it is the wait for a result that does not come
)

// Faults returns every fault.
func Faults() []Fault {
	var out []Fault
	for _, list := range [][]Fault{channelFaults(), portFaults(), deviceFaults(), networkFaults(), emulated()} {
		for _, f := range list {
			if f.Lasts == 0 {
				f.Lasts = DefaultLasts
			}
			if f.Limit == 0 {
				f.Limit = DefaultLimit
			}
			out = append(out, f)
		}
	}
	return out
}

// Sound is no fault at all.
func Sound() Fault {
	return Fault{
		Name: "none", Class: Network, Begin: func(*Bench) func() { return nil },
		Lasts: time.Second, Limit: DefaultLimit,
	}
}

// pulled returns a Begin that plans a fault at which the modem loses its power,
// and is back after the given time.
func pulled(at emulator.Point, back time.Duration, times int) func(b *Bench) func() {
	return func(b *Bench) func() {
		b.Modem.Fault(emulator.Fault{At: at, Do: emulator.PullOut, Back: back, Times: times, Func: func() { b.Cut(back) }})
		return b.Modem.ClearFaults
	}
}

// planned returns a Begin that plans faults of the emulator and later drops them.
func planned(fs ...emulator.Fault) func(b *Bench) func() {
	return func(b *Bench) func() {
		for _, f := range fs {
			b.Modem.Fault(f)
		}
		return b.Modem.ClearFaults
	}
}
