package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) canaryCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "canary",
		Short: "Say whether the test messages of a running gateway come through",
		Long: `Say how the messages fared that modems of a running gateway send now and then, as
canary in its configuration says, to find out that messages really leave and arrive.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				out, err := conn.Canaries(ctx)
				if err != nil {
					return err
				}
				return c.printCanaries(o, out)
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.AddCommand(c.canaryRunCommand())
	return cmd
}

func (c *cli) canaryRunCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "run [MODEM]",
		Short: "Send a test message now",
		Long: `Have a modem, by its name or SIM number, or each that does so, send a test message
now. It counts against the budget. "tetherd canary" says what became of it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				modem := ""
				if len(args) > 0 {
					modem = args[0]
				}
				out, err := conn.RunCanary(ctx, modem)
				if err != nil {
					return err
				}
				return c.printCanaries(o, out)
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c *cli) printCanaries(o clientOptions, out api.Canaries) error {
	if o.json {
		return c.printJSON(out)
	}
	if !out.Enabled {
		_, err := fmt.Fprintln(c.stdout, "no test messages are sent: set canary.enabled in the configuration")
		return err
	}
	t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for i := range out.Modems {
		m := &out.Modems[i]
		fmt.Fprintf(t, "%s\t%s\t%s\n", printable(m.ModemID), m.Status, printable(canaryNote(m)))
	}
	fmt.Fprintf(t, "%d of %d were sent in the last 24 hours\n", out.Sent, out.BudgetPerDay)
	return t.Flush()
}

// canaryNote says in words how the canaries of a modem fare.
func canaryNote(m *api.Canary) string {
	switch {
	case m.Problem != "":
		return m.Problem
	case m.UnderWay != nil:
		return "one is under way since " + dateTime(m.UnderWay.At)
	case len(m.Results) == 0:
		return "none was sent yet, the first is due at " + dateTime(m.NextAt)
	}
	r := &m.Results[len(m.Results)-1]
	if r.OK {
		return fmt.Sprintf("the one of %s came through in %s", dateTime(r.At), time.Duration(r.RoundTrip*float64(time.Second)).Round(100*time.Millisecond))
	}
	return fmt.Sprintf("%d in a row missed; that of %s: %s", m.Misses, dateTime(r.At), r.Error)
}
