package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

// followEvery is how often new lines are asked for.
const followEvery = 500 * time.Millisecond

func (c *cli) modemTraceCommand() *cobra.Command {
	var o clientOptions
	var follow, saved bool
	cmd := &cobra.Command{
		Use:   "trace NAME",
		Short: "Show the dialogue between a running gateway and a modem",
		Long: `Show the latest dialogue between a running gateway and a modem, given by its name
or its SIM number. Lines with ">" went to the modem, those with "<" came from it,
those with "#" are remarks of the gateway. Numbers, texts, PINs and identities of
SIMs are masked.

The minute before and half a minute after each failure are kept on disk, too:
--saved lists these recordings, and shows the one whose name is given instead of a
modem's.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !saved {
				return usagef("it takes the NAME of a modem, or --saved")
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				switch {
				case saved && len(args) == 0:
					return c.listRecordings(ctx, conn, o.json)
				case saved:
					text, err := conn.Recording(ctx, args[0])
					if err == nil {
						_, err = fmt.Fprint(c.stdout, printableLines(text))
					}
					return err
				}
				return c.traceModem(ctx, conn, args[0], follow, o.json)
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with new lines as they come")
	cmd.Flags().BoolVar(&saved, "saved", false, "the recordings of failures")
	return cmd
}

// traceModem prints the dialogue, with follow until ctx ends.
func (c *cli) traceModem(ctx context.Context, conn connection, modem string, follow, asJSON bool) error {
	after := uint64(0)
	for {
		lines, err := conn.ModemTrace(ctx, modem, after)
		if err != nil {
			if ctx.Err() != nil {
				return nil // the end of following
			}
			return err
		}
		if asJSON && !follow {
			return c.printJSON(lines)
		}
		for _, l := range lines {
			if err := c.printLine(l, asJSON); err != nil {
				return err
			}
			after = l.Seq
		}
		if !follow {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
	}
}

func (c *cli) printLine(l api.RecordedLine, asJSON bool) error {
	if asJSON {
		return c.printJSON(l)
	}
	_, err := fmt.Fprintf(c.stdout, "%s %s %s\n", l.At.Local().Format("15:04:05.000"), l.Dir, printable(l.Text))
	return err
}

func (c *cli) listRecordings(ctx context.Context, conn connection, asJSON bool) error {
	saved, err := conn.Recordings(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return c.printJSON(saved)
	}
	if len(saved) == 0 {
		_, err := fmt.Fprintln(c.stdout, "There are no recordings: nothing failed yet.")
		return err
	}
	for _, r := range saved {
		if _, err := fmt.Fprintf(c.stdout, "%s  %s\n", r.At.Local().Format(time.DateTime), printable(r.Name)); err != nil {
			return err
		}
	}
	return nil
}

// printableLines makes text of several lines safe for a terminal.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = printable(l)
	}
	return strings.Join(lines, "\n")
}
