package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tetherd/gateway/api"
)

// pollInterval is how often the outcome is asked for.
const pollInterval = 300 * time.Millisecond

func (c *cli) send(ctx context.Context, conn connection, o sendOptions, r api.SendRequest) error {
	m, replayed, err := conn.SendOnce(ctx, o.key, r)
	if err != nil {
		return conn.explain(err)
	}
	if replayed {
		fmt.Fprintln(c.stderr, "tetherd: this was sent before with the same --key, and is not sent again")
	}
	if o.wait > 0 {
		if m, err = await(ctx, conn, m, o.wait); err != nil {
			return err
		}
	}
	if err := c.printMessage(o, m); err != nil {
		return err
	}
	if o.wait == 0 {
		return nil
	}
	for _, to := range m.Recipients {
		switch {
		case to.State == api.Failed || to.State == api.Cancelled:
			return errors.New("not every recipient could be sent to")
		case open(to.State):
			return fmt.Errorf("no outcome within %s: the gateway goes on trying, ask it again with the ID", o.wait)
		}
	}
	return nil
}

// open reports whether a recipient in state s has not been sent to yet.
func open(s api.State) bool { return s == api.Pending || s == api.Processed }

// await asks for m until every recipient has been sent to or failed, or the time
// is up.
func await(ctx context.Context, conn connection, m api.Message, limit time.Duration) (api.Message, error) {
	end := time.NewTimer(limit)
	defer end.Stop()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		waiting := false
		for _, to := range m.Recipients {
			waiting = waiting || open(to.State)
		}
		if !waiting {
			return m, nil
		}
		select {
		case <-ctx.Done():
			return m, ctx.Err()
		case <-end.C:
			return m, nil
		case <-tick.C:
		}
		next, err := conn.Message(ctx, m.ID)
		if err != nil {
			return m, conn.explain(err)
		}
		m = next
	}
}

func (c *cli) printMessage(o sendOptions, m api.Message) error {
	if o.json {
		return c.printJSON(m)
	}
	for _, to := range m.Recipients {
		if _, err := fmt.Fprintf(c.stdout, "%s  %s  %s\n", m.ID, printable(to.PhoneNumber), printable(recipientText(to))); err != nil {
			return err
		}
	}
	return nil
}
