package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

// eventsPage is how many events are asked for at a time.
const eventsPage = 500

func (c *cli) eventsCommand() *cobra.Command {
	var o clientOptions
	var q api.EventQuery
	follow := false
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List what happened in a running gateway, the oldest first",
		Long: `List the events that a running gateway keeps, the oldest first, whether a webhook
is registered for them or not. With --follow it begins with the next one instead, or
behind --after, and shows events as they happen until it is interrupted. When the
gateway is restarted it goes on where it stopped.`,
		Example: `  tetherd events --type sms:received,sms:failed
  tetherd events --follow --json | jq .payload`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				if follow {
					return c.followEvents(ctx, conn, o, q)
				}
				return c.listEvents(ctx, conn, o, q)
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "show events as they happen")
	cmd.Flags().StringVar(&q.After, "after", "", "show only events behind this `CURSOR`, the number in the second column; 0 is the oldest")
	cmd.Flags().StringSliceVar(&q.Event, "type", nil, "show only events of these `TYPES`, such as sms:received")
	return cmd
}

func (c *cli) listEvents(ctx context.Context, conn connection, o clientOptions, q api.EventQuery) error {
	q.Limit = eventsPage
	for {
		p, err := conn.Events(ctx, q)
		if err != nil {
			return err
		}
		if p.Gap {
			c.warnGap()
		}
		for i := range p.Events {
			if err := c.printEvent(o, &p.Events[i]); err != nil {
				return err
			}
		}
		// What is rare is looked for in pieces: a page may have none of it.
		if last := cmp.Or(q.After, "0"); len(p.Events) < eventsPage && (len(q.Event) == 0 || p.Next == last) {
			return nil
		}
		q.After = p.Next
	}
}

// followEvents shows events until ctx ends. A connection that ends is made again; a
// gateway that refuses is not asked again.
func (c *cli) followEvents(ctx context.Context, conn connection, o clientOptions, q api.EventQuery) error {
	wait := backoff.NewExponentialBackOff(backoff.WithInitialInterval(time.Second), backoff.WithMaxInterval(30*time.Second), backoff.WithMaxElapsedTime(0))
	connected := false
	for {
		var printing error
		err := conn.Stream(ctx, q, func(e api.Event, missed bool) error {
			q.After = cmp.Or(e.Cursor, q.After)
			if missed {
				c.warnGap()
				return nil
			}
			connected = true
			wait.Reset()
			printing = c.printEvent(o, &e)
			return printing
		})
		refused, isRefused := errors.AsType[*api.Error](err)
		switch {
		case ctx.Err() != nil:
			return nil
		case printing != nil:
			return printing
		case isRefused && refused.Status < 500, isRefused && !connected:
			return err
		}
		fmt.Fprintf(c.stderr, "tetherd: the gateway is gone (%v), trying again\n", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait.NextBackOff()):
		}
	}
}

func (c *cli) warnGap() {
	fmt.Fprintln(c.stderr, "tetherd: events were not kept long enough, some are missing here")
}

// printEvent prints an event on one line; as JSON, too, so that each can be read as it
// comes.
func (c *cli) printEvent(o clientOptions, e *api.Event) error {
	if o.json {
		if err := json.NewEncoder(c.stdout).Encode(e); err != nil {
			return fmt.Errorf("print: %w", err)
		}
		return nil
	}
	_, err := fmt.Fprintf(c.stdout, "%s  %s  %s  %s\n", dateTime(e.At), e.Cursor, printable(e.Event), printable(string(e.Payload)))
	return err
}
