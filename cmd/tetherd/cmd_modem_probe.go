package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"tetherd/modem"
	"tetherd/modem/device"
)

// probeOptions are the flags of modem probe.
type probeOptions struct {
	client  clientOptions
	pin     bool
	numbers bool          // show them
	wait    time.Duration // for the network
}

func (c *cli) modemProbeCommand() *cobra.Command {
	var o probeOptions
	cmd := &cobra.Command{
		Use:   "probe [PORT|NAME]",
		Short: "Find out all about a modem, and whether it can be used",
		Long: `Find out all about a modem, and whether it can be used: on a PORT such as
/dev/ttyUSB2, or by its NAME in the configuration. The modem is set up as the gateway
would do it. Nothing is sent, taken in or deleted, and no setting is changed that
outlasts the modem's power.

If a running gateway has the port, it is asked what it knows of the modem. Without a
PORT this lists what is plugged in.

Numbers and identities are masked, so that the report can be shown to others. The
exit status is 0 if the modem can be used, else 2.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			if len(args) == 0 {
				return c.suggestProbe(ctx, device.Host())
			}
			return c.probeModem(ctx, device.Host(), args[0], o)
		},
	}
	clientFlags(cmd, &o.client)
	cmd.Flags().BoolVar(&o.pin, "pin", false, "enter the PIN of the SIM, once: that of the configuration, else one that is asked for")
	cmd.Flags().BoolVar(&o.numbers, "show-numbers", false, "show numbers and identities in full")
	cmd.Flags().DurationVar(&o.wait, "wait", time.Minute, "wait so `LONG` for the modem to find a network")
	return cmd
}

// suggestProbe lists what is plugged in and says what to probe.
func (c *cli) suggestProbe(ctx context.Context, system device.System) error {
	if err := c.listModems(ctx, system, false, false); err != nil {
		return err
	}
	list, err := survey(ctx, system, nil)
	if err != nil {
		return err
	}
	var ports []string
	for _, d := range list {
		if p := d.best(); d.Usable && p != nil {
			ports = append(ports, p.Path)
		}
	}
	if len(ports) == 0 {
		return errors.New("there is no port to probe")
	}
	fmt.Fprintln(c.stdout)
	for _, p := range ports {
		fmt.Fprintf(c.stdout, "To find out all about it: tetherd modem probe %s\n", p)
	}
	if in, ok := c.stdin.(*os.File); ok && isTerminal(in) {
		return nil
	}
	return usagef("which one? Give its PORT")
}

// probeModem reports on the modem that ref names. Its error says that the modem
// cannot be used, or that nothing could be found out.
func (c *cli) probeModem(ctx context.Context, system device.System, ref string, o probeOptions) error {
	t, err := c.probeTarget(ctx, system, ref, o)
	if err != nil {
		return err
	}
	r := &probeReport{Program: versionString(), Target: ref, port: t.options.Port}
	if t.running != nil {
		r.Gateway, r.Report = t.running.ID, gatewayReport(t.running)
		r.port = t.running.Port
	} else if err := c.probePort(ctx, system, t.options, o, r); err != nil {
		return err
	}
	if r.port == "" {
		r.port = r.Port
	}
	if err := r.locate(ctx, system); err != nil {
		return err
	}
	r.Config = r.configLines(o.numbers)
	if !o.numbers {
		r.mask()
	}
	print := r.print
	if o.client.json {
		print = r.printJSON
	}
	if err := print(c); err != nil {
		return err
	}
	if !r.Verdict.Works() {
		return fmt.Errorf("the modem %s", r.Verdict)
	}
	return nil
}

// probePort probes a modem on a port of its own.
func (c *cli) probePort(ctx context.Context, system device.System, mo modem.Options, o probeOptions, r *probeReport) error {
	mo.Finder, mo.Log = modem.NewFinder(system), zerolog.Nop()
	if o.pin {
		journal, err := c.pinJournal(o.client)
		if err != nil {
			return err
		}
		defer func() { _ = journal.Close() }() // what counts was committed
		mo.Journal = journal
		if mo.PIN == "" {
			if mo.PIN, err = c.readPIN(); err != nil {
				return err
			}
		}
	} else {
		mo.PIN = ""
	}
	progress := func(what string) { fmt.Fprintf(c.stderr, "%s …\n", what) }
	got, err := modem.Probe(ctx, mo, modem.ProbeOptions{NetworkWait: o.wait, Progress: progress})
	if err != nil {
		return err
	}
	r.Report = got
	return nil
}

// samePort tells whether two paths lead to the same terminal.
func samePort(a, b string) bool {
	x, err1 := filepath.EvalSymlinks(a)
	y, err2 := filepath.EvalSymlinks(b)
	return err1 == nil && err2 == nil && x == y
}
