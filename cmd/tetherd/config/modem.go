package config

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tetherd/modem/device"
)

var (
	modemName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	simPIN    = regexp.MustCompile(`^[0-9]{4,8}$`)
)

// modem returns the modem with index i.
func (b *builder) modem(i int) Modem {
	at := func(name string) string { return fmt.Sprintf("modems[%d].%s", i, name) }
	m := Modem{
		Name:     b.get(at("name")).text,
		Port:     b.port(at("port")),
		IMEI:     b.imei(at("imei")),
		USB:      b.usb(at("usb")),
		Emulator: b.get(at("emulator")).text,
		PIN:      b.pin(at("pin")),
		Number:   b.number(at("number")),
		SMSC:     b.number(at("smsc")),

		PurgeForeign: b.choice(at("purge_foreign"), "true", "false") == "true",
		RefuseCalls:  b.choice(at("calls"), "ignore", "hangup") == "hangup",
		ResetCommand: b.command(at("reset_command")),
	}
	if word := b.choice(at("slow_write"), "auto", "on", "off"); word == "on" || word == "off" {
		on := word == "on"
		m.SlowWrite = &on
	}
	m.Balance = b.balance(at)
	m.Limits = b.caps(fmt.Sprintf("modems[%d].limits", i))
	m.SendStored = b.choice(at("send"), "direct", "store") == "store"
	if m.Name == "" {
		m.Name = fmt.Sprintf("modem%d", i+1)
	} else if !modemName.MatchString(m.Name) {
		b.bad(at("name"), b.get(at("name")), "cannot be a name: use up to 64 letters, digits, dots, dashes and underscores")
	}
	if b.get(at("baud")).text != "" {
		m.Baud, _ = strconv.Atoi(b.choice(at("baud"), BaudRates...)) // 0 if it is none of them
	}
	if b.get(at("sms_domain")).text != "" {
		m.Domain = b.choice(at("sms_domain"), SMSDomains...)
	}
	if m.Emulator != "" {
		m.Emulator = b.choice(at("emulator"), Emulators...)
		if m.Number == "" {
			b.problem(b.place(i), at("number"), "is needed with emulator: give the emulated modem a number of its own")
		}
	}
	return m
}

// place returns where modem i is written.
func (b *builder) place(i int) Source {
	path := fmt.Sprintf("modems[%d]", i)
	if src, ok := b.sections[path]; ok {
		return src
	}
	for _, k := range keys {
		if name, ok := strings.CutPrefix(k.path, modemPrefix); ok {
			if v, ok := b.values[path+"."+name]; ok {
				return v.source
			}
		}
	}
	return Source{File: b.in.Name}
}

// port returns the path of a serial device.
func (b *builder) port(path string) string {
	v, ok := b.values[path]
	if !ok {
		return ""
	}
	if !filepath.IsAbs(v.text) {
		b.bad(path, v, `is not the path of a device: write it in full, such as /dev/ttyUSB0; "ls -l /dev/serial/by-id" shows those that keep their name`)
		return ""
	}
	return filepath.Clean(v.text)
}

// imei returns the IMEI of a modem.
func (b *builder) imei(path string) string {
	v, ok := b.values[path]
	if !ok {
		return ""
	}
	imei, err := device.ParseIMEI(v.text)
	if err != nil {
		b.bad(path, v, "%v", err)
	}
	return imei
}

// usb returns which USB device a modem is.
func (b *builder) usb(path string) device.USB {
	v, ok := b.values[path]
	if !ok {
		return device.USB{}
	}
	u, err := device.ParseUSB(v.text)
	if err != nil {
		b.bad(path, v, "%v", err)
	}
	return u
}

// pin returns the PIN of a SIM.
func (b *builder) pin(path string) string {
	pin := b.secret(path)
	if pin == "" || simPIN.MatchString(pin) {
		return pin
	}
	at := path
	if _, ok := b.values[path]; !ok {
		at = path + "_file"
	}
	b.problem(b.values[at].source, at, "a PIN has 4 to 8 digits: write all of them, in quotes")
	return ""
}

// checkModems looks at the modems together.
func (b *builder) checkModems(c *Config) {
	if len(c.Modems) == 0 {
		b.problem(b.section("modems"), "modems", "there is none: add one with the port it is connected to, such as\n  modems:\n    - port: /dev/ttyUSB0\n(or run \"tetherd serve --demo\" to try tetherd without one)")
		return
	}
	names, ports, numbers := make(map[string]int), make(map[string]int), make(map[string]int)
	imeis, sticks := make(map[string]int), make(map[string]int)
	for i, m := range c.Modems {
		unique := func(seen map[string]int, name, text string) {
			if text == "" {
				return
			}
			if first, ok := seen[text]; ok {
				path := fmt.Sprintf("modems[%d].%s", i, name)
				src := b.place(i)
				if v, ok := b.values[path]; ok {
					src = v.source
				}
				b.problem(src, path, "%q is that of modems[%d], too: each modem needs its own", text, first)
				return
			}
			seen[text] = i
		}
		unique(names, "name", strings.ToLower(m.Name))
		unique(ports, "port", m.Port)
		unique(imeis, "imei", m.IMEI)
		if !m.USB.Empty() && m.IMEI == "" && m.Port == "" { // nothing else tells it from another
			unique(sticks, "usb", m.USB.String())
		}
		if m.Emulator != "" {
			unique(numbers, "number", strings.TrimPrefix(m.Number, "+"))
		}
		if b.missingWay(i) {
			b.problem(b.place(i), fmt.Sprintf("modems[%d].port", i), `is missing: say which modem it is, by port, imei or usb; "tetherd modem list" shows what is plugged in`)
		}
	}
}

// mentioned reports whether anything is said about modem i.
func (b *builder) mentioned(i int) bool {
	src := b.place(i)
	return src.Line > 0 || src.Variable != ""
}

// missingWay reports whether modem i was written, but nothing says where it is.
func (b *builder) missingWay(i int) bool {
	return b.mentioned(i) && !slices.ContainsFunc([]string{"port", "imei", "usb", "emulator"}, func(name string) bool {
		_, ok := b.values[fmt.Sprintf("modems[%d].%s", i, name)]
		return ok
	})
}
