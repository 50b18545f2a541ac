package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

func (c *cli) webhookCommand() *cobra.Command {
	return group("webhook", "Manage webhooks of a running gateway",
		c.webhookListCommand(), c.webhookAddCommand(), c.webhookRemoveCommand(), c.webhookKeyCommand())
}

func (c *cli) webhookListCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the webhooks",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				hooks, err := conn.Webhooks(ctx)
				if err != nil {
					return err
				}
				return c.printWebhooks(o, hooks)
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c *cli) webhookAddCommand() *cobra.Command {
	var o clientOptions
	var id string
	names := make([]string, len(gateway.EventTypes))
	for i, t := range gateway.EventTypes {
		names[i] = string(t)
	}
	cmd := &cobra.Command{
		Use:   "add EVENT URL",
		Short: "Have events of one kind posted to a URL",
		Long: "Have events of one kind posted to a URL. The kinds are\n  " + strings.Join(names, "\n  ") + `

Each delivery is signed, see "tetherd webhook key".`,
		Example:   "  tetherd webhook add sms:received https://example.org/sms",
		Args:      exactly(2, "an EVENT and a URL"),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				hook, err := conn.RegisterWebhook(ctx, api.Webhook{ID: id, Event: args[0], URL: args[1]})
				if err != nil {
					return err
				}
				return c.printWebhooks(o, []api.Webhook{hook})
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().StringVar(&id, "id", "", "`ID` of the webhook; replaces one that has it (default a new one)")
	return cmd
}

func (c *cli) webhookRemoveCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "rm ID...",
		Short: "Remove webhooks, with what waits for them",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				for _, id := range ids {
					if err := conn.DeleteWebhook(ctx, id); err != nil {
						return fmt.Errorf("remove %s: %w", id, err)
					}
				}
				return nil
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c *cli) webhookKeyCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Print the key that signs deliveries",
		Long: `Print the key that signs deliveries: X-Signature is the hexadecimal HMAC-SHA256,
with this key, of the body followed by the text of X-Timestamp.

The key is read from the configuration, or from the data folder where the daemon
keeps the one it generated; so this must run as a user who may read that.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := c.clientConfig(o)
			if err != nil {
				return err
			}
			key, err := signingKey(cfg, false)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("there is no key in %s yet: it is generated when the daemon starts for the first time", cfg.DataDir)
			}
			if err != nil {
				return fmt.Errorf("read signing key: %w", err)
			}
			_, err = fmt.Fprintln(c.stdout, key)
			return err
		},
	}
	configFlag(cmd, &o.config)
	cmd.Flags().BoolVar(&o.demo, "demo", false, "the key of \"tetherd serve --demo\"")
	cmd.Flags().StringVar(&o.stateDir, "state-dir", "", "with --demo: `FOLDER` given to it")
	return cmd
}

// call connects and calls the gateway.
func (c *cli) call(ctx context.Context, o clientOptions, do func(context.Context, connection) error) error {
	conn, err := c.connect(o, true)
	if err != nil {
		return err
	}
	return conn.explain(do(ctx, conn))
}

func (c *cli) printWebhooks(o clientOptions, hooks []api.Webhook) error {
	if o.json {
		return c.printJSON(hooks)
	}
	t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, h := range hooks {
		fmt.Fprintf(t, "%s\t%s\t%s\n", printable(h.ID), printable(h.Event), printable(h.URL))
	}
	return t.Flush()
}
