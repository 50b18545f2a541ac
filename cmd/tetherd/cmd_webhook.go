package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) webhookCommand() *cobra.Command {
	return group("webhook", "Manage webhooks of a running gateway",
		c.webhookListCommand(), c.webhookAddCommand(), c.webhookShowCommand(), c.webhookEditCommand(), c.webhookRemoveCommand(),
		c.webhookTestCommand(), c.webhookLogCommand(), c.webhookRedeliverCommand(), c.webhookRecoverCommand(),
		c.webhookPauseCommand(), c.webhookResumeCommand(), c.webhookRotateCommand(),
		c.webhookVerifyCommand(), c.webhookCurlCommand(), c.webhookKeyCommand())
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

func (c *cli) webhookShowCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show the options of a webhook, and how it fares",
		Args:  exactly(1, "the ID of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				hook, err := conn.Webhook(ctx, args[0])
				if err != nil {
					return err
				}
				return c.printWebhook(o, hook)
			})
		},
	}
	clientFlags(cmd, &o)
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

func (c *cli) webhookPauseCommand() *cobra.Command {
	var o clientOptions
	var note string
	cmd := &cobra.Command{
		Use:   "pause ID...",
		Short: "Send nothing to webhooks for now; what is for them waits",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return c.eachWebhook(cmd.Context(), o, ids, func(ctx context.Context, conn connection, id string) (api.Webhook, error) {
				return conn.PauseWebhook(ctx, id, note)
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().StringVar(&note, "note", "", "`TEXT` that says why")
	return cmd
}

func (c *cli) webhookResumeCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "resume ID...",
		Short: "Send to paused webhooks again, beginning with what waits",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return c.eachWebhook(cmd.Context(), o, ids, func(ctx context.Context, conn connection, id string) (api.Webhook, error) {
				return conn.ResumeWebhook(ctx, id)
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

// eachWebhook does something to webhooks and prints what they are then.
func (c *cli) eachWebhook(ctx context.Context, o clientOptions, ids []string, do func(context.Context, connection, string) (api.Webhook, error)) error {
	return c.call(ctx, o, func(ctx context.Context, conn connection) error {
		var hooks []api.Webhook
		for _, id := range ids {
			hook, err := do(ctx, conn, id)
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			hooks = append(hooks, hook)
		}
		return c.printWebhooks(o, hooks)
	})
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
		events := h.Events
		if len(events) == 0 {
			events = []string{h.Event}
		}
		fmt.Fprintf(t, "%s\t%s\t%s", printable(h.ID), printable(strings.Join(events, ",")), printable(h.URL))
		if notes := webhookNotes(h); len(notes) > 0 {
			fmt.Fprintf(t, "\t(%s)", printable(strings.Join(notes, ", ")))
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// webhookNotes returns what is special about a webhook.
func webhookNotes(h api.Webhook) []string {
	var notes []string
	if h.Name != "" {
		notes = append(notes, h.Name)
	}
	if h.Format != "" && h.Format != "smsgate" {
		notes = append(notes, "format "+h.Format)
	}
	if h.Routed {
		notes = append(notes, "for routes")
	}
	if h.Insecure {
		notes = append(notes, "insecure")
	}
	if p := h.Pause; p != nil {
		notes = append(notes, "paused: "+pauseReason(*p))
	}
	if s := h.Health; s != nil {
		if s.Failures > 0 {
			notes = append(notes, "failed "+times(s.Failures)+" in a row")
		}
		if s.Pending > 0 {
			notes = append(notes, fmt.Sprintf("%d waiting", s.Pending))
		}
		if s.Dead > 0 {
			notes = append(notes, fmt.Sprintf("%d given up", s.Dead))
		}
	}
	return notes
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// pauseReason says why a webhook is paused.
func pauseReason(p api.WebhookPause) string {
	text, ok := map[string]string{
		"owner": "by its owner", "gone": "the receiver says it is gone", "failing": "it failed for days", "receiver": "the receiver wants it",
	}[p.Reason]
	if !ok {
		text = p.Reason
	}
	if p.Note != "" {
		text += ": " + p.Note
	}
	return text
}

// printFields writes names with their values, those that have one.
func printFields(w io.Writer, fields [][2]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range fields {
		if f[1] != "" {
			fmt.Fprintf(t, "%s\t%s\n", f[0], printable(f[1]))
		}
	}
	return t.Flush()
}
