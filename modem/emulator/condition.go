package emulator

import (
	"slices"
	"time"
)

// SetIdentity gives the modem another IMEI and another SIM, as if something else had been
// plugged in. An empty value stays. The storages stay, too.
func (m *Modem) SetIdentity(imei, iccid, imsi string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range []struct {
		field *string
		value string
	}{{&m.opt.IMEI, imei}, {&m.opt.ICCID, iccid}, {&m.opt.IMSI, imsi}} {
		if v.value != "" {
			*v.field = v.value
		}
	}
}

// SetEcho switches the echo as ATE does.
func (m *Modem) SetEcho(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.vol.echo = on
}

// SetClock moves the clock of the modem, which +CCLK shows, and with it nothing else.
func (m *Modem) SetClock(offset time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clock = offset
}

// SetSIMBusy makes the SIM busy for a time (CME 14, CMS 314): the registration is lost
// until it is over. It does nothing while the SIM is locked or away.
func (m *Modem) SetSIMBusy(d time.Duration) {
	m.mu.Lock()
	defer m.release()
	if !m.vol.simReady {
		return
	}
	m.vol.simReady, m.vol.registered = false, false
	m.registrationChanged()
	m.later(d, func() {
		if m.vol.unlocked {
			m.vol.simReady = true
			m.register()
		}
	})
}

// SetPIN gives the SIM a PIN, or takes it away if it is empty. It is asked for after the
// next power-up.
func (m *Modem) SetPIN(pin string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sim.pin, m.sim.pinTries = pin, m.opt.PINTries
}

// SelectStores sets the three storages of +CPMS as the modem's own firmware might. An empty
// name stays.
func (m *Modem) SelectStores(mems [3]string) {
	m.mu.Lock()
	defer m.release()
	for i, mem := range mems {
		if m.view(mem) != nil {
			m.vol.mems[i] = mem
		}
	}
	m.wakeup = true
}

// LoseCNMI sets all values of +CNMI to the first the profile has, without a word.
func (m *Modem) LoseCNMI() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.vol.cnmi = [5]int{0: m.profile.CNMI[0][0], 4: m.profile.CNMI[4][0]}
}

// Fill stores messages of a foreign program, sent ones, until only spare places of a
// storage are left. It returns how many it stored.
func (m *Modem) Fill(mem string, spare int) int {
	tpdu := []byte{mtiSubmit, 0, 5, toaUnknown, 0x21, 0x43, 0xf5, 0, 0, 1, 'x'}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for used, total := m.usage(mem); used < total-spare; used++ {
		if m.keep(mem, StoredRecord{Stat: statSent, TPDU: slices.Clone(tpdu)}, nil) == nil {
			break
		}
		n++
	}
	return n
}

// Say sends an unsolicited line, as a profile's noise does.
func (m *Modem) Say(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.urc(line)
}

// Condition is what one sees of a modem from outside.
type Condition struct {
	Name, Number, Profile string
	Powered               bool
	Registration          int // <stat> of +CREG
	Signal                int // <rssi> of +CSQ
	Stored                int // messages in all storages
}

// Condition returns how the modem is.
func (m *Modem) Condition() Condition {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := Condition{
		Name: m.opt.Name, Number: m.opt.Number, Profile: m.profile.Name, Powered: m.power,
		Registration: m.stat(), Signal: m.signal,
	}
	for _, s := range m.stores {
		c.Stored += len(s.slots)
	}
	return c
}
