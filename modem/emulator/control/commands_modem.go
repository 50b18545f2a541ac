package control

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"

	"tetherd/modem/emulator"
)

// with finds the modem a command is about.
func (b *Bench) with(a args, do func(*unit) error) (any, error) {
	u, err := b.unit(a["modem"])
	if err != nil {
		return nil, asMistake(err)
	}
	if err := do(u); err != nil {
		return nil, err
	}
	return done, nil
}

func runFault(_ context.Context, b *Bench, a args) (any, error) {
	seed, err := a.number("seed", 1, 0, 1<<31-1)
	if err != nil {
		return nil, err
	}
	return b.with(a, func(u *unit) error {
		if _, known := emulator.FaultNamed(a["name"]); known {
			return u.PlanFault(a["name"], int64(seed))
		}
		for _, f := range emulator.NetworkFaults() {
			if f.Name == a["name"] {
				f.Begin(b.network, u.Modem)
				return nil
			}
		}
		return mistake("name: there is no fault %q: \"faults\" lists them", a["name"])
	})
}

func runClear(_ context.Context, b *Bench, a args) (any, error) {
	return b.with(a, func(u *unit) error { u.ClearFaults(); return nil })
}

func runReset(_ context.Context, b *Bench, a args) (any, error) {
	return b.with(a, func(u *unit) error { u.Reset(); return nil })
}

func runUnplug(_ context.Context, b *Bench, a args) (any, error) {
	return b.with(a, func(u *unit) error { u.port.Unplug(); return nil })
}

func runPlug(_ context.Context, b *Bench, a args) (any, error) {
	return b.with(a, func(u *unit) error { return u.port.Plug() })
}

func runRename(_ context.Context, b *Bench, a args) (any, error) {
	if a["link"] != filepath.Base(a["link"]) || strings.HasPrefix(a["link"], ".") {
		return nil, mistake("link: %q is no name of a file: it stays in the folder of the ports", a["link"])
	}
	return b.with(a, func(u *unit) error {
		u.port.Rename(filepath.Join(filepath.Dir(u.port.Path()), a["link"]))
		return nil
	})
}

func runSignal(_ context.Context, b *Bench, a args) (any, error) {
	n, err := a.number("rssi", 0, 0, 199)
	if err != nil {
		return nil, err
	}
	return b.with(a, func(u *unit) error { u.SetSignal(n); return nil })
}

func runRegister(_ context.Context, b *Bench, a args) (any, error) {
	n, err := a.number("stat", 0, 0, 11)
	if err != nil {
		return nil, err
	}
	return b.with(a, func(u *unit) error { u.SetRegistration(n); return nil })
}

func runSIM(_ context.Context, b *Bench, a args) (any, error) {
	state, err := a.choice("state", "in", "out")
	if err != nil {
		return nil, err
	}
	return b.with(a, func(u *unit) error { u.SetSIM(state == "in"); return nil })
}

func runMute(_ context.Context, b *Bench, a args) (any, error) {
	state, err := a.choice("state", "on", "off")
	if err != nil {
		return nil, err
	}
	return b.with(a, func(u *unit) error { u.SetMute(state == "on"); return nil })
}

func runSay(_ context.Context, b *Bench, a args) (any, error) {
	return b.with(a, func(u *unit) error { u.Say(a["line"]); return nil })
}

func runUSSD(_ context.Context, b *Bench, a args) (any, error) {
	return b.with(a, func(u *unit) error {
		u.SetUSSD(a["code"], emulator.Dialogue{Text: a["text"]})
		return nil
	})
}

func runPush(_ context.Context, b *Bench, a args) (any, error) {
	return b.with(a, func(u *unit) error { u.PushUSSD(emulator.Dialogue{Text: a["text"]}); return nil })
}

// asMistake takes errors of the emulator for the user's: a number nobody has, a text that
// cannot be encoded.
func asMistake(err error) error {
	if err == nil {
		return nil
	}
	return Mistake{err.Error()}
}

// octets reads hexadecimal octets with commas between them.
func octets(text string) ([]byte, error) {
	return hex.DecodeString(strings.ReplaceAll(text, ",", ""))
}

func itoa(n int) string { return strconv.Itoa(n) }
