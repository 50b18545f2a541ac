package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"tetherd/gateway/api"
)

func (c *cli) printRoutes(o clientOptions, routes []api.Route) error {
	if o.json {
		return c.printJSON(routes)
	}
	t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, r := range routes {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", printable(r.ID), printable(strings.Join(r.Events, ",")), printable(routeTarget(r)), printable(routeFilter(r)))
	}
	return t.Flush()
}

// routeTarget says what a route does with what it wants.
func routeTarget(r api.Route) string {
	var does []string
	switch {
	case r.Action.Webhook != "":
		does = append(does, r.Action.Webhook)
	case r.Action.WebhookID != "":
		does = append(does, "webhook "+r.Action.WebhookID)
	}
	if r.Action.Exclusive {
		does = append(does, "exclusive")
	}
	if r.Action.NotifyAdmin {
		does = append(does, "SMS to admins")
	}
	if r.Enabled != nil && !*r.Enabled {
		does = append(does, "disabled")
	}
	return strings.Join(does, ", ")
}

func routeFilter(r api.Route) string {
	if len(r.Filter) == 0 {
		return "everything"
	}
	return string(r.Filter)
}

// remark tells what there is to know of a new route, beside its line.
func (c *cli) remark(o clientOptions, r api.Route) error {
	if o.json {
		return nil
	}
	if r.Action.Secret != "" {
		if _, err := fmt.Fprintf(c.stdout, "Webhook %s was made for it. Its secret, which is shown this once, is %s\n", printable(r.Action.WebhookID), printable(r.Action.Secret)); err != nil {
			return err
		}
	}
	for _, w := range r.Warnings {
		fmt.Fprintln(c.stderr, "warning: "+printable(w))
	}
	return nil
}

func (c *cli) printRouteTest(o clientOptions, got api.RouteTest) error {
	if o.json {
		return c.printJSON(got)
	}
	var b strings.Builder
	if got.Matched {
		b.WriteString("The route wants it.\n")
	} else {
		b.WriteString("The route does not want it.\n")
	}
	for _, r := range got.Routes {
		fmt.Fprintf(&b, "route    %s  %s\n", printable(r.ID), printable(r.Name))
	}
	for _, w := range got.Webhooks {
		by := "registered for it"
		if w.Route != "" {
			by = "by route " + w.Route
		}
		fmt.Fprintf(&b, "webhook  %s  %s  (%s)\n", printable(w.ID), printable(w.URL), printable(by))
	}
	if got.Exclusive {
		b.WriteString("The webhooks that are registered for it are not told.\n")
	}
	if got.NotifyAdmin {
		b.WriteString("The admins are told by SMS.\n")
	}
	_, err := io.WriteString(c.stdout, b.String())
	return err
}
