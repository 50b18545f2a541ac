package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// purgePatience is how long a modem may take to empty its storages.
const purgePatience = 10 * time.Minute

func (c *cli) modemBalanceCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "balance NAME",
		Short: "Ask the operator for the credit of a modem's SIM",
		Long: `Ask the operator for the credit of the SIM in a modem of a running gateway, given
by its name or its SIM number, as balance in its configuration says.`,
		Args: exactly(1, "the NAME of a modem"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				conn.patience(ussdPatience)
				b, err := conn.CheckBalance(ctx, args[0])
				if err != nil {
					return err
				}
				if o.json {
					return c.printJSON(b)
				}
				low := ""
				if b.Low {
					low = "  (low: top it up)"
				}
				_, err = fmt.Fprintf(c.stdout, "%.2f%s\n%s\n", b.Value, low, printableLines(b.Text))
				return err
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c *cli) modemPurgeCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "purge NAME",
		Short: "Delete what others stored on a modem's SIM to be sent",
		Long: `Delete the messages that a phone or another program stored on the SIM or in a
modem of a running gateway to be sent, given by its name or its SIM number. They take
up room for messages that come in. What was received is taken in first.`,
		Args: exactly(1, "the NAME of a modem"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				conn.patience(purgePatience)
				p, err := conn.PurgeModem(ctx, args[0])
				if err != nil {
					return err
				}
				if o.json {
					return c.printJSON(p)
				}
				_, err = fmt.Fprintf(c.stdout, "%s: %s deleted.\n", p.Modem, count(p.Messages, "message"))
				return err
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}
