package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"tetherd/modem"
	"tetherd/modem/device"
	"tetherd/modem/line"
)

// probeReport is what "modem probe" prints.
type probeReport struct {
	Program string       `json:"program"`           // version
	Target  string       `json:"target"`            // as it was asked for
	Gateway string       `json:"gateway,omitempty"` // name of the modem in the gateway that runs it; empty if the modem itself was asked
	Device  *foundDevice `json:"device,omitempty"`  // nil if the port belongs to no device, such as a pseudo terminal
	modem.Report
	Config []string `json:"config,omitempty"` // lines of one entry below "modems:"

	port   string     // path, maybe of a link
	found  *foundPort // the port among those of Device
	equals bool       // another device of the same make is plugged in
}

// best returns the port of a device to use; nil if there is none.
func (d *foundDevice) best() *foundPort {
	for _, role := range []device.Role{device.RoleAT, device.RoleUnknown, device.RoleModem} {
		for i := range d.Ports {
			if d.Ports[i].Role == role {
				return &d.Ports[i]
			}
		}
	}
	return nil
}

// candidates counts the ports that may take commands.
func (d *foundDevice) candidates() (n int) {
	for _, p := range d.Ports {
		if p.Role == device.RoleAT || p.Role == device.RoleModem || p.Role == device.RoleUnknown {
			n++
		}
	}
	return n
}

// locate finds the device that the port belongs to.
func (r *probeReport) locate(ctx context.Context, system device.System) error {
	list, err := survey(ctx, system, nil)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil || r.port == "" {
		return nil // the report is of use without it
	}
	for i := range list {
		for j := range list[i].Ports {
			if samePort(system.Path(filepath.Base(list[i].Ports[j].Path)), r.port) {
				r.Device, r.found = &list[i], &list[i].Ports[j]
			}
		}
	}
	if r.Device != nil && r.Device.ID != "" {
		r.equals = slices.ContainsFunc(list, func(d foundDevice) bool { return d.ID == r.Device.ID && d.Path != r.Device.Path })
	}
	return nil
}

// configLines returns the entry for the configuration; none if the modem cannot be
// used. With numbers it may hold the serial number of the device.
func (r *probeReport) configLines(numbers bool) []string {
	if r.Gateway != "" || r.Verdict == modem.VerdictUnusable {
		return nil
	}
	lines := []string{r.selector(numbers)}
	if numbers && r.IMEI != "" && r.found != nil && r.Device.ID != "" {
		lines = append(lines, fmt.Sprintf("# or, to have it found wherever it is plugged in, imei: %q", r.IMEI))
	}
	if r.Baud != 0 && r.Baud != 115200 {
		lines = append(lines, fmt.Sprintf("baud: %d # need not be searched for then", r.Baud))
	}
	if r.SIM.State == "SIM PIN" {
		lines = append(lines, `# and pin, with the PIN of the SIM in quotes`)
	}
	if r.SIM.Ready && r.SIM.SMSC == "" && r.Setup != nil {
		lines = append(lines, `# and smsc, with the number your operator names in quotes`)
	}
	return lines
}

// selector returns the line that says which modem it is.
func (r *probeReport) selector(numbers bool) string {
	switch {
	case r.found == nil:
		return "port: " + r.port
	case r.Device.ID == "":
		return "port: " + r.found.Path
	}
	if numbers && r.Device.Serial != "" {
		for _, l := range r.found.Links {
			if strings.HasPrefix(l, "/dev/serial/by-id/") {
				return "port: " + l
			}
		}
	}
	usb := "usb: " + r.Device.ID
	if r.found.Interface != nil && r.Device.candidates() > 1 {
		usb += fmt.Sprintf(":%02x", *r.found.Interface)
	}
	if r.equals {
		usb += "@" + r.Device.Path
	}
	return usb
}

// mask removes numbers and identities, also from names of ports and devices.
func (r *probeReport) mask() {
	r.Report = r.Masked()
	serial := ""
	if r.Device != nil {
		serial = r.Device.Serial
	}
	hide := func(text *string) {
		if serial != "" {
			*text = strings.ReplaceAll(*text, serial, "…")
		}
		*text = line.MaskNumbers(*text)
	}
	for _, text := range []*string{&r.Target, &r.Port, &r.port, &r.Reason} {
		hide(text)
	}
	for i := range r.Config {
		if !strings.HasPrefix(r.Config[i], "usb: ") {
			hide(&r.Config[i])
		}
	}
	d := r.Device
	if d == nil {
		return
	}
	if d.Serial != "" {
		d.Serial = "…"
	}
	d.IMEI, d.Config = "", ""
	for i := range d.Ports {
		for j := range d.Ports[i].Links {
			hide(&d.Ports[i].Links[j])
		}
	}
}
