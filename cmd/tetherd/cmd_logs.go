package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) logsCommand() *cobra.Command {
	var o clientOptions
	since := 24 * time.Hour
	level := "info"
	levels := []string{"debug", "info", "warn", "error"}
	cmd := &cobra.Command{
		Use:   "logs",
		Short: "Print what a running gateway logged",
		Long: `Print what a running gateway logged, the oldest first: what it keeps for clients, from
level info on, without numbers and texts. It is stored every few seconds.`,
		Example: `  tetherd logs --since 1h --level warn`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			least := slices.Index(levels, level)
			if least < 0 || since <= 0 {
				return usagef("--level is one of %s, and --since a length of time such as 30m", strings.Join(levels, ", "))
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				all, err := conn.Logs(ctx, time.Now().Add(-since), time.Time{})
				if err != nil {
					return err
				}
				return c.printLogs(o, slices.DeleteFunc(all, func(e api.LogEntry) bool {
					return slices.Index(levels, strings.ToLower(e.Priority)) < least
				}))
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().DurationVar(&since, "since", since, "how far to look back")
	cmd.Flags().StringVar(&level, "level", level, "least `LEVEL`: debug, info, warn or error")
	return cmd
}

func (c *cli) printLogs(o clientOptions, es []api.LogEntry) error {
	if o.json {
		return c.printJSON(es)
	}
	for _, e := range es {
		line := fmt.Sprintf("%s %-5s %s", e.CreatedAt.Local().Format(time.DateTime), e.Priority, printable(e.Message))
		if e.Module != "" {
			line += " part=" + printable(e.Module)
		}
		fields := make(map[string]json.RawMessage)
		if len(e.Context) > 0 {
			if err := json.Unmarshal(e.Context, &fields); err != nil {
				return fmt.Errorf("read log: %w", err)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			line += " " + printable(name) + "=" + printable(string(fields[name]))
		}
		if _, err := fmt.Fprintln(c.stdout, line); err != nil {
			return err
		}
	}
	return nil
}
