package conform

import (
	"fmt"
	"strings"
	"time"

	"tetherd/modem/emulator"
)

// deviceFaults are faults F30 to F39: the modem itself.
func deviceFaults() []Fault {
	out := []Fault{
		{Name: "F30-reboot", Class: Device, NoReports: true, Lasts: 10 * time.Second, Begin: func(b *Bench) func() {
			b.Modem.Reset()
			return nil
		}},
		{Name: "F30-reboots", Class: Device, NoReports: true, Lasts: 2 * time.Minute, Begin: func(b *Bench) func() {
			return flap(5, 20*time.Second, b.Modem.Reset, func() {})
		}},
		{Name: "F31-hang", Class: Device, NoReports: true, Slow: true, Lasts: 10 * time.Minute, Begin: func(b *Bench) func() {
			b.Modem.Fault(emulator.Fault{At: emulator.OnCommand, Do: emulator.Hang})
			return b.Modem.Reset // by its owner
		}},
		{Name: "F33-SIM-busy", Class: Device, Lasts: 40 * time.Second, Begin: planned(
			emulator.Fault{At: emulator.OnCommand, Command: "+CMG", Final: "+CMS ERROR: 314", Times: -1},
			emulator.Fault{At: emulator.OnCommand, Command: "+CPMS", Final: "+CME ERROR: 14", Times: -1},
		)},
		{Name: "F33-SIM-out", Class: Device, NoReports: true, Lasts: time.Minute, Begin: func(b *Bench) func() {
			b.Modem.SetSIM(false)
			return func() { b.Modem.SetSIM(true) }
		}},
		{Name: "F34-storage-full", Class: Device, Commands: 450, Begin: func(b *Bench) func() {
			b.Modem.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CMGL", Delay: 5 * time.Second, Times: 3})
			for i := range 150 {
				b.Deliver(fmt.Sprintf("filling %d", i))
			}
			return b.Modem.ClearFaults
		}},
		{Name: "F34-deleting-fails", Class: Device, Begin: planned(
			emulator.Fault{At: emulator.OnCommand, Command: "+CMGD", Final: "+CMS ERROR: 320", Times: 5})},
		{Name: "F34-deleting-reported-failed", Class: Device, Begin: planned(
			emulator.Fault{At: emulator.BeforeFinal, Command: "+CMGD", Final: "+CMS ERROR: 320", Times: 5})},
		{Name: "F34-not-to-be-read", Class: Device, Begin: planned(
			emulator.Fault{At: emulator.OnCommand, Command: "+CMGR", Final: "+CMS ERROR: 321", Times: 5})},
		{Name: "F34-list-hangs", Class: Device, Lasts: 3 * time.Minute, Slow: true, Begin: planned(
			emulator.Fault{At: emulator.OnCommand, Command: "+CMGL", Do: emulator.DropAnswer, Times: -1})},
		{Name: "F34-list-fails", Class: Device, Begin: planned(
			emulator.Fault{At: emulator.OnCommand, Command: "+CMGL", Final: "+CMS ERROR: 500", Times: -1})},
		{Name: "F36-notification-refused", Class: Device, Begin: planned(
			emulator.Fault{At: emulator.OnCommand, Command: "+CNMI=", Final: "+CMS ERROR: 303", Times: 4})},
		{Name: "F36-notification-ignored", Class: Device, Begin: planned(
			emulator.Fault{At: emulator.OnCommand, Command: "+CNMI=2", Final: "OK", Times: 4})},
		{Name: "F38-flood-of-codes", Class: Device, NoReports: true, Begin: planned(emulator.Fault{
			At: emulator.AfterFinal, Times: -1, Emit: []byte(strings.Repeat("\r\n+ZUSIMR:2\r\n", 50)),
		})},
		{Name: "F39-brown-out", Class: Device, NoReports: true, Lasts: 2 * time.Minute, Begin: pulled(emulator.AfterCtrlZ, 3*time.Second, 3)},
	}
	for _, p := range points {
		out = append(out,
			Fault{Name: "F30-reboot-" + p.name, Class: Device, NoReports: true, Begin: planned(
				emulator.Fault{At: p.at, Do: emulator.Reboot})},
			Fault{Name: "F31-silent-" + p.name, Class: Device, NoReports: true, Lasts: 6 * time.Minute, Slow: true, Begin: planned(
				emulator.Fault{At: p.at, Do: emulator.DropAnswer})},
		)
	}
	return out
}
