package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) messagesCommand() *cobra.Command {
	return group("messages", "Look at what a running gateway sends, and change it",
		c.messagesListCommand(), c.messagesSearchCommand(), c.messagesShowCommand(),
		c.messagesChangeCommand("cancel", "Withdraw messages of which nothing was sent yet", "", connection.cancel),
		c.messagesChangeCommand("retry", "Send messages again to those for whom they failed or were cancelled",
			`Send messages again to those for whom they failed or were cancelled, each as a new
message, whose ID is printed.`, connection.retry),
		c.messagesChangeCommand("release", "Send messages that are held back because they repeat themselves", "", connection.release),
	)
}

func (c *cli) messagesShowCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a message, its text and how it fares",
		Long: `Show a message, its text and how it fares. "tetherd trace" shows what became of it
step by step.`,
		Args: exactly(1, "the ID of a message"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				m, err := conn.Message(ctx, args[0])
				if err != nil {
					return unknownMessage(args[0], err)
				}
				if o.json {
					return c.printJSON(m)
				}
				return printWholeMessage(c.stdout, m)
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

// messagesChangeCommand does one thing to each message that is named.
func (c *cli) messagesChangeCommand(verb, short, long string, do func(connection, context.Context, string) (api.Message, error)) *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   verb + " ID...",
		Short: short,
		Long:  long,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				var failed error
				ms := []api.Message{}
				for _, id := range ids {
					m, err := do(conn, ctx, id)
					if err != nil {
						failed = fmt.Errorf("%s %w", verb, unknownMessage(id, err))
						break
					}
					ms = append(ms, m)
				}
				// What was done before a failure is printed all the same.
				if err := c.printMessages(o, ms, false); err != nil {
					return err
				}
				return failed
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c connection) cancel(ctx context.Context, id string) (api.Message, error) {
	return c.Cancel(ctx, id)
}

func (c connection) retry(ctx context.Context, id string) (api.Message, error) {
	return c.Retry(ctx, id)
}

func (c connection) release(ctx context.Context, id string) (api.Message, error) {
	return c.Release(ctx, id)
}
