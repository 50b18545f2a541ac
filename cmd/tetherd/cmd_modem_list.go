package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tetherd/modem"
	"tetherd/modem/device"
)

func (c *cli) modemListCommand() *cobra.Command {
	var probe, asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what is plugged in, and what to write into the configuration",
		Long: `List the modems and serial ports of this machine, with or without a running
gateway: which port takes AT commands, who uses it, why it cannot be used, and
the lines to write into the configuration.

Programs of other users are seen by root only: run it with sudo to have them
named.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.listModems(cmd.Context(), device.Host(), probe, asJSON)
		},
	}
	cmd.Flags().BoolVar(&probe, "probe", false, "ask the ports nobody uses for their IMEI, with AT and AT+CGSN")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (c *cli) listModems(ctx context.Context, system device.System, probe, asJSON bool) error {
	var asker *device.Finder
	if probe {
		asker = modem.NewFinder(system)
	}
	list, err := survey(ctx, system, asker)
	if err != nil {
		return err
	}
	if asJSON {
		return c.printJSON(list)
	}
	return printDevices(c.stdout, list)
}

// printDevices writes devices for people.
func printDevices(w io.Writer, list []foundDevice) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "Nothing is plugged in that could be a modem.")
		return err
	}
	for i, d := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := d.print(w); err != nil {
			return err
		}
	}
	return nil
}

// print writes a device with its ports for people.
func (d *foundDevice) print(w io.Writer) error {
	var about []string
	if d.ID != "" {
		about = append(about, d.ID, "USB "+d.Path)
	}
	if d.Serial != "" {
		about = append(about, "serial "+d.Serial)
	}
	heading := printable(d.Name)
	if len(about) > 0 {
		heading += " (" + printable(strings.Join(about, ", ")) + ")"
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, heading)
	for _, p := range d.Ports {
		place := ""
		if p.Interface != nil {
			place = fmt.Sprintf("interface %02x", *p.Interface)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", p.Path, place, printable(strings.Join(p.remarks(), "; ")))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, text := range d.Advice {
		fmt.Fprintln(w, "  "+printable(text))
	}
	if d.Config != "" {
		fmt.Fprintln(w, "  For the configuration, below \"modems:\"")
		fmt.Fprintln(w, "    - "+printable(d.Config))
		if d.IMEI != "" {
			fmt.Fprintln(w, "  or, to have it found wherever it is plugged in,")
			fmt.Fprintf(w, "    - imei: %q\n", d.IMEI)
		}
	}
	return nil
}

// purposes are what the roles of ports are called.
var purposes = map[device.Role]string{
	device.RoleAT: "AT commands", device.RoleModem: "AT commands, for data calls", device.RoleDiag: "diagnostics",
	device.RoleGPS: "satellite navigation", device.RoleAudio: "audio", device.RoleUnknown: "purpose not known",
}

// remarks are what is to be said about a port, in short.
func (p *foundPort) remarks() []string {
	purpose := purposes[p.Role]
	if !p.Known && p.Role != device.RoleUnknown {
		purpose = "probably " + purpose
	}
	out := []string{purpose}
	switch {
	case p.Answer == nil:
	case p.Answer.AT && p.Answer.IMEI != "":
		out = append(out, "answers, IMEI "+p.Answer.IMEI)
	case p.Answer.AT:
		out = append(out, "answers")
	default:
		out = append(out, "does not answer")
	}
	if p.Modem != "" {
		out = append(out, "in use by tetherd as "+p.Modem)
	}
	for _, h := range p.Holders {
		out = append(out, fmt.Sprintf("in use by %s (process %d)", h.Name, h.PID))
	}
	if p.Denied {
		out = append(out, "no permission")
	}
	if p.Obstacle != "" {
		out = append(out, "not asked: "+p.Obstacle)
	}
	return out
}
