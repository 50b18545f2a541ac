package emulator

import (
	"fmt"
	"strings"
	"time"
)

// Reset is a power cycle: settings, the unlocked PIN, registration and the counter of
// message references are lost; the SIM and the storages keep their content. A running
// Serve goes on with the boot lines.
func (m *Modem) Reset() {
	m.mu.Lock()
	m.cutPower()
	m.startUp()
	m.release()
}

// powerOff takes the power away until powerOn.
func (m *Modem) powerOff() {
	m.mu.Lock()
	m.cutPower()
	m.release()
}

// powerOn gives the power back.
func (m *Modem) powerOn() {
	m.mu.Lock()
	m.startUp()
	m.release()
}

// cutPower forgets everything volatile.
func (m *Modem) cutPower() {
	m.endAck(false)
	if m.vol.call != nil {
		m.vol.call.finish(CallMissed)
	}
	m.power, m.hung = false, false
	m.epoch++
	m.urcs = nil
	m.vol = volatile{}
	close(m.lost)
	m.lost = make(chan struct{})
}

// startUp begins the boot.
func (m *Modem) startUp() {
	p := m.profile
	m.power, m.boot = true, true
	m.vol = volatile{
		echo: true, verbose: true, cfun: 1, cgsms: 1, cscs: "GSM", cmgf: p.Formats[0],
		regMode: map[string]int{}, swallow: p.SwallowLines,
		calmed: map[string]bool{}, lastAt: time.Now(),
	}
	if p.RadioOff {
		m.vol.cfun = 0
	}
	m.vol.cnmi[0] = p.CNMI[0][0]
	m.vol.cnmi[4] = p.CNMI[4][0]
	for i := range m.vol.mems {
		m.vol.mems[i] = p.Stores[0]
	}
	m.later(p.BootDelay, func() {
		m.vol.booted = true
		m.rouse()
		m.unlock()
	})
}

// later runs f after d with the modem locked, unless the power is cycled before; at once if
// d is not positive.
func (m *Modem) later(d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	epoch := m.epoch
	time.AfterFunc(d, func() {
		m.mu.Lock()
		defer m.release()
		if m.epoch == epoch {
			f()
		}
	})
}

// unlock lets the SIM become ready if no PIN is owed.
func (m *Modem) unlock() {
	if !m.sim.present || m.sim.pin != "" && !m.vol.unlocked {
		return
	}
	m.vol.unlocked = true
	m.later(m.profile.SIMDelay, func() {
		if !m.vol.unlocked {
			return // pulled meanwhile
		}
		m.vol.simReady = true
		if !m.boot { // else they follow the boot lines
			m.readyLines()
		}
		m.register()
	})
}

func (m *Modem) readyLines() {
	for _, l := range m.profile.ReadyLines {
		m.urc(m.expand(l))
	}
}

// register looks for a network, if the radio is on.
func (m *Modem) register() {
	if m.vol.cfun != 1 || !m.vol.simReady {
		return
	}
	m.later(m.profile.RegisterDelay, func() {
		if m.vol.cfun == 1 && m.vol.simReady && !m.vol.registered {
			m.vol.registered = true
			m.registrationChanged()
		}
	})
}

// bootLines queues what the modem says at power-up, once.
func (m *Modem) bootLines() {
	if !m.boot || !m.vol.booted {
		return
	}
	m.boot = false
	for _, l := range m.profile.BootLines {
		m.urc(m.expand(l))
	}
	if m.vol.simReady {
		m.readyLines()
	}
}

// stat is the registration as +CREG? has it (3GPP 27.007 §7.2).
func (m *Modem) stat() int {
	switch {
	case m.vol.cfun != 1 || !m.vol.simReady:
		return 0
	case !m.vol.registered:
		return 2
	}
	return m.coverage
}

// canSMS tells whether the registration carries short messages.
func (m *Modem) canSMS() bool {
	switch m.stat() {
	case 1, 5, 6, 7, 9, 10:
		return true
	}
	return false
}

// reachable tells whether the network can hand the modem a message.
func (m *Modem) reachable() bool { return m.power && !m.hung && m.canSMS() }

// SetRegistration sets the <stat> of +CREG the modem has once its SIM is ready: 1 home, 2
// searching, 3 denied, 5 roaming, 6 and 7 SMS only (3GPP 27.007 §7.2).
func (m *Modem) SetRegistration(stat int) {
	m.mu.Lock()
	defer m.release()
	if m.coverage != stat {
		m.coverage = stat
		m.registrationChanged()
	}
}

// SetSIM inserts or pulls the SIM.
func (m *Modem) SetSIM(present bool) {
	m.mu.Lock()
	defer m.release()
	if m.sim.present == present {
		return
	}
	m.sim.present = present
	m.vol.unlocked, m.vol.simReady, m.vol.registered = false, false, false
	if present && m.vol.booted {
		m.unlock()
	}
	m.registrationChanged()
}

// registrationChanged tells the host, if it asked to be told, and the network.
func (m *Modem) registrationChanged() {
	m.wakeup = true
	for _, name := range []string{"+CREG", "+CGREG", "+CEREG"} {
		if n := m.vol.regMode[name]; n > 0 {
			m.urc(m.registration(m.profile.RegistrationURC, name, n))
		}
	}
}

// registration is the state as a +CREG line of the given form shows it.
func (m *Modem) registration(form, name string, n int) string {
	cell := ""
	if n >= 2 && m.canSMS() {
		cell = m.profile.Cell
	}
	stat := m.stat()
	if other, ok := m.domains[name]; ok {
		stat, cell = other, ""
	}
	return strings.NewReplacer("{name}", name, "{n}", fmt.Sprint(n),
		"{stat}", fmt.Sprint(stat), "{cell}", cell).Replace(form)
}

// SetDomain gives one of +CREG, +CGREG and +CEREG a <stat> of its own, as of a SIM that
// only has packet services. Messages still pass. A negative stat takes that back.
func (m *Modem) SetDomain(name string, stat int) {
	m.mu.Lock()
	defer m.release()
	if m.domains[name] = stat; stat < 0 {
		delete(m.domains, name)
	}
	m.registrationChanged()
}

// ensurePower switches the modem on if it is off.
func (m *Modem) ensurePower() {
	m.mu.Lock()
	off := !m.power
	m.mu.Unlock()
	if off {
		m.powerOn()
	}
}

// takeBack returns, once, when the fault that closed the port wants it back.
func (m *Modem) takeBack() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.back
	m.back = 0
	return d
}
