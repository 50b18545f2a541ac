package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) inboxCommand() *cobra.Command {
	var o clientOptions
	limit := 20
	cmd := &cobra.Command{
		Use:   "inbox",
		Short: "List received SMS, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 500 {
				return usagef("--limit %d is not between 1 and 500", limit)
			}
			conn, err := c.connect(o, true)
			if err != nil {
				return err
			}
			items, total, err := conn.Inbox(cmd.Context(), api.InboxQuery{Limit: limit})
			if err != nil {
				return conn.explain(err)
			}
			if o.json {
				return c.printJSON(items)
			}
			for _, in := range items {
				note := ""
				if in.MissingParts > 0 {
					note = fmt.Sprintf("  (%s missing)", count(in.MissingParts, "part"))
				}
				if _, err := fmt.Fprintf(c.stdout, "%s  %s  %s%s\n",
					in.CreatedAt.Format(time.DateTime), printable(in.Sender), printable(in.ContentPreview), note); err != nil {
					return err
				}
			}
			if total > len(items) {
				fmt.Fprintf(c.stderr, "%d of %d; --limit shows more\n", len(items), total)
			}
			return nil
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().IntVar(&limit, "limit", limit, "how many to show, at most 500")
	return cmd
}
