package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) optOutCommand() *cobra.Command {
	return group("optout", "Manage who does not want to be sent messages by a running gateway",
		c.optOutListCommand(), c.optOutAddCommand(), c.optOutRemoveCommand())
}

// optOutPage is how many opt-outs are asked for at a time.
const optOutPage = 500

func (c *cli) optOutListCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List who opted out, since when, and by which keyword",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				all := []api.OptOut{}
				for {
					page, total, err := conn.OptOuts(ctx, optOutPage, len(all))
					if err != nil {
						return err
					}
					all = append(all, page...)
					if len(page) == 0 || len(all) >= total {
						return c.printOptOuts(o, all)
					}
				}
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c *cli) optOutAddCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:     "add NUMBER...",
		Short:   "Send nothing to numbers any more, because their owners said so elsewhere",
		Example: `  tetherd optout add +4917012345678`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, numbers []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				var added []api.OptOut
				for _, number := range numbers {
					out, err := conn.AddOptOut(ctx, number)
					if err != nil {
						return fmt.Errorf("add %s: %w", number, err)
					}
					added = append(added, out)
				}
				return c.printOptOuts(o, added)
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c *cli) optOutRemoveCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "rm NUMBER...",
		Short: "Let numbers be sent to again",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, numbers []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				for _, number := range numbers {
					if err := conn.DeleteOptOut(ctx, number); err != nil {
						return fmt.Errorf("remove %s: %w", number, err)
					}
				}
				return nil
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c *cli) printOptOuts(o clientOptions, outs []api.OptOut) error {
	if o.json {
		return c.printJSON(outs)
	}
	t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, out := range outs {
		since, how := "", "entered"
		if out.Since != nil {
			since = out.Since.Local().Format("2006-01-02 15:04:05")
		}
		if out.Keyword != "" {
			how = out.Keyword
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", printable(out.PhoneNumber), since, printable(how))
	}
	return t.Flush()
}
