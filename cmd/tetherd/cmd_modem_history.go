package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) modemHistoryCommand() *cobra.Command {
	var o clientOptions
	since := 6 * time.Hour
	cmd := &cobra.Command{
		Use:   "history NAME",
		Short: "Show how a modem was in the last hours: state, network, signal",
		Long: `Show how a modem, given by its name or its SIM number, was in the last hours: when it
was in which state, how it was registered, and how strong the network was received. A
running gateway keeps a week: a line every 5 minutes, and one for each change.`,
		Example: `  tetherd modem history office --since 48h`,
		Args:    exactly(1, "the NAME of a modem"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if since <= 0 {
				return usagef("--since is a length of time such as 12h")
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				samples, err := conn.ModemHistory(ctx, args[0], time.Now().Add(-since), time.Time{})
				if err != nil {
					return err
				}
				if o.json {
					return c.printJSON(samples)
				}
				return printHistory(c.stdout, samples)
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().DurationVar(&since, "since", since, "how far to look back, at most a week")
	return cmd
}

func printHistory(w io.Writer, samples []api.ModemSample) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range samples {
		signal := ""
		if s.Signal != nil {
			signal = fmt.Sprintf("\t%d of 5 bars, %d dBm", s.Signal.Bars, s.Signal.DBM)
		}
		fmt.Fprintf(t, "%s\t%s\t%s%s\n", dateTime(s.At), printable(s.State), printable(s.Registration), signal)
	}
	return t.Flush()
}
