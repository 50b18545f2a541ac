package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) limitsCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "limits",
		Short: "Show how much of each limit of what may be sent is used",
		Long: `Show how much of each limit of what may be sent is used: whose it is, which, how much
is used, how much it allows, and what of that is kept for urgent messages.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				limits, err := conn.Limits(ctx)
				if err != nil {
					return err
				}
				if o.json {
					return c.printJSON(limits)
				}
				if len(limits) == 0 {
					fmt.Fprintln(c.stderr, "nothing limits what is sent; see limits in the configuration")
				}
				return printLimits(c.stdout, limits)
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func printLimits(w io.Writer, limits []api.Limit) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	amount := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	for _, l := range limits {
		fmt.Fprintf(t, "%s\t%s\t%s of %s%s\n", printable(cmp.Or(l.ModemID, "all")), printable(l.Limit), amount(l.Used), amount(l.Most),
			printable(when(l.Unit != "", " "+l.Unit)+when(l.Reserved > 0, ", "+amount(l.Reserved)+" of them for urgent messages")))
	}
	return t.Flush()
}
