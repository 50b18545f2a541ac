package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

// jobCheck is how often it is looked how far a job is.
const jobCheck = 500 * time.Millisecond

func (c *cli) webhookRecoverCommand() *cobra.Command {
	var o clientOptions
	var since, until string
	var states []string
	var missing, noWait bool
	cmd := &cobra.Command{
		Use:   "recover ID",
		Short: "Make again what was given up, or was never sent to a webhook",
		Long: `Make deliveries to a webhook again that were given up, blocked or dropped, as far as
they are kept (webhooks.history). With --missing deliver instead what happened
before the webhook was registered, or while it wanted other events.

Doing it twice does no harm: only what still needs it is done.`,
		Example: `  tetherd webhook recover ID --since 12h
  tetherd webhook recover ID --missing --since 2026-03-13T00:00:00+01:00`,
		Args: exactly(1, "the ID of a webhook"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := api.RecoverRequest{State: states}
			var err error
			if r.Since, err = pastTime("since", since); err != nil {
				return err
			}
			if r.Until, err = pastTime("until", until); err != nil {
				return err
			}
			if missing && (len(states) > 0 || until != "") {
				return usagef("--missing takes --since alone")
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				var j api.Job
				var err error
				if missing {
					j, err = conn.ReplayMissing(ctx, args[0], r.Since.Time)
				} else {
					j, err = conn.Recover(ctx, args[0], r)
				}
				if err != nil {
					return err
				}
				return c.follow(ctx, o, conn, j, noWait)
			})
		},
	}
	clientFlags(cmd, &o)
	f := cmd.Flags()
	f.StringVar(&since, "since", "", "only what happened since a `TIME`, such as 12h for twelve hours ago, or 2026-03-13T14:25:16+01:00")
	f.StringVar(&until, "until", "", "only what ended before a `TIME`")
	f.StringSliceVar(&states, "state", nil, "only deliveries in this `STATE`: exhausted, blocked, dropped or cancelled, may be repeated")
	f.BoolVar(&missing, "missing", false, "what was never sent to it")
	f.BoolVar(&noWait, "no-wait", false, "do not wait until it is done")
	return cmd
}

// pastTime reads a point in time, or how long ago it was.
func pastTime(flag, text string) (t api.Time, err error) {
	if text == "" {
		return t, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return api.Time{Time: time.Now().Add(-d)}, nil
	}
	if t, err = api.ParseTime(text); err != nil {
		return t, usagef("--%s %s is neither a duration such as 12h nor a date and time with its offset, such as 2026-03-13T14:25:16+01:00", flag, text)
	}
	return t, nil
}

// follow waits for a job and says how far it is.
func (c *cli) follow(ctx context.Context, o clientOptions, conn connection, j api.Job, noWait bool) error {
	tick := time.NewTicker(jobCheck)
	defer tick.Stop()
	for told := -1; !noWait && j.EndedAt.IsZero(); {
		if j.Done != told && j.Total > 0 && !o.json {
			fmt.Fprintf(c.stderr, "%d of %d\n", j.Done, j.Total)
			told = j.Done
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		var err error
		if j, err = conn.Job(ctx, j.Webhook, j.ID); err != nil {
			return err
		}
	}
	if o.json {
		if err := c.printJSON(j); err != nil {
			return err
		}
	} else if err := c.printJob(j); err != nil {
		return err
	}
	if j.Error != "" {
		return errors.New(printable(j.Error))
	}
	return nil
}

func (c *cli) printJob(j api.Job) error {
	verb := "begin again"
	if j.Kind == "replay-missing" {
		verb = "are new"
	}
	text := fmt.Sprintf("looked at %d, %d of them %s", j.Done, j.Changed, verb)
	switch {
	case j.EndedAt.IsZero():
		text = fmt.Sprintf("job %s is %s", printable(j.ID), printable(j.State))
	case j.Done == 0:
		text = "there is nothing to do"
	}
	_, err := fmt.Fprintln(c.stdout, text)
	return err
}
