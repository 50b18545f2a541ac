package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"tetherd/cmd/tetherd/config"
	"tetherd/modem/device"
	"tetherd/modem/device/devicetest"
	"tetherd/modem/emulator"
)

func TestModemList(t *testing.T) {
	tests := []struct {
		name  string
		probe bool
		build func(t *testing.T, m *devicetest.Machine)
	}{
		{"nothing", false, func(_ *testing.T, m *devicetest.Machine) { m.Plug(devicetest.Keyboard("1-1.1")) }},
		{"sticks", false, func(_ *testing.T, m *devicetest.Machine) {
			m.Plug(devicetest.HuaweiE3131("1-1.2", 0))
			m.Plug(devicetest.QuectelEC25("1-1.3", 3))
			m.Plug(devicetest.SIM7600("1-1.4", 7))
			m.Plug(devicetest.CP2102("1-1.1", 12))
			m.Plug(devicetest.Phone("1-1.5"))
			m.PlugUART("ttyAMA0", "fe201000.serial")
		}},
		{"equal sticks in use", false, func(_ *testing.T, m *devicetest.Machine) {
			m.Plug(devicetest.HuaweiE3131("1-1.2", 0))
			m.Plug(devicetest.HuaweiE3131("1-1.3", 3))
			m.Hold(712, "ModemManager", "ttyUSB2")
			m.Hold(900, "tetherd", "ttyUSB5")
			m.Lock(900, "office", "ttyUSB5")
		}},
		{"no use", false, func(_ *testing.T, m *devicetest.Machine) {
			m.Plug(devicetest.HuaweiStorage("1-1.2"))
			m.Plug(devicetest.HuaweiHiLink("1-1.3"))
			m.Plug(devicetest.Stick{Path: "1-1.4", Vendor: "05c6", Product: "9008", Manufacturer: "Qualcomm CDMA Technologies MSM", Name: "QHSUSB__BULK"})
			m.Plug(devicetest.Stick{Path: "1-1.5", Vendor: "2c7c", Product: "0125", Name: "EC25-E", Interfaces: []devicetest.Interface{{Class: "ff/ff/ff"}}})
		}},
		{"asked", true, func(t *testing.T, m *devicetest.Machine) {
			network := emulator.NewNetwork(emulator.NetworkOptions{})
			port, err := emulator.OpenPort(emulator.NewModem(network, emulator.ModemOptions{IMEI: "490154203237518"}), filepath.Join(t.TempDir(), "modem"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = port.Close(); network.Close() })
			stick := devicetest.CP2102("1-1.2", 0)
			stick.Interfaces[0].Target = port.Path()
			m.Plug(stick)
			silent, far, err := pty.Open()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = silent.Close(); _ = far.Close() })
			stick = devicetest.CP2102("1-1.3", 1)
			stick.Interfaces[0].Target = far.Name()
			m.Plug(stick)
			m.Plug(devicetest.HuaweiE3131("1-1.4", 2)) // plain files, which are no ports
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := devicetest.New(t)
			tt.build(t, m)
			var text, object bytes.Buffer
			for out, asJSON := range map[*bytes.Buffer]bool{&text: false, &object: true} {
				c := &cli{stdout: out}
				if err := c.listModems(t.Context(), device.At(m.Root), tt.probe, asJSON); err != nil {
					t.Fatal(err)
				}
			}
			got := strings.ReplaceAll(text.String(), m.Root, "")
			checkGolden(t, filepath.Join("modem_list", strings.ReplaceAll(tt.name, " ", "_")+".txt"), got)
			checkLines(t, object.Bytes(), got)
		})
	}
}

// checkLines holds JSON against text, and has the configuration take the lines
// that are meant for it.
func checkLines(t *testing.T, object []byte, text string) {
	t.Helper()
	var list []foundDevice
	if err := json.Unmarshal(object, &list); err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if !strings.Contains(text, d.Name) {
			t.Errorf("%s is missing in the text", d.Name)
		}
		if d.Usable != (d.Config != "") {
			t.Errorf("%s: usable is %v, the line for the configuration %q", d.Name, d.Usable, d.Config)
		}
		if d.Config == "" {
			continue
		}
		doc := "auth: {password: secret}\nmodems:\n  - " + d.Config + "\n"
		if _, err := config.Parse(config.Input{Name: "t.yaml", Data: []byte(doc)}); err != nil {
			t.Errorf("%s: %v", d.Config, err)
		}
	}
}
