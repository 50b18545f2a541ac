package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/webhook/format"
)

func (c *cli) webhookCurlCommand() *cobra.Command {
	var o clientOptions
	var to, name, event string
	cmd := &cobra.Command{
		Use:   "curl [ID]",
		Short: "Print a script that simulates a delivery with curl",
		Long: `Print a script for a shell that sends a sample of an event to a receiver as the
gateway would, freshly signed. It needs curl and openssl, and the secret in the
environment variable SECRET.`,
		Example: `  tetherd webhook curl --format integify --event sms.delivered --to http://127.0.0.1:5000/sms > try.sh
  SECRET=whsec_... sh try.sh`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			hook := api.Webhook{URL: "http://127.0.0.1:5000/webhook", Format: name}
			form := secretForm(name)
			if len(args) == 1 {
				err := c.call(cmd.Context(), o, func(ctx context.Context, conn connection) (err error) {
					if hook, err = conn.Webhook(ctx, args[0]); err != nil {
						return err
					}
					s, err := conn.WebhookSecrets(ctx, args[0])
					if len(s.Secrets) > 0 {
						form = s.Secrets[0].Secret
					}
					return err
				})
				if err != nil {
					return err
				}
			}
			if to != "" {
				hook.URL = to
			}
			if name != "" {
				hook.Format = name
			}
			script, err := curlScript(hook, event, form)
			if err != nil {
				return err
			}
			if strings.Contains(hook.URL, gateway.Redacted) {
				script = "# Put what is secret in the URL in the place of " + gateway.Redacted + ", or give it with --to.\n" + script
			}
			_, err = fmt.Fprint(c.stdout, script)
			return err
		},
	}
	clientFlags(cmd, &o)
	f := cmd.Flags()
	f.StringVar(&to, "to", "", "`URL` of the receiver (default that of the webhook, else http://127.0.0.1:5000/webhook)")
	f.StringVar(&name, "format", "", "`FORMAT` (default that of the webhook, else smsgate)")
	f.StringVar(&event, "event", "", "`EVENT` to send a sample of (default the first of the webhook, else sms:received)")
	return cmd
}

// secretForm returns what secrets look like that are made for webhooks of a format.
func secretForm(name string) string {
	if name == "" || name == string(gateway.FormatSMSGate) {
		return "" // the key of the gateway, a text
	}
	return gateway.NewSecret()
}

// curlScript returns a script that sends a sample of an event to a webhook whose
// secret is of the given form.
func curlScript(h api.Webhook, event, form string) (string, error) {
	f, ok := format.Lookup(gateway.Format(h.Format))
	if !ok {
		return "", usagef("--format %s: there are %s", h.Format, format.Names())
	}
	if event == "" {
		event = string(gateway.EventReceived)
		if len(h.Events) > 0 {
			event = h.Events[0]
		}
	}
	types, ok := f.Events(event)
	if !ok || len(types) == 0 {
		return "", usagef("--event %s: %s has no such event", event, f.Title)
	}
	r := gateway.Rendering{
		Format: f.Name, Kind: h.Kind, Extended: true, Thin: h.Payload == "thin",
		Template: h.Template, Method: h.Method, ContentType: h.ContentType, Signature: h.Signature,
	}
	e, id := format.Sample(types[0], time.Now()), gateway.NewID()
	b, err := format.Render(&format.Input{
		DeviceID: "device", Webhook: &gateway.Endpoint{ID: h.ID, URL: h.URL}, Rendering: r, Delivery: id, Event: &e,
	})
	if err != nil {
		return "", fmt.Errorf("write sample: %w", err)
	}
	return f.Curl(h.URL, id, &b, &r, form)
}
