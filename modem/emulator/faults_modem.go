package emulator

import "time"

// modemFaults are those of the modem itself.
func modemFaults() []NamedFault {
	var out []NamedFault
	for _, p := range submitPoints {
		out = append(out, NamedFault{Name: "reboot-at-" + p.name, About: "the modem restarts " + p.about, New: once(Fault{At: p.at, Do: Reboot})})
	}
	return append(out,
		NamedFault{Name: "reboot-idle", About: "the modem restarts by itself and forgets its settings", New: once(Fault{At: AtTime, After: 3 * time.Second, Do: Reboot})},
		NamedFault{Name: "reboot-in-command", About: "the modem restarts while it carries out a command", New: once(Fault{At: OnCommand, Skip: 2, Do: Reboot})},
		NamedFault{Name: "reboot-in-listing", About: "the modem restarts before it lists its messages", New: once(Fault{At: BeforeCMGL, Do: Reboot})},
		NamedFault{Name: "brown-out", About: "the modem restarts at three submits, before the network has the message", New: once(Fault{At: AfterCtrlZ, Times: 3, Do: Reboot})},
		NamedFault{Name: "brown-out-pull", About: "the modem is gone at three submits, before the network has the message", Closes: true, New: once(Fault{At: AfterCtrlZ, Times: 3, Do: PullOut, Back: 5 * time.Second})},
		NamedFault{Name: "hang-until-reopen", About: "nothing is answered until the port is opened anew", New: hangs(CureReopen, 0), Lasts: true},
		NamedFault{Name: "hang-until-radio", About: "nothing that needs SIM or radio is answered until AT+CFUN", New: hangs(CureRadio, 0), Lasts: true},
		NamedFault{Name: "hang-until-reboot", About: "nothing is answered but the commands that restart the modem", New: hangs(CureReboot, 0), Lasts: true},
		NamedFault{Name: "hang-until-power", About: "nothing is answered until the power is cut", New: hangs(CurePower, 0), Lasts: true},
		NamedFault{Name: "hang-a-while", About: "nothing is answered for 80 seconds", New: hangs(CurePower, 80*time.Second)},
		NamedFault{Name: "hang-at-ctrl-z", About: "the modem hangs at a submit until the power is cut", New: once(Fault{At: AfterCtrlZ, Do: Hang}), Lasts: true},
		NamedFault{Name: "sim-busy", About: "the SIM is busy for 20 seconds", New: once(Fault{At: OnCommand, With: func(m *Modem) { m.SetSIMBusy(20 * time.Second) }})},
		NamedFault{Name: "sim-pulled", About: "the SIM is pulled out and put back after 30 seconds", New: once(
			Fault{At: AtTime, After: 3 * time.Second, With: func(m *Modem) { m.SetSIM(false) }},
			Fault{At: AtTime, After: 33 * time.Second, With: func(m *Modem) { m.SetSIM(true) }},
		)},
		NamedFault{Name: "pin-after-reboot", About: "the modem restarts and its SIM asks for the PIN 1234", New: once(Fault{At: AtTime, After: 3 * time.Second, Do: Reboot, With: func(m *Modem) { m.SetPIN("1234") }}), Lasts: true},
		NamedFault{Name: "line-flood", About: "a thousand lines of noise come at once", New: once(Fault{At: AtTime, After: 3 * time.Second, With: func(m *Modem) {
			for range 1000 {
				m.Say("+ZUSIMR:2")
			}
		}})},
		NamedFault{Name: "boot-lines", About: "lines of a boot come though nothing restarted", New: once(Fault{At: AtTime, After: 3 * time.Second, With: func(m *Modem) {
			for _, l := range m.profile.BootLines {
				m.mu.Lock()
				l = m.expand(l)
				m.mu.Unlock()
				m.Say(l)
			}
			m.Say("^BOOT:21277243,0,0,0,75")
		}})},
		NamedFault{Name: "under-voltage", About: "the modem warns of its supply, and restarts at the next submit", New: once(
			Fault{At: AtTime, After: 3 * time.Second, With: func(m *Modem) { m.Say("UNDER-VOLTAGE WARNNING") }},
			Fault{At: AfterCtrlZ, Emit: []byte("\r\nUNDER-VOLTAGE POWER DOWN\r\n"), Do: Reboot},
		)},
		NamedFault{Name: "clock-jump", About: "the clock of the modem jumps a year back", New: once(Fault{At: AtTime, After: 3 * time.Second, With: func(m *Modem) { m.SetClock(-365 * 24 * time.Hour) }}), Lasts: true},
		NamedFault{Name: "cnmi-refused", About: "two +CNMI are refused", New: once(Fault{At: OnCommand, Command: "+CNMI=", Times: 2, Final: "+CMS ERROR: 303"})},
		NamedFault{Name: "cnmi-ignored", About: "two +CNMI are answered with OK and ignored", New: once(Fault{At: OnCommand, Command: "+CNMI=", Times: 2, Final: "OK"})},
		NamedFault{Name: "cnmi-lost", About: "the modem forgets its +CNMI three times", New: once(Fault{At: AtTime, After: 7 * time.Second, Times: 3, With: (*Modem).LoseCNMI})},
		NamedFault{Name: "formatted", About: "the modem forgets +CMGF and +CMEE three times", New: once(Fault{At: AtTime, After: 7 * time.Second, Times: 3, With: func(m *Modem) {
			m.mu.Lock()
			m.vol.cmee, m.vol.cmgf = 0, 1
			m.mu.Unlock()
		}})},
	)
}

// hangs begins a hang at the second command.
func hangs(cure Cure, d time.Duration) func(int64) []Fault {
	return once(Fault{At: OnCommand, Skip: 1, Do: Hang, Cure: cure, For: d})
}
