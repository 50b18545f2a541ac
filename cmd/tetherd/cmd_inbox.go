package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) inboxCommand() *cobra.Command {
	var o clientOptions
	var search, modem, from, to string
	limit, raw := 20, false
	cmd := &cobra.Command{
		Use:   "inbox",
		Short: "List received SMS, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > 500 {
				return usagef("--limit %d is not between 1 and 500", limit)
			}
			q := api.InboxQuery{Limit: limit, Raw: raw, Search: search, DeviceID: modem}
			var err error
			if q.From, err = momentFlag("from", from); err != nil {
				return err
			}
			if q.To, err = momentFlag("to", to); err != nil {
				return err
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				return c.inbox(ctx, conn, o, q)
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().IntVar(&limit, "limit", limit, "how many to show, at most 500")
	f := cmd.Flags()
	f.BoolVar(&raw, "raw", false, "show the PDUs as they were received, too")
	f.StringVar(&search, "search", "", "only those with this `TEXT` in them, or in the sender")
	f.StringVar(&modem, "modem", "", "only those that came to the modem with this `NAME`")
	f.StringVar(&from, "from", "", "only those since this `TIME`, such as 2026-03-13 or \"2026-03-13 14:25\"")
	f.StringVar(&to, "to", "", "only those up to this `TIME`")
	return cmd
}

// inbox prints what was received.
func (c *cli) inbox(ctx context.Context, conn connection, o clientOptions, q api.InboxQuery) error {
	items := []api.InboxItem{}
	more := ""
	if q.Search == "" && q.DeviceID == "" {
		var total int
		var err error
		if items, total, err = conn.Inbox(ctx, q); err != nil {
			return err
		}
		if total > len(items) {
			more = fmt.Sprintf("%d of %d; --limit shows more", len(items), total)
		}
	} else {
		for limit := q.Limit; ; {
			page, next, err := conn.FindInbox(ctx, q)
			if err != nil {
				return err
			}
			items = append(items, page...)
			q.Before, q.Limit = next, limit-len(items)
			if next == "" || q.Limit <= 0 {
				break
			}
		}
		if q.Before != "" {
			more = "there may be more; --limit shows more"
		}
	}
	if o.json {
		return c.printJSON(items)
	}
	for _, in := range items {
		if err := printIncoming(c.stdout, in); err != nil {
			return err
		}
	}
	if more != "" {
		fmt.Fprintln(c.stderr, more)
	}
	return nil
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
