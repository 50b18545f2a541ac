package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) statusCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say how a running gateway and its modems are",
		Long: `Say how a running gateway and its modems are. The exit status is 0 unless the
verdict is fail; "warn" means that it works, but something wants attention.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, err := c.connect(o, false)
			if err != nil {
				return err
			}
			h, err := conn.Health(cmd.Context())
			if err != nil {
				return conn.explain(err)
			}
			if o.json {
				err = c.printJSON(h)
			} else {
				err = c.printHealth(h)
			}
			if err == nil && h.Status == api.Fail {
				err = errors.New("the gateway cannot do its work, see above")
			}
			return err
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

func (c *cli) printHealth(h api.Health) error {
	t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\ttetherd %s\t\n", h.Status, h.Version)
	for _, name := range slices.Sorted(maps.Keys(h.Checks)) {
		check := h.Checks[name]
		value := fmt.Sprintf("%d %s", check.ObservedValue, check.ObservedUnit)
		if check.ObservedUnit == "boolean" {
			value = ""
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", check.Status, name, value, printable(check.Description))
	}
	return t.Flush()
}
