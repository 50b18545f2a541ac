package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) settingsCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "Show or change the settings of a running gateway",
		Long: `Show the settings of a running gateway that can be changed while it runs, and
whether each was stored ("settings set", or the API) or comes from the configuration.
Secrets are not shown.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				s, err := conn.Settings(ctx)
				if err != nil {
					return err
				}
				return c.printSettings(ctx, o, conn, s)
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.AddCommand(c.settingsSetCommand())
	return cmd
}

func (c *cli) settingsSetCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "set SECTION.NAME=VALUE...",
		Short: "Change settings, which hold at once and win over the configuration",
		Long: `Change settings, all or none of those that are given. They hold at once and win over
the configuration; null stands for the configured value, and in
messages.log_lifetime_days for keeping messages for ever.`,
		Example: `  tetherd settings set messages.limit_period=PerHour messages.limit_value=100
  tetherd settings set ping.interval_seconds=null`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			change, err := settingsOf(args)
			if err != nil {
				return err
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				s, err := conn.EditSettings(ctx, change)
				if err != nil {
					return err
				}
				return c.printSettings(ctx, o, conn, s)
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

// settingsOf reads what to change. The gateway takes numbers as texts, too.
func settingsOf(args []string) (api.Settings, error) {
	out := make(api.Settings)
	for _, arg := range args {
		name, value, found := strings.Cut(arg, "=")
		section, key, dotted := strings.Cut(name, ".")
		if !found || !dotted || section == "" || key == "" {
			return nil, usagef("%q is not of the form SECTION.NAME=VALUE, such as ping.interval_seconds=60", name)
		}
		if out[section] == nil {
			out[section] = make(map[string]any)
		}
		if out[section][key] = value; value == "null" {
			out[section][key] = nil
		}
	}
	return out, nil
}

// printSettings prints each setting in a line; a dash stands for nothing, asterisks
// for what is not shown.
func (c *cli) printSettings(ctx context.Context, o clientOptions, conn connection, s api.Settings) error {
	if o.json {
		return c.printJSON(s)
	}
	sources, err := conn.SettingSources(ctx)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, section := range slices.Sorted(maps.Keys(sources)) {
		for _, name := range slices.Sorted(maps.Keys(sources[section])) {
			text := "-"
			if v, ok := s[section][name]; ok {
				text = printable(fmt.Sprint(v))
			} else if secretSetting(name) {
				text = "***"
			}
			fmt.Fprintf(t, "%s.%s\t%s\t%s\n", section, name, text, sources[section][name])
		}
	}
	return t.Flush()
}

// secretSetting reports whether the gateway never shows a setting.
func secretSetting(name string) bool {
	return name == "signing_key" || name == "passphrase" || name == "private_token"
}
