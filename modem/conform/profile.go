package conform

import (
	"slices"
	"time"

	"tetherd/modem/emulator"
)

// Profile is a way in which modems differ.
type Profile struct {
	emulator.Profile
	// Mute says that messages cannot be sent with it.
	Mute bool
	// NoReports says that delivery reports cannot be told apart, because the modem
	// does not say which reference it gave a message.
	NoReports bool
	// Family says that the emulator knows it as that of real modems.
	Family bool
	// Slow leaves it out where time is real.
	Slow bool
	// Direct says that received messages are handed over and not stored. What the
	// line loses is lost.
	Direct bool
}

// Profiles returns the families of modems the emulator knows, and then oddities,
// each on its own.
func Profiles() []Profile {
	var out []Profile
	for _, p := range emulator.Profiles() {
		if !usable(p) {
			continue
		}
		out = append(out, Profile{Profile: p, Family: true, Mute: p.SubmitFinal != "", NoReports: p.OmitReference})
	}
	odd := func(name string, change func(p *Profile)) {
		p := Profile{Profile: emulator.Generic()}
		p.Name = name
		change(&p)
		out = append(out, p)
	}
	odd("one octet at a time", func(p *Profile) { p.ChunkSize = 1 })
	odd("slow", func(p *Profile) { p.CommandDelay = 700 * time.Millisecond })
	odd("very slow", func(p *Profile) { p.CommandDelay, p.Slow = 2500*time.Millisecond, true })
	odd("late to start", func(p *Profile) {
		p.Slow = true
		p.BootDelay, p.SIMDelay, p.RegisterDelay = 5*time.Second, 20*time.Second, 40*time.Second
	})
	odd("deaf at first", func(p *Profile) { p.SwallowLines = 5 })
	odd("SM only", func(p *Profile) { p.Stores = []string{"SM"} })
	odd("own storage for reports", func(p *Profile) {
		p.Stores, p.ReportStore, p.CNMI[3] = []string{"SM", "ME", "SR"}, "SR", []int{0, 2}
	})
	odd("short +CPMS", func(p *Profile) { p.ShortCPMS = true })
	odd("indices from 0", func(p *Profile) { p.FirstZero = true })
	odd("no notification", func(p *Profile) { p.CNMI[0], p.CNMI[1] = []int{0}, []int{0} })
	odd("routes everything", func(p *Profile) { p.CNMI[1], p.Direct = []int{2}, true })
	odd("bfr 1", func(p *Profile) { p.CNMI[4] = []int{1} })
	odd("no +CNMI ds 1", func(p *Profile) {
		p.CNMITest, p.CNMI[3] = "+CNMI: (0-3),(0-3),(0,2,3),(0-2),(0,1)", []int{0, 2}
	})
	odd("no reference", func(p *Profile) { p.OmitReference, p.NoReports = true, true })
	odd("padded reference", func(p *Profile) { p.ReferenceFormat = "%03d" })
	odd("prompt alone", func(p *Profile) { p.Prompt = ">" })
	odd("prompt after CR", func(p *Profile) { p.Prompt = "\r> " })
	odd("two prompts", func(p *Profile) { p.Prompt = "\r\n> \r\n> " })
	odd("early refusal", func(p *Profile) { p.RefuseEarly = true })
	odd("+CPIN? without OK", func(p *Profile) { p.BarePIN = true })
	odd("OK to an escape", func(p *Profile) { p.EscapeOK = true })
	odd("CR alone", func(p *Profile) { p.LineHead, p.LineTail = "\r", "\r" })
	odd("LF alone", func(p *Profile) { p.LineHead, p.LineTail = "\n", "\n" })
	odd("CR CR LF", func(p *Profile) { p.LineTail = "\r\r\n" })
	odd("own word for unknown", func(p *Profile) { p.Unknown = "COMMAND NOT SUPPORT" })
	odd("noisy", func(p *Profile) {
		p.Noise = []emulator.Noise{{Every: 200 * time.Millisecond, Line: "^RSSI:18"}, {Every: 330 * time.Millisecond, Line: "+CREG: 1"}}
	})
	return out
}

// usable reports whether a family has messages in PDU mode at all.
func usable(p emulator.Profile) bool {
	return len(p.Formats) == 0 || slices.Contains(p.Formats, 0)
}
