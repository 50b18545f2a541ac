package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) routeCommand() *cobra.Command {
	return group("route", "Manage the routes of a running gateway: which messages go to which webhook",
		c.routeListCommand(), c.routeAddCommand(), c.routeTestCommand(), c.routeRemoveCommand())
}

func (c *cli) routeListCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the routes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				routes, err := conn.Routes(ctx)
				if err != nil {
					return err
				}
				return c.printRoutes(o, routes)
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c *cli) routeAddCommand() *cobra.Command {
	var o clientOptions
	var w wantedRoute
	cmd := &cobra.Command{
		Use:   "add [FILE]",
		Short: "Send messages that fit a filter to a webhook, or tell the admins of them",
		Long: `Send messages that fit a filter to a webhook, or tell the admins of them.

The route comes from the flags, or from a JSON file ("-" is the standard input)
such as

  {"filter": {"type": "phone", "condition": "starts_with", "value": "+1555"},
   "action": {"webhook": "https://example.org/urgent", "notify_admin": true}}

Filters have the type phone, keyword, device or time; {"all": [...]}, {"any": [...]}
and {"not": ...} combine them. Of several flags all must fit.`,
		Example: `  tetherd route add --keyword urgent --to https://example.org/urgent --notify-admin
  tetherd route add --phone +1555 --webhook crm --exclusive
  tetherd route add route.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			route, err := c.wantedRoute(&w, args)
			if err != nil {
				return err
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				made, err := conn.AddRoute(ctx, route)
				if err != nil {
					return err
				}
				if err := c.printRoutes(o, []api.Route{made}); err != nil {
					return err
				}
				return c.remark(o, made)
			})
		},
	}
	clientFlags(cmd, &o)
	f := cmd.Flags()
	f.StringVar(&w.route.ID, "id", "", "`ID` of the route; replaces one that has it (default a new one)")
	f.StringVar(&w.route.Name, "name", "", "`NAME` for people")
	f.StringSliceVar(&w.route.Events, "event", nil, "`EVENT` to look at, may be repeated (default sms:received)")
	f.StringVar(&w.phone, "phone", "", "how the number of the sender or the recipient begins, as a `PREFIX`")
	f.StringVar(&w.keyword, "keyword", "", "`TEXT` that the message contains, in any case")
	f.StringSliceVar(&w.devices, "device", nil, "`MODEM` that had the message, may be repeated")
	f.StringVar(&w.filter, "filter", "", "`JSON` of a filter")
	f.StringVar(&w.route.Action.Webhook, "to", "", "`URL` of the receiver; a webhook is made for it")
	f.StringVar(&w.route.Action.Format, "format", "", "`FORMAT` of the webhook that is made (default smsgate)")
	f.StringVar(&w.route.Action.WebhookID, "webhook", "", "`ID` of a webhook that is registered, instead of --to")
	f.BoolVar(&w.route.Action.NotifyAdmin, "notify-admin", false, "tell alerts.admin_numbers of the configuration by SMS")
	f.BoolVar(&w.route.Action.Exclusive, "exclusive", false, "do not tell the webhooks that are registered for such messages")
	return cmd
}

func (c *cli) routeTestCommand() *cobra.Command {
	var o clientOptions
	var s api.RouteSample
	var at string
	cmd := &cobra.Command{
		Use:     "test ID",
		Short:   "Say where a message would go, without sending anything",
		Example: `  tetherd route test ID --phone +15551234567 --text "urgent: call me"`,
		Args:    exactly(1, "the ID of a route"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if at != "" {
				t, err := api.ParseTime(at)
				if err != nil {
					return usagef("--at %s is not a date and time with its offset, such as 2026-03-13T14:25:16+01:00", at)
				}
				s.At = &t
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				got, err := conn.TestRoute(ctx, args[0], s)
				if err != nil {
					return err
				}
				return c.printRouteTest(o, got)
			})
		},
	}
	clientFlags(cmd, &o)
	f := cmd.Flags()
	f.StringVar(&s.Phone, "phone", "", "`NUMBER` of the other side")
	f.StringVar(&s.Text, "text", "", "`TEXT` of the message")
	f.StringVar(&s.DeviceID, "device", "", "`MODEM` that has it")
	f.StringVar(&s.Event, "event", "", "`EVENT` it is (default sms:received)")
	f.StringVar(&at, "at", "", "`TIME` of it, such as 2026-03-13T14:25:16+01:00 (default now)")
	return cmd
}

func (c *cli) routeRemoveCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "rm ID...",
		Short: "Remove routes, and the webhooks that were made for them alone",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				for _, id := range ids {
					if err := conn.DeleteRoute(ctx, id); err != nil {
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

// wantedRoute is a route in flags.
type wantedRoute struct {
	route          api.Route
	phone, keyword string
	devices        []string
	filter         string
}

// wantedRoute returns the route that the flags or a file ask for.
func (c *cli) wantedRoute(w *wantedRoute, args []string) (api.Route, error) {
	fromFlags, err := w.fromFlags()
	if err != nil || len(args) == 0 {
		return fromFlags, err
	}
	if !isEmptyRoute(fromFlags) {
		return api.Route{}, usagef("give either a file or flags that describe the route, not both")
	}
	return c.readRoute(args[0])
}

func (w *wantedRoute) fromFlags() (api.Route, error) {
	type object map[string]any
	var all []any
	if w.phone != "" {
		all = append(all, object{"type": "phone", "condition": "starts_with", "value": w.phone})
	}
	if w.keyword != "" {
		all = append(all, object{"type": "keyword", "condition": "contains", "value": w.keyword})
	}
	if len(w.devices) > 0 {
		all = append(all, object{"type": "device", "device_ids": w.devices})
	}
	if w.filter != "" {
		if !json.Valid([]byte(w.filter)) {
			return api.Route{}, usagef("--filter is not JSON")
		}
		all = append(all, json.RawMessage(w.filter))
	}
	var filter any
	switch len(all) {
	case 0:
		return w.route, nil
	case 1:
		filter = all[0]
	default:
		filter = object{"all": all}
	}
	b, err := json.Marshal(filter)
	if err != nil {
		return api.Route{}, fmt.Errorf("write filter: %w", err)
	}
	r := w.route
	r.Filter = b
	return r, nil
}

func isEmptyRoute(r api.Route) bool {
	return r.ID == "" && r.Name == "" && r.Filter == nil && len(r.Events) == 0 && r.Action == (api.RouteAction{})
}

// maxRouteFile bounds a file with a route, in bytes.
const maxRouteFile = 1 << 20

// readRoute reads a route from a file, or from the standard input.
func (c *cli) readRoute(name string) (r api.Route, err error) {
	in := c.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return r, fmt.Errorf("read route: %w", err)
		}
		defer f.Close() // it was only read
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxRouteFile))
	if err != nil {
		return r, fmt.Errorf("read route: %w", err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("read route: %s is not the JSON of a route: %w", name, err)
	}
	return r, nil
}
