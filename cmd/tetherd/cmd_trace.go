package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) traceCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "trace ID",
		Short: "Show what became of a message, step by step",
		Long: `Show the way of a message to each recipient: when it was tried, on which modem,
what the modem and the network answered, and which events were stored.`,
		Args: exactly(1, "the ID of a message"),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, err := c.connect(o, true)
			if err != nil {
				return err
			}
			t, err := conn.Trace(cmd.Context(), args[0])
			if err != nil {
				return conn.explain(err)
			}
			if o.json {
				return c.printJSON(t)
			}
			return printTrace(c.stdout, t)
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

// hopTime is how the time of a hop is shown.
const hopTime = "2006-01-02 15:04:05.000"

func printTrace(w io.Writer, t api.Trace) error {
	for _, to := range t.Recipients {
		if _, err := fmt.Fprintf(w, "%s  %s  %s\n", t.ID, printable(to.PhoneNumber), to.State); err != nil {
			return err
		}
		for i, h := range to.Hops {
			since := ""
			if i > 0 {
				since = "+" + h.At.Sub(to.Hops[i-1].At.Time).Round(time.Millisecond).String()
			}
			if _, err := fmt.Fprintf(w, "  %s  %9s  %s%s\n", h.At.Format(hopTime), since, printable(h.Description), hopNotes(h)); err != nil {
				return err
			}
		}
		if to.DroppedHops > 0 {
			if _, err := fmt.Fprintf(w, "  (%s left out of the middle)\n", count(to.DroppedHops, "step")); err != nil {
				return err
			}
		}
	}
	return nil
}

// hopNotes returns what is known of a hop beside its description.
func hopNotes(h api.Hop) string {
	notes := ""
	if h.Evidence != "" {
		notes += "  [" + printable(h.Evidence) + "]"
	}
	if h.State != "" {
		notes += "  => " + string(h.State)
	}
	if h.EventID != "" {
		notes += "  event " + h.EventID
	}
	return notes
}
