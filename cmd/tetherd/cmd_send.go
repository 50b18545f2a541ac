package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

// sendOptions are the flags of send.
type sendOptions struct {
	clientOptions
	id       string
	sim      int
	priority int8
	ttl      time.Duration
	noReport bool
	flash    bool
	smsc     string
	dataPort *int // nil: a text
	wait     time.Duration
}

func (c *cli) sendCommand() *cobra.Command {
	var o sendOptions
	var port int
	cmd := &cobra.Command{
		Use:   "send NUMBER[,NUMBER...] TEXT",
		Short: "Send an SMS through a running gateway",
		Long: `Send an SMS through a running gateway. When the command ends the message is
stored and will be sent, whatever happens to the gateway. With - as TEXT the text
is read from standard input. With --data-port the second argument is the content of
a data message in base64, or - for bytes from standard input.`,
		Example: "  tetherd send +4915110000002 \"Hello\"\n  uptime | tetherd send --wait 1m +4915110000002 -",
		Args:    exactly(2, "a NUMBER and a TEXT in quotes"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("data-port") {
				o.dataPort = &port
			}
			r, err := c.sendRequest(o, args[0], args[1])
			if err != nil {
				return err
			}
			conn, err := c.connect(o.clientOptions, true)
			if err != nil {
				return err
			}
			return c.send(cmd.Context(), conn, o, r)
		},
	}
	clientFlags(cmd, &o.clientOptions)
	f := cmd.Flags()
	f.StringVar(&o.id, "id", "", "`ID` of the message; sending another with the same is refused, so that repeating the command is safe")
	f.IntVar(&o.sim, "sim", 0, "`NUMBER` of the modem to use, from 1 (default any)")
	f.Int8Var(&o.priority, "priority", 0, "from -128 to 127, higher goes first")
	f.DurationVar(&o.ttl, "ttl", 0, "give up after this time (default never)")
	f.BoolVar(&o.flash, "flash", false, "show the text at once; most phones do not keep it (class 0)")
	f.IntVar(&port, "data-port", 0, "send data, not a text, to this `PORT` of an application, 0-65535")
	f.StringVar(&o.smsc, "smsc", "", "`NUMBER` of the service centre to use (default the SIM's)")
	f.BoolVar(&o.noReport, "no-report", false, "ask for no delivery report")
	f.DurationVar(&o.wait, "wait", 0, "wait this long for the outcome, and fail if there is none")
	return cmd
}

func (c *cli) sendRequest(o sendOptions, numbers, text string) (api.SendRequest, error) {
	data := o.dataPort != nil
	if data && (*o.dataPort < 0 || *o.dataPort > math.MaxUint16) {
		return api.SendRequest{}, usagef("--data-port %d is not between 0 and 65535", *o.dataPort)
	}
	if text == "-" {
		b, err := io.ReadAll(io.LimitReader(c.stdin, 1<<20))
		if err != nil {
			return api.SendRequest{}, fmt.Errorf("read standard input: %w", err)
		}
		if text = strings.TrimRight(string(b), "\r\n"); data {
			text = base64.StdEncoding.EncodeToString(b)
		}
	}
	report := !o.noReport
	r := api.SendRequest{
		ID: o.id, Priority: o.priority, WithDeliveryReport: &report, Flash: o.flash, SMSC: o.smsc,
	}
	if data {
		r.DataMessage = &api.DataMessage{Data: text, Port: *o.dataPort}
	} else {
		r.TextMessage = &api.TextMessage{Text: text}
	}
	for n := range strings.SplitSeq(numbers, ",") {
		r.PhoneNumbers = append(r.PhoneNumbers, strings.TrimSpace(n))
	}
	if o.sim != 0 {
		r.SIMNumber = &o.sim
	}
	if o.ttl != 0 {
		if o.ttl < time.Second || o.ttl > 20*365*24*time.Hour {
			return r, usagef("--ttl %s is not between 1s and 20 years", o.ttl)
		}
		seconds := int32(o.ttl / time.Second)
		r.TTL = &seconds
	}
	return r, nil
}

// pollInterval is how often the outcome is asked for.
const pollInterval = 300 * time.Millisecond

func (c *cli) send(ctx context.Context, conn connection, o sendOptions, r api.SendRequest) error {
	m, err := conn.Send(ctx, r)
	if err != nil {
		return conn.explain(err)
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
		line := fmt.Sprintf("%s  %s  %s", m.ID, printable(to.PhoneNumber), to.State)
		if to.PossibleDuplicate {
			line += "  possibly twice"
		}
		if to.Error != "" {
			line += "  " + printable(to.Error)
		}
		if to.Waiting != "" {
			line += "  waiting: " + printable(to.Waiting)
		}
		if _, err := fmt.Fprintln(c.stdout, line); err != nil {
			return err
		}
	}
	return nil
}
