package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) inboxCommand() *cobra.Command {
	var o clientOptions
	limit, raw := 20, false
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
			items, total, err := conn.Inbox(cmd.Context(), api.InboxQuery{Limit: limit, Raw: raw})
			if err != nil {
				return conn.explain(err)
			}
			if o.json {
				return c.printJSON(items)
			}
			for _, in := range items {
				if err := printIncoming(c.stdout, in); err != nil {
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
	cmd.Flags().BoolVar(&raw, "raw", false, "show the PDUs as they were received, too")
	return cmd
}

func printIncoming(w io.Writer, in api.InboxItem) error {
	line := fmt.Sprintf("%s  %s  %s", in.CreatedAt.Format(time.DateTime), printable(in.Sender), printable(in.ContentPreview))
	if notes := incomingNotes(in); len(notes) > 0 {
		line += "  (" + strings.Join(notes, ", ") + ")"
	}
	for _, pdu := range in.Raw {
		line += "\n    " + printable(pdu)
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// incomingNotes returns what is special about an incoming message.
func incomingNotes(in api.InboxItem) []string {
	var notes []string
	add := func(is bool, note string) {
		if is {
			notes = append(notes, note)
		}
	}
	switch in.Type {
	case "DATA_SMS":
		note := "data"
		if in.Port != nil {
			note += fmt.Sprintf(" to port %d", *in.Port)
		}
		add(true, note)
	case "MMS":
		add(true, "MMS")
	}
	add(in.MissingParts > 0, count(in.MissingParts, "part")+" missing")
	add(in.Completes, "with parts that came late")
	add(in.Replaces != "" && !in.Completes, "replaces an earlier one")
	add(in.ReplacedBy != "", "replaced")
	add(in.ProbableDuplicate, "probably a duplicate")
	add(in.Flash, "flash")
	add(in.Silent, "silent")
	add(in.Canary != "", "canary of "+printable(in.Canary))
	for _, w := range in.Waiting {
		note := printable(w.Kind) + " waiting"
		switch {
		case !w.Active:
			note = "no " + note
		case w.Count != nil:
			note += fmt.Sprintf(": %d", *w.Count)
		}
		add(true, note)
	}
	return notes
}
