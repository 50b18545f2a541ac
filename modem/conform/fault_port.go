package conform

import (
	"time"

	"tetherd/modem/emulator"
)

// points are the moments of a submit, by name.
var points = []struct {
	name string
	at   emulator.Point
}{
	{"after-CMGS", emulator.AfterCMGS},
	{"after-prompt", emulator.AfterPrompt},
	{"within-PDU", emulator.MidPDU},
	{"after-Ctrl-Z", emulator.AfterCtrlZ},
	{"after-submit", emulator.AfterSubmit},
	{"after-reference", emulator.AfterMR},
}

// portFaults are faults F20 to F27: the device file comes and goes.
func portFaults() []Fault {
	out := []Fault{
		{Name: "F21-unplugged", Class: Port, Lasts: 20 * time.Second, NoReports: true, Begin: func(b *Bench) func() {
			b.Unplug()
			return b.Plug
		}},
		{Name: "F24-mute", Class: Port, Lasts: 5 * time.Minute, Slow: true, NoReports: true, Begin: func(b *Bench) func() {
			b.Modem.SetMute(true)
			return func() { b.Modem.SetMute(false) }
		}},
		{Name: "F24-mute-for-10-s", Class: Port, Lasts: 10 * time.Second, NoReports: true, Begin: func(b *Bench) func() {
			b.Modem.SetMute(true)
			return func() { b.Modem.SetMute(false) }
		}},
		{Name: "F27-flapping", Class: Port, Lasts: 50 * time.Second, NoReports: true, Begin: func(b *Bench) func() {
			return flap(20, 2*time.Second, b.Unplug, b.Plug)
		}},
	}
	for _, p := range points {
		out = append(out,
			Fault{Name: "F20-port-lost-" + p.name, Class: Port, NoReports: true, Lasts: 30 * time.Second, Begin: planned(
				emulator.Fault{At: p.at, Do: emulator.ClosePort, Back: time.Second, Times: 2})},
			Fault{Name: "F20-pulled-out-" + p.name, Class: Port, NoReports: true, Lasts: 30 * time.Second, Begin: pulled(p.at, 2*time.Second, 1)},
		)
	}
	return out
}

// flap calls off and on in turn, n times each, and leaves it on. What it returns
// waits for the end.
func flap(n int, every time.Duration, off, on func()) func() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every / 2)
		defer tick.Stop()
		for range n {
			off()
			<-tick.C
			on()
			<-tick.C
		}
	}()
	return func() { <-done }
}
