package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"tetherd/cmd/tetherd/config"
	"tetherd/modem/emulator"
)

// emulated is the modems that only exist in this process: one network, and a
// pseudo-terminal for each, which is opened like the port of a real one.
type emulated struct {
	network *emulator.Network
	ports   map[string]*emulator.Port // by name of the modem
}

// plugEmulated plugs in the modems that the configuration wants emulated, with
// links to their ports in dir. It returns nil if there are none.
func plugEmulated(modems []config.Modem, dir string) (*emulated, error) {
	var e *emulated
	for _, mc := range modems {
		if mc.Emulator == "" {
			continue
		}
		if e == nil {
			e = &emulated{network: newNetwork(rand.Int64()), ports: make(map[string]*emulator.Port)}
		}
		profile, err := emulatorProfile(mc.Emulator)
		if err != nil {
			return nil, errors.Join(err, e.close())
		}
		m := emulator.NewModem(e.network, emulator.ModemOptions{
			USSD: map[string]string{"*100#": "Your balance is 12.34 EUR."},
			Name: mc.Name, Number: mc.Number, PIN: mc.PIN, Profile: profile,
		})
		port, err := emulator.OpenPort(m, filepath.Join(dir, mc.Name))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("plug in %s: %w", mc.Name, err), e.close())
		}
		e.ports[mc.Name] = port
	}
	return e, nil
}

// newNetwork returns a network that takes about as long as a good real one, so
// that what happens can be watched.
func newNetwork(seed int64) *emulator.Network {
	between := func(least, most time.Duration) func() time.Duration {
		return func() time.Duration { return least + rand.N(most-least) }
	}
	return emulator.NewNetwork(emulator.NetworkOptions{
		Seed:         seed,
		SubmitDelay:  between(200*time.Millisecond, 600*time.Millisecond),
		DeliverDelay: between(100*time.Millisecond, 300*time.Millisecond),
		ReportDelay:  between(200*time.Millisecond, 500*time.Millisecond),
	})
}

// emulatorProfile returns the profile of a name in [config.Emulators].
func emulatorProfile(name string) (emulator.Profile, error) {
	switch name {
	case "huawei":
		name = "huawei-stick"
	case "ec25":
		name = "quectel-ec25"
	}
	if p, ok := emulator.ProfileNamed(name); ok {
		return p, nil
	}
	return emulator.Profile{}, fmt.Errorf("there is no emulator of a %s", name)
}

// port returns the path of an emulated modem's port.
func (e *emulated) port(name string) string { return e.ports[name].Path() }

// close pulls all modems out. It may be called on nil.
func (e *emulated) close() error {
	if e == nil {
		return nil
	}
	var errs []error
	for name, p := range e.ports {
		if err := p.Close(); err != nil {
			errs = append(errs, fmt.Errorf("unplug %s: %w", name, err))
		}
	}
	e.network.Close()
	return errors.Join(errs...)
}
