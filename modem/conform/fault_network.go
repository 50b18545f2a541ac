package conform

import (
	"fmt"
	"strings"
	"time"

	"tetherd/modem/emulator"
)

// refusals are the codes a submit is refused with, of +CMS ERROR.
var refusals = []int{
	1, 8, 10, 17, 21, 22, 27, 28, 29, 30, 38, 41, 42, 47, 50, 69, 81, 95, 111, 127, 128, 144, 159, 176, 192, 193,
	194, 195, 196, 198, 208, 213, 255, 300, 301, 302, 303, 304, 310, 314, 320, 322, 330, 331, 332, 340, 500,
	512, 513, 514, 515, 521, 532, 615,
}

// everybody is a rule's number that stands for all.
const everybody = "*"

// networkFaults are faults F50 to F61: what is beyond the modem.
func networkFaults() []Fault {
	ruled := func(name string, r emulator.Rule, change ...func(f *Fault)) Fault {
		f := Fault{Name: name, Class: Network, Begin: func(b *Bench) func() {
			b.Network.SetRule(everybody, r)
			return func() { b.Network.SetRule(everybody, emulator.Rule{}) }
		}}
		for _, c := range change {
			c(&f)
		}
		return f
	}
	registered := func(name string, stat int) Fault {
		return Fault{Name: name, Class: Network, Lasts: 2 * time.Minute, Begin: func(b *Bench) func() {
			b.Modem.SetRegistration(stat)
			return func() { b.Modem.SetRegistration(1) }
		}}
	}
	out := []Fault{
		registered("F50-not-registered", 0),
		registered("F50-searching", 2),
		registered("F50-denied", 3),
		registered("F50-SMS-only", 6),
		registered("F50-roaming", 5),
		{Name: "F50-flapping", Class: Network, Lasts: 50 * time.Second, Begin: func(b *Bench) func() {
			return flap(20, 2*time.Second, func() { b.Modem.SetRegistration(2) }, func() { b.Modem.SetRegistration(1) })
		}},
		ruled("F52-accepted-answer-lost", emulator.Rule{AcceptSilently: true, Times: 1}),
		ruled("F53-not-accepted-answer-lost", emulator.Rule{Silent: true, Times: 1}),
		ruled("F56-report-first", emulator.Rule{ReportFirst: true}),
		ruled("F56-report-twice", emulator.Rule{ReportStatus: []byte{0, 0}}),
		ruled("F56-report-temporary-then-final", emulator.Rule{ReportStatus: []byte{0x21, 0x30, 0x00}}),
		ruled("F56-report-of-failure", emulator.Rule{ReportStatus: []byte{0x46}}),
		ruled("F61-congestion", emulator.Rule{Delay: 40 * time.Second}, func(f *Fault) { f.Slow = true }),
		ruled("F61-later-than-the-limit", emulator.Rule{Delay: 5 * time.Minute, Times: 1}, func(f *Fault) {
			f.NoReports, f.Slow = true, true // the port is opened anew meanwhile, and what is handed over then is lost
		}),
		{Name: "F54-delivered-twice", Class: Network, Begin: func(b *Bench) func() {
			text := fmt.Sprintf("the same again %x", b.Rand.Uint64())
			scts := time.Now()
			for range 2 {
				b.raw(emulator.Deliver{From: "+4917099999999", SCTS: scts, Text: text})
			}
			b.Arrives(text, 1)
			return nil
		}},
		{Name: "F54-two-equal-texts", Class: Network, Begin: func(b *Bench) func() {
			text := fmt.Sprintf("the same text %x", b.Rand.Uint64())
			scts := time.Now()
			for i := range 2 {
				b.raw(emulator.Deliver{From: "+4917099999999", SCTS: scts.Add(time.Duration(i) * time.Minute), Text: text})
			}
			b.Arrives(text, 2)
			return nil
		}},
		{Name: "F55-parts-out-of-order", Class: Network, Begin: func(b *Bench) func() {
			text := fmt.Sprintf("%x ", b.Rand.Uint64()) + strings.Repeat("out of order ", 30)
			parts := emulator.TextParts("+4917099999999", text, 77, time.Now())
			for _, i := range append(b.Rand.Perm(len(parts)), 0) { // and one of them again
				b.tpdu(parts[i])
			}
			b.Arrives(text, 1)
			return nil
		}},
		{Name: "F55-reference-reused", Class: Network, Begin: func(b *Bench) func() {
			reuse := func(prefix string) {
				text := prefix + strings.Repeat("same reference ", 20)
				for _, p := range emulator.TextParts("+4917099999999", text, 78, time.Now()) {
					b.tpdu(p)
				}
				b.Arrives(text, 1)
			}
			reuse(fmt.Sprintf("%x ", b.Rand.Uint64()))
			return func() { reuse(fmt.Sprintf("%x ", b.Rand.Uint64())) }
		}},
		{Name: "F58-flood", Class: Network, Lasts: 3 * time.Minute, Limit: 10 * time.Minute, Slow: true, Begin: func(b *Bench) func() {
			for i := range 1000 {
				b.Deliver(fmt.Sprintf("flood %d", i))
			}
			return nil
		}},
		{Name: "F59-shown-at-once", Class: Network, Begin: func(b *Bench) func() {
			text := fmt.Sprintf("class 0 %x", b.Rand.Uint64())
			b.raw(emulator.Deliver{From: "+4917099999999", DCS: 0x10, SCTS: time.Now(), Text: text})
			b.Arrives(text, 1)
			return nil
		}},
	}
	for _, code := range refusals {
		f := ruled(fmt.Sprintf("F51-CMS-%d", code), emulator.Rule{Code: code, Times: 2})
		f.Limit = 20 * time.Minute // some pause the modem
		f.Slow = true
		out = append(out, f)
	}
	return out
}

// raw delivers a TPDU to the SIM.
func (b *Bench) raw(d emulator.Deliver) {
	tpdu, err := d.Encode()
	if err != nil {
		panic(err) // the vectors here are constant but for digits
	}
	b.tpdu(tpdu)
}

func (b *Bench) tpdu(tpdu []byte) {
	if err := b.Network.DeliverTPDU(b.Number, tpdu); err != nil {
		panic(err) // the number is that of the modem
	}
}
