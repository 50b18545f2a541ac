package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) modemStatusCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "status [NAME]",
		Short: "Say in full how the modems of a running gateway are",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				var ms []api.Modem
				var err error
				if len(args) == 0 {
					ms, err = conn.Modems(ctx)
				} else {
					ms = make([]api.Modem, 1)
					ms[0], err = conn.Modem(ctx, args[0])
				}
				if err != nil {
					return err
				}
				if o.json {
					return c.printJSON(ms)
				}
				for i := range ms {
					if err := c.printModem(&ms[i]); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

// printModem prints a heading and, below it, what is known.
func (c *cli) printModem(m *api.Modem) error {
	t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s (SIM %d): %s\n", printable(m.ID), m.SIMNumber, printable(m.State))
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "  %s\t%s\n", name, printable(value))
		}
	}
	row("reason", m.Reason)
	row("since", dateTime(m.Since))
	if m.Power != nil {
		row("power", m.Power.Reason)
	}
	row("port", m.Port)
	row("shared with", m.SharedWith)
	if m.Baud > 0 {
		row("baud rate", strconv.Itoa(m.Baud))
	}
	row("modem", words(m.Manufacturer, m.Model, m.Revision))
	row("IMEI", m.IMEI)
	row("SIM", m.SIM.ID)
	row("number", m.SIM.PhoneNumber)
	row("service centre", m.SIM.SMSC)
	row("network", words(m.Network.Operator, "("+m.Network.Registration+")"))
	if s := m.Signal; s != nil {
		row("signal", fmt.Sprintf("%d of 5 bars, %d dBm", s.Bars, s.DBM))
	}
	if s := m.Storage; s != nil {
		row("storage", words(s.Name, fmt.Sprintf("%d of %d", s.Used, s.Capacity)))
		if s.Foreign > 0 {
			row("not ours", fmt.Sprintf("%d messages that were stored to be sent; \"tetherd modem purge\" deletes them", s.Foreign))
		}
	}
	if s := m.Setup; s != nil {
		row("set up as", fmt.Sprintf("%s, +CNMI %s; messages %s, reports %s", s.Profile, cmp.Or(s.CNMI, "refused"), s.Messages, s.Reports))
		for _, o := range s.Oddities {
			row("note", o.Text)
		}
	}
	row("balance", balanceText(m.Balance))
	n := m.Counters
	row("sent", fmt.Sprintf("%d accepted, %d failed, %d unknown", n.SentOK, n.SentFailed, n.SentUnknown))
	row("received", fmt.Sprintf("%d, %d reports", n.Received, n.Reports))
	row("sessions", fmt.Sprintf("%d; port lost %d times, restarted by itself %d times, right after sending %d times",
		n.Sessions, n.PortLosses, n.Reboots, n.BrownOuts))
	printRecovery(row, m)
	return t.Flush()
}

// balanceText says what is known of the credit of a SIM; empty if nothing is asked.
func balanceText(b *api.ModemBalance) string {
	if b == nil {
		return ""
	}
	var parts []string
	if !b.At.IsZero() {
		parts = append(parts, fmt.Sprintf("%.2f at %s", b.Value, dateTime(b.At)))
	}
	if b.Low {
		parts = append(parts, "(low: top it up)")
	}
	return words(append(parts, b.Error)...)
}

func printRecovery(row func(name, value string), m *api.Modem) {
	var steps []string
	for _, name := range slices.Sorted(maps.Keys(m.Counters.Steps)) {
		if n := m.Counters.Steps[name]; n > 0 {
			steps = append(steps, fmt.Sprintf("%s %d", name, n))
		}
	}
	row("recovery steps", strings.Join(steps, ", "))
	r := m.Recovery
	if r.Step != "" {
		row("latest step", fmt.Sprintf("%s at %s: %s", r.Step, dateTime(r.At), r.Reason))
	}
	if r.Failing {
		next := r.Next
		if !r.NextAt.IsZero() {
			next += ", not before " + dateTime(r.NextAt)
		}
		row("next step", next)
	}
}

func dateTime(t api.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

// words joins what is not empty.
func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}
