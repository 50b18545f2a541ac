package emulator

import (
	"strings"
	"time"
)

// startNoise starts the periodic lines of the profile and returns what stops them.
func (m *Modem) startNoise() func() {
	var timers []*time.Timer
	stopped := false
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.profile.Noise {
		var t *time.Timer
		said, epoch := 0, 0
		t = time.AfterFunc(n.Every, func() {
			m.mu.Lock()
			defer m.release()
			if stopped {
				return
			}
			t.Reset(n.Every)
			if m.silent() || m.vol.calmed[n.Until] {
				return
			}
			if epoch != m.epoch {
				said, epoch = 0, m.epoch
			}
			if said++; n.Crash > 0 && said > n.Crash {
				m.cutPower()
				m.startUp()
				return
			}
			m.urc(n.Line)
		})
		timers = append(timers, t)
	}
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		stopped = true
		for _, t := range timers {
			t.Stop()
		}
	}
}

// calm ends the noise that lasts until a command.
func (m *Modem) calm(command string) {
	for _, n := range m.profile.Noise {
		if n.Until != "" && strings.HasPrefix(command, n.Until) {
			m.vol.calmed[n.Until] = true
		}
	}
}
