package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tetherd/modem/device"
)

// foundDevice is something that may be a modem, as "modem list" shows it.
type foundDevice struct {
	Name   string `json:"name"`
	ID     string `json:"id,omitempty"` // vendor and product of a USB device
	Path   string `json:"path"`         // place it is plugged in
	Serial string `json:"serial,omitempty"`
	// Mode is "modem" for what may be used, else what the device presents itself as.
	Mode   device.Mode `json:"mode"`
	Usable bool        `json:"usable"`
	IMEI   string      `json:"imei,omitempty"` // if it was asked
	Ports  []foundPort `json:"ports"`
	Advice []string    `json:"advice,omitempty"` // sentences: what is wrong and what to do
	Config string      `json:"config,omitempty"` // line for the configuration
}

// foundPort is a port of a device.
type foundPort struct {
	Path      string        `json:"path"`
	Interface *int          `json:"interface,omitempty"` // bInterfaceNumber of a USB device
	Driver    string        `json:"driver,omitempty"`
	Role      device.Role   `json:"role"`
	Known     bool          `json:"known"` // Role is no guess
	Links     []string      `json:"links,omitempty"`
	Modem     string        `json:"modem,omitempty"` // name of the modem a gateway uses it for
	Holders   []foundHolder `json:"holders,omitempty"`
	Denied    bool          `json:"denied,omitempty"` // this user may not open it
	Answer    *foundAnswer  `json:"answer,omitempty"` // if it was asked
	Obstacle  string        `json:"obstacle,omitempty"`
}

type foundHolder struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
}

type foundAnswer struct {
	AT   bool   `json:"at"`
	IMEI string `json:"imei,omitempty"`
}

// survey looks at everything that is plugged in, and asks ports with asker
// unless that is nil.
func survey(ctx context.Context, system device.System, asker *device.Finder) ([]foundDevice, error) {
	devices, err := system.Scan()
	if err != nil {
		return nil, fmt.Errorf("look for modems: %w", err)
	}
	devices = slices.DeleteFunc(devices, func(d device.Device) bool { return len(d.Ports) == 0 && !d.IsModem() })
	var paths []string
	for _, d := range devices {
		for _, p := range d.Ports {
			paths = append(paths, "/dev/"+p.TTY)
		}
	}
	holders := system.Holders(paths...)
	out := make([]foundDevice, 0, len(devices))
	for _, d := range devices {
		f := foundDevice{Name: d.Title(), ID: d.ID(), Path: d.Path, Serial: d.Serial, Mode: d.Mode(), Ports: []foundPort{}}
		for _, p := range d.Ports {
			found := surveyPort(system, p, holders["/dev/"+p.TTY])
			if asker != nil && slices.ContainsFunc(d.Candidates(), func(c device.Port) bool { return c.TTY == p.TTY }) {
				if err := found.ask(ctx, asker, d, p); err != nil {
					return nil, err
				}
				if a := found.Answer; a != nil && a.IMEI != "" {
					f.IMEI = a.IMEI
				}
			}
			f.Ports = append(f.Ports, found)
		}
		f.advise(d, holders)
		if f.Usable {
			f.Config = configLine(d, devices, f.answering())
		}
		out = append(out, f)
	}
	return out, nil
}

func surveyPort(system device.System, p device.Port, holders []device.Holder) foundPort {
	f := foundPort{
		Path: "/dev/" + p.TTY, Driver: p.Interface.Driver, Role: p.Role, Known: p.Known, Links: p.Links,
		Denied: system.Denied(p.TTY),
	}
	if p.Interface.Number >= 0 {
		f.Interface = &p.Interface.Number
	}
	owner, locked := system.LockOwner("/dev/" + p.TTY)
	if locked {
		if f.Modem = owner; owner == "" {
			f.Modem = "a modem whose name is not known"
		}
	}
	for _, h := range holders {
		if locked && h.Name == "tetherd" {
			continue // said already
		}
		f.Holders = append(f.Holders, foundHolder{h.PID, h.Name})
	}
	return f
}

// ask asks the port, unless somebody uses it.
func (f *foundPort) ask(ctx context.Context, asker *device.Finder, d device.Device, p device.Port) error {
	if f.Modem != "" || len(f.Holders) > 0 {
		return nil
	}
	a, obstacle, err := asker.Ask(ctx, "modem list", d, p)
	if err != nil {
		return fmt.Errorf("ask %s: %w", f.Path, err)
	}
	if f.Obstacle = obstacle; obstacle == "" {
		f.Answer = &foundAnswer{AT: a.AT, IMEI: a.IMEI}
	}
	return nil
}

// answering returns the path of the port that answered; empty if none did or was
// asked.
func (f *foundDevice) answering() string {
	for _, p := range f.Ports {
		if p.Answer != nil && p.Answer.AT {
			return p.Path
		}
	}
	return ""
}

// advise says what is wrong with the device and what to do.
func (f *foundDevice) advise(d device.Device, holders map[string][]device.Holder) {
	if trouble := d.Trouble(); trouble != "" {
		f.Advice = append(f.Advice, trouble)
		return
	}
	f.Usable = true
	var others []device.Holder
	denied := ""
	for i, p := range d.Ports {
		for _, h := range f.Ports[i].Holders {
			for _, full := range holders["/dev/"+p.TTY] {
				if full.PID == h.PID {
					others = append(others, full)
				}
			}
		}
		if f.Ports[i].Denied {
			denied = f.Ports[i].Path
		}
	}
	if len(others) > 0 {
		f.Advice = append(f.Advice, device.Remedies(others))
	}
	if denied != "" {
		f.Advice = append(f.Advice, fmt.Sprintf("This user may not open it: add it to the group %s, such as with \"sudo usermod -aG %s $USER\", and log in again.", device.Group(denied), device.Group(denied)))
	}
	_, sure, _ := d.Best()
	asked := slices.ContainsFunc(f.Ports, func(p foundPort) bool { return p.Answer != nil })
	switch {
	case f.answering() != "":
	case asked:
		f.Usable = false
		f.Advice = append(f.Advice, "No modem answers on it. A modem that was just plugged in may need a minute.")
	case d.Adapter(), !d.USB:
		f.Advice = append(f.Advice, "Anything may be connected to it; \"tetherd modem list --probe\" asks whether it is a modem.")
	case !sure:
		f.Advice = append(f.Advice, "Which port takes commands is not known; \"tetherd modem list --probe\" asks them.")
	}
}

// configLine returns what names a device in the configuration: a link that stays
// the same if the device has a serial number, else what it is, and where if others
// are equal. answering is the path of the port that answered, if it was asked.
func configLine(d device.Device, all []device.Device, answering string) string {
	port, sure, ok := d.Best()
	if !ok {
		return ""
	}
	if i := slices.IndexFunc(d.Ports, func(p device.Port) bool { return "/dev/"+p.TTY == answering }); i >= 0 && !sure {
		port = d.Ports[i]
	}
	if !d.USB {
		return "port: /dev/" + port.TTY
	}
	if d.Serial != "" {
		for _, l := range port.Links {
			if strings.HasPrefix(l, "/dev/serial/by-id/") {
				return "port: " + l
			}
		}
	}
	u := device.USB{Vendor: d.Vendor, Product: d.Product}
	if !sure && answering != "" {
		u.Interface, u.HasInterface = uint8(port.Interface.Number), true
	}
	if slices.ContainsFunc(all, func(o device.Device) bool { return o.ID() == d.ID() && o.Path != d.Path }) {
		u.At = d.Path
	}
	return "usb: " + u.String()
}
