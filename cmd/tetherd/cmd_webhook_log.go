package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

// errTestFailed is returned when a test says that a webhook does not work; what is
// wrong was printed.
var errTestFailed = errors.New("the webhook does not work")

func (c *cli) webhookTestCommand() *cobra.Command {
	var o clientOptions
	var event string
	var reach bool
	cmd := &cobra.Command{
		Use:   "test ID",
		Short: "Send a sample to a webhook, and say what came of it",
		Long: `Send a sample of an event to a webhook, signed and in the way of a real one, and
say what came of it. The sample has the header Webhook-Test: 1. Exit status 2 if
the receiver did not take it.`,
		Args: exactly(1, "the ID of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				conn.patience(testPatience)
				t, err := conn.TestWebhook(ctx, args[0], event, reach)
				if err != nil {
					return err
				}
				if o.json {
					err = c.printJSON(t)
				} else {
					err = printTest(c.stdout, t)
				}
				if err == nil && !t.OK {
					err = errTestFailed
				}
				return err
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().StringVar(&event, "event", "", "`EVENT` to send a sample of (default the first that it is registered for)")
	cmd.Flags().BoolVar(&reach, "reach", false, "only find out whether the receiver can be reached")
	return cmd
}

// testPatience is how long a receiver may be waited for.
const testPatience = 4 * time.Minute

func printTest(w io.Writer, t api.WebhookTest) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", printable(t.Request.Method), printable(t.Request.URL))
	names := make([]string, 0, len(t.Request.Header))
	for name := range t.Request.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "  %s: %s\n", printable(name), printable(t.Request.Header[name]))
	}
	if t.Request.Body != "" {
		fmt.Fprintf(&b, "  %s\n", printable(t.Request.Body))
	}
	b.WriteByte('\n')
	a := t.Answer
	if a.Code != 0 {
		fmt.Fprintf(&b, "%s\n", parts(fmt.Sprintf("HTTP %d", a.Code), printable(a.ContentType), timings(a.Timings)))
	} else {
		fmt.Fprintf(&b, "no answer, %s\n", timings(a.Timings))
	}
	for _, f := range [][2]string{{"from", a.Remote}, {"TLS", a.TLS}, {"location", a.Location}, {"retry after", a.RetryAfter}, {"error", a.Error}} {
		if f[1] != "" {
			fmt.Fprintf(&b, "  %s: %s\n", f[0], printable(f[1]))
		}
	}
	if a.Body != "" {
		fmt.Fprintf(&b, "  %s%s\n", printable(a.Body), when(a.Truncated, " …"))
	}
	fmt.Fprintf(&b, "\n%s\n", printable(t.What))
	if t.Advice != "" {
		fmt.Fprintf(&b, "%s\n", printable(t.Advice))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// timings says where the time went.
func timings(t api.Timings) string {
	step := func(name string, ms float64) string { return when(ms != 0, name+" "+milliseconds(ms)) }
	details := parts(step("name", t.DNS), step("connection", t.Connect), step("TLS", t.TLS), step("first byte", t.FirstByte))
	if details != "" {
		details = " (" + details + ")"
	}
	return "in " + milliseconds(t.Total) + details
}

func milliseconds(ms float64) string {
	if ms >= 10 {
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f ms", ms)
}

func (c *cli) webhookLogCommand() *cobra.Command {
	var o clientOptions
	q := api.HistoryQuery{Limit: 20}
	var bodies bool
	cmd := &cobra.Command{
		Use:   "log ID",
		Short: "List the attempts at deliveries to a webhook, the newest first",
		Long: `List the attempts at deliveries to a webhook, the newest first: when, which event,
the number of the attempt, the HTTP status, how long it took, what went wrong and
when it is tried again, and the ID of the delivery. An attempt with "local" is not
counted: something was wrong with this machine or its network.`,
		Args: exactly(1, "the ID of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if q.Limit < 1 || q.Limit > 500 {
				return usagef("--limit %d is not between 1 and 500", q.Limit)
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				as, err := conn.Attempts(ctx, args[0], q)
				if err != nil {
					return err
				}
				if o.json {
					return c.printJSON(as)
				}
				return printAttempts(c.stdout, as, bodies)
			})
		},
	}
	clientFlags(cmd, &o)
	f := cmd.Flags()
	f.IntVar(&q.Limit, "limit", q.Limit, "how many to show, at most 500")
	f.StringVar(&q.Delivery, "delivery", "", "only of the delivery with this `ID`")
	f.BoolVar(&bodies, "body", false, "show what the receiver answered, too")
	return cmd
}

func printAttempts(w io.Writer, as []api.Attempt, bodies bool) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, a := range as {
		status := a.Outcome
		if a.Code != 0 {
			status = fmt.Sprint(a.Code)
		}
		if a.Outcome == "local" || a.Outcome == "blocked" {
			status = a.Outcome
		}
		next := ""
		if !a.Next.IsZero() {
			next = "next " + a.Next.Format(time.DateTime)
		}
		fmt.Fprintf(t, "%s\t%s\t#%d\t%s\t%s\t%s\t%s\n", a.At.Format(time.DateTime), printable(a.Event), a.Number,
			printable(status), milliseconds(a.Timings.Total), printable(a.Delivery), parts(printable(a.Error), next))
		if bodies && a.Body != "" {
			fmt.Fprintf(t, "    %s%s\n", printable(a.Body), when(a.Truncated, " …"))
		}
	}
	return t.Flush()
}

func (c *cli) webhookRedeliverCommand() *cobra.Command {
	var o clientOptions
	var newID bool
	cmd := &cobra.Command{
		Use:   "redeliver ID DELIVERY...",
		Short: "Make deliveries to a webhook again, now",
		Long: `Make deliveries to a webhook again, now. They keep their IDs, by which receivers
know what they had; "tetherd webhook log" shows them.`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				for _, id := range args[1:] {
					d, err := conn.Redeliver(ctx, args[0], id, newID)
					if err != nil {
						return fmt.Errorf("%s: %w", id, err)
					}
					if o.json {
						err = c.printJSON(d)
					} else {
						_, err = fmt.Fprintf(c.stdout, "%s  %s  %s, %s so far\n", printable(d.ID), printable(d.Event), d.State, count(d.Attempts, "attempt"))
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().BoolVar(&newID, "new-id", false, "give them other IDs, for a receiver that is to take them twice")
	return cmd
}
