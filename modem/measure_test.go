package modem

import (
	"testing"

	"tetherd/gateway"
)

// A modem is told to restart only if it is known how, and that it comes back as a
// modem.
func TestWhichModemsRestart(t *testing.T) {
	for _, tt := range []struct {
		name                string
		manufacturer, model string
		usb                 string
		switches, want      bool
	}{
		{"nothing is known", "", "", "", true, false},
		{"module", "Quectel", "EC25", "1-1", false, true},
		{"stick", "huawei", "E173", "1-1", false, false},
		{"stick, with usb_modeswitch", "huawei", "E173", "1-1", true, true},
		{"not on USB", "huawei", "E173", "", false, true},
		{"unknown maker on USB", "ACME", "1", "1-1", false, false},
		{"unknown maker on a UART", "ACME", "1", "", false, true},
		{"phone", "Nokia", "6310", "", true, false},
	} {
		m := &Modem{switches: func() bool { return tt.switches }}
		r := record{Manufacturer: tt.manufacturer, Model: tt.model, USB: tt.usb}
		if got := m.has(r, gateway.StepReboot); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Every row of reboots belongs to a profile.
func TestRebootRows(t *testing.T) {
	names := make(map[string]bool)
	for _, p := range profiles {
		names[p.name] = true
	}
	for name := range reboots {
		if !names[name] {
			t.Errorf("there is no profile %s", name)
		}
	}
}
