package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

func (c *cli) webhookRotateCommand() *cobra.Command {
	var o clientOptions
	grace := gateway.DefaultGrace
	var activate, show bool
	cmd := &cobra.Command{
		Use:   "rotate ID",
		Short: "Give a webhook a new secret, and print it",
		Long: `Give a webhook a new secret, and print it. The older one stays valid for --grace:
until then both sign in Webhook-Signature, and the older one alone in the header of
the format, which has room for one. Once the receiver knows the new secret,
--activate has it sign there, too.`,
		Args: exactly(1, "the ID of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if activate && show || (activate || show) && cmd.Flags().Changed("grace") {
				return usagef("--grace, --activate and --show exclude each other")
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				var s api.WebhookSecrets
				var err error
				switch {
				case activate:
					s, err = conn.ActivateSecret(ctx, args[0])
				case show:
					s, err = conn.WebhookSecrets(ctx, args[0])
				default:
					s, err = conn.RotateSecret(ctx, args[0], grace)
				}
				if err != nil {
					return err
				}
				return c.printSecrets(o, s)
			})
		},
	}
	clientFlags(cmd, &o)
	f := cmd.Flags()
	f.DurationVar(&grace, "grace", grace, "how long the older secrets stay valid, at most 168h; 0s ends them at once")
	f.BoolVar(&activate, "activate", false, "make no secret, but have the newest sign everywhere from now on")
	f.BoolVar(&show, "show", false, "make no secret, but print those that are valid")
	return cmd
}

func (c *cli) printSecrets(o clientOptions, s api.WebhookSecrets) error {
	if o.json {
		return c.printJSON(s)
	}
	if s.Shared {
		_, err := fmt.Fprintln(c.stdout, `it has no secret of its own: "tetherd webhook key" prints the key that signs`)
		return err
	}
	for _, k := range s.Secrets {
		notes := parts(when(k.Signs, "signs"), when(!k.Signs, "signs in Webhook-Signature alone"))
		if !k.ExpiresAt.IsZero() {
			notes += ", valid until " + k.ExpiresAt.Format(time.DateTime)
		}
		if _, err := fmt.Fprintf(c.stdout, "%s  (%s)\n", printable(k.Secret), notes); err != nil {
			return err
		}
	}
	return nil
}

func (c *cli) webhookKeyCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Print the key that signs deliveries",
		Long: `Print the key that signs deliveries to webhooks without a secret of their own:
X-Signature is the hexadecimal HMAC-SHA256, with this key, of the body followed by
the text of X-Timestamp.

The key is read from the configuration, or from the data folder where the daemon
keeps the one it generated; so this must run as a user who may read that.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := c.globalKey(o)
			if err == nil {
				err = c.refuseStored(cmd.Context(), o)
			}
			if err != nil {
				return err
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

// refuseStored returns an error if a running gateway signs with another key than that
// of the configuration.
func (c *cli) refuseStored(ctx context.Context, o clientOptions) error {
	conn, err := c.connect(o, true)
	if err != nil {
		return nil // it cannot be asked, and the key of the configuration is the likely one
	}
	conn.patience(2 * time.Second)
	sources, err := conn.SettingSources(ctx)
	if err == nil && sources["webhooks"]["signing_key"] == "stored" {
		return errors.New("another key than the configured one was stored in the running gateway, which does not show it: " +
			`"tetherd settings set webhooks.signing_key=null" brings back the configured one`)
	}
	return nil
}

// globalKey reads the key that signs for webhooks without a secret of their own.
func (c *cli) globalKey(o clientOptions) (string, error) {
	cfg, err := c.clientConfig(o)
	if err != nil {
		return "", err
	}
	key, err := signingKey(cfg, false)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no key in %s yet: it is generated when the daemon starts for the first time", cfg.DataDir)
	}
	if err != nil {
		return "", fmt.Errorf("read signing key: %w", err)
	}
	return key, nil
}
