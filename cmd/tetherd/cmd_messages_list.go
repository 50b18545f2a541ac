package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tetherd/cmd/tetherd/bulk"
	"tetherd/gateway/api"
)

// listFlags select messages.
type listFlags struct {
	clientOptions
	state, from, to, modem string
	limit                  int
	oldest, texts          bool
}

func (c *cli) messagesListCommand() *cobra.Command {
	var o listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what was sent or is to be sent, the newest first",
		Example: `  tetherd messages list --state Failed --from 2026-03-13
  tetherd messages list --state Pending --oldest`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := o.query()
			if err != nil {
				return err
			}
			return c.call(cmd.Context(), o.clientOptions, func(ctx context.Context, conn connection) error {
				if o.modem != "" { // which nobody counts
					return c.findMessages(ctx, conn, &o, q)
				}
				ms, total, err := conn.Messages(ctx, q)
				if err != nil {
					return err
				}
				if err := c.printMessages(o.clientOptions, ms, o.texts); err != nil {
					return err
				}
				if total > len(ms) && !o.json {
					fmt.Fprintf(c.stderr, "%d of %d; --limit shows more\n", len(ms), total)
				}
				return nil
			})
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.oldest, "oldest", false, "the oldest first")
	return cmd
}

func (c *cli) messagesSearchCommand() *cobra.Command {
	var o listFlags
	cmd := &cobra.Command{
		Use:   "search TEXT",
		Short: "List messages that have a text, a number or an ID in them, the newest first",
		Args:  exactly(1, "a TEXT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := o.query()
			if err != nil {
				return err
			}
			q.Search = args[0]
			return c.call(cmd.Context(), o.clientOptions, func(ctx context.Context, conn connection) error {
				return c.findMessages(ctx, conn, &o, q)
			})
		},
	}
	o.flags(cmd)
	return cmd
}

func (o *listFlags) flags(cmd *cobra.Command) {
	clientFlags(cmd, &o.clientOptions)
	f := cmd.Flags()
	f.StringVar(&o.state, "state", "", "only those in this `STATE`: Pending, Processed, Sent, Delivered, Failed or Cancelled")
	f.StringVar(&o.from, "from", "", "only those since this `TIME`, such as 2026-03-13 or \"2026-03-13 14:25\"")
	f.StringVar(&o.to, "to", "", "only those up to this `TIME`")
	f.StringVar(&o.modem, "modem", "", "only those of the modem with this `NAME`")
	f.IntVar(&o.limit, "limit", 20, "how many to show, at most 500")
	f.BoolVar(&o.texts, "text", false, "show the texts, too")
}

// query returns what the flags select.
func (o *listFlags) query() (q api.MessageQuery, err error) {
	q = api.MessageQuery{Limit: o.limit, Oldest: o.oldest, IncludeContent: o.texts, DeviceID: o.modem}
	if o.limit < 1 || o.limit > 500 {
		return q, usagef("--limit %d is not between 1 and 500", o.limit)
	}
	states := []string{string(api.Pending), string(api.Processed), string(api.Sent), string(api.Delivered), string(api.Failed), string(api.Cancelled)}
	for _, s := range states {
		if strings.EqualFold(o.state, s) {
			q.State = api.State(s)
		}
	}
	if o.state != "" && q.State == "" {
		return q, usagef("--state %s is none of %s", o.state, strings.Join(states, ", "))
	}
	if q.From, err = momentFlag("from", o.from); err != nil {
		return q, err
	}
	q.To, err = momentFlag("to", o.to)
	return q, err
}

// momentFlag reads the time that a flag gives; zero if there is none.
func momentFlag(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := bulk.ParseTime(text)
	if err != nil {
		return at, usagef("--%s %w", name, err)
	}
	return at, nil
}

// findMessages prints what a search finds, which takes several requests where there is
// much to look at.
func (c *cli) findMessages(ctx context.Context, conn connection, o *listFlags, q api.MessageQuery) error {
	ms := []api.Message{}
	for {
		q.Limit = o.limit - len(ms)
		page, next, err := conn.FindMessages(ctx, q)
		if err != nil {
			return err
		}
		ms = append(ms, page...)
		if q.Before = next; next == "" || len(ms) >= o.limit {
			break
		}
	}
	if err := c.printMessages(o.clientOptions, ms, o.texts); err != nil {
		return err
	}
	if q.Before != "" && !o.json {
		fmt.Fprintln(c.stderr, "there may be more; --limit shows more")
	}
	return nil
}

// printMessages prints messages, one on a line.
func (c *cli) printMessages(o clientOptions, ms []api.Message, texts bool) error {
	if o.json {
		return c.printJSON(ms)
	}
	t := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for i := range ms {
		m := &ms[i]
		note := messageNote(m)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s%s\n", m.ID, dateTime(m.CreatedAt), m.State, printable(numbersOf(m)), when(note != "", "\t"+printable(note)))
		if texts {
			fmt.Fprintf(t, "    %s\n", printable(contentOf(m)))
		}
	}
	return t.Flush()
}

// mostNumbers is how many numbers of a message stand on its line.
const mostNumbers = 3

// numbersOf returns the numbers that a message is for.
func numbersOf(m *api.Message) string {
	var numbers []string
	for i, to := range m.Recipients {
		if i == mostNumbers {
			numbers = append(numbers, fmt.Sprintf("and %d more", len(m.Recipients)-mostNumbers))
			break
		}
		numbers = append(numbers, to.PhoneNumber)
	}
	return strings.Join(numbers, ",")
}

// messageNote says what there is to say of a message on its line.
func messageNote(m *api.Message) string {
	notes := make([]string, 0, 4)
	for _, to := range m.Recipients {
		if to.Error != "" {
			notes = append(notes, to.Error)
			break
		}
	}
	if m.Waiting != "" {
		notes = append(notes, "waiting: "+m.Waiting)
	}
	if m.RetryOf != "" {
		notes = append(notes, "retry of "+m.RetryOf)
	}
	if m.RetriedBy != "" {
		notes = append(notes, "sent again as "+m.RetriedBy)
	}
	return strings.Join(notes, "; ")
}

// contentOf returns the content of a message, as far as there is one to read.
func contentOf(m *api.Message) string {
	switch {
	case m.DataMessage != nil:
		return fmt.Sprintf("data to port %d: %s", m.DataMessage.Port, m.DataMessage.Data)
	case m.TextMessage != nil:
		return m.TextMessage.Text
	}
	return ""
}

// unknownMessage says which message it is that does not exist: the API answers with no
// more than its status.
func unknownMessage(id string, err error) error {
	if e, ok := errors.AsType[*api.Error](err); ok && e.Status == http.StatusNotFound {
		return fmt.Errorf("%s: there is no message with this ID", id)
	}
	return fmt.Errorf("%s: %w", id, err)
}
