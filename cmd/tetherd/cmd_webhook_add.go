package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

func (c *cli) webhookAddCommand() *cobra.Command {
	var o clientOptions
	var w webhookFlags
	var id string
	names := make([]string, len(gateway.EventTypes))
	for i, t := range gateway.EventTypes {
		names[i] = string(t)
	}
	cmd := &cobra.Command{
		Use:   "add [EVENT...] URL",
		Short: "Have events posted to a URL",
		Long: "Have events posted to a URL. The kinds are\n  " + strings.Join(names, "\n  ") + `
and, with --format, the names that the product of the format has for them.

Each delivery is signed: in the format smsgate with the key that "tetherd webhook
key" prints unless the webhook has a secret of its own, in the others with such a
secret, which is printed here and by "tetherd webhook rotate" alone.`,
		Example: `  tetherd webhook add sms:received https://example.org/sms
  tetherd webhook add --format integify --event sms.received --event sms.failed https://example.org/sms
  tetherd webhook add sms:received https://192.168.1.5/sms --ca-file ca.pem --timeout 5s`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("it takes an EVENT and a URL, not nothing")
			}
			return nil
		},
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			fields, err := c.webhookFields(cmd, &w)
			if err != nil {
				return err
			}
			events := append(args[:len(args)-1:len(args)-1], w.events...)
			if len(events) == 0 {
				return usagef("which events? Name one before the URL, or use --event")
			}
			fields["events"], fields["url"] = events, args[len(args)-1]
			if id != "" {
				fields["id"] = id
			}
			hook, err := webhookOf(fields)
			if err != nil {
				return err
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				made, err := conn.RegisterWebhook(ctx, hook)
				if err != nil {
					return err
				}
				return c.printMade(o, made)
			})
		},
	}
	w.add(cmd)
	clientFlags(cmd, &o)
	cmd.Flags().StringVar(&id, "id", "", "`ID` of the webhook; replaces one that has it (default a new one)")
	return cmd
}

func (c *cli) webhookEditCommand() *cobra.Command {
	var o clientOptions
	var w webhookFlags
	var to string
	var unset []string
	cmd := &cobra.Command{
		Use:   "edit ID",
		Short: "Change options of a webhook; the others stay as they are",
		Example: `  tetherd webhook edit ID --timeout 5s --retries 3
  tetherd webhook edit ID --unset timeout,retries`,
		Args: exactly(1, "the ID of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			fields, err := c.webhookFields(cmd, &w)
			if err != nil {
				return err
			}
			if to != "" {
				fields["url"] = to
			}
			for _, flag := range unset {
				field, ok := webhookField(strings.TrimPrefix(flag, "--"))
				if !ok {
					return usagef("--unset %s: there is no such option, or it cannot be unset", flag)
				}
				fields[field] = nil
			}
			if len(fields) == 0 {
				return usagef("nothing to change: name an option")
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				hook, err := conn.EditWebhook(ctx, args[0], fields)
				if err != nil {
					return err
				}
				if err := c.printWebhook(o, hook); err != nil {
					return err
				}
				return c.printSecret(o, hook)
			})
		},
	}
	w.add(cmd)
	clientFlags(cmd, &o)
	cmd.Flags().StringVar(&to, "to", "", "`URL` to post to from now on, what waits included")
	cmd.Flags().StringSliceVar(&unset, "unset", nil, "`OPTIONS` to take back to their defaults, such as timeout,header")
	return cmd
}

// webhookOf returns the webhook with the given fields of the API.
func webhookOf(fields map[string]any) (h api.Webhook, err error) {
	b, err := json.Marshal(fields)
	if err != nil {
		return h, fmt.Errorf("write webhook: %w", err)
	}
	if err := json.Unmarshal(b, &h); err != nil {
		return h, usageError{fmt.Errorf("read options: %w", err)}
	}
	return h, nil
}

// printMade writes a new webhook and, the only time, its secret.
func (c *cli) printMade(o clientOptions, h api.Webhook) error {
	if err := c.printWebhooks(o, []api.Webhook{h}); err != nil {
		return err
	}
	return c.printSecret(o, h)
}

// printSecret writes a secret that is new.
func (c *cli) printSecret(o clientOptions, h api.Webhook) error {
	if h.Secret == nil || o.json {
		return nil
	}
	_, err := fmt.Fprintf(c.stdout, "secret: %s\n", h.Secret.Text)
	return err
}
