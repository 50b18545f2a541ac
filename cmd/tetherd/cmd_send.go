package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/cmd/tetherd/bulk"
	"tetherd/gateway/api"
)

// sendOptions are the flags of send.
type sendOptions struct {
	clientOptions
	id       string
	key      string
	sim      int
	modem    string
	priority int8
	ttl      time.Duration
	at       string
	encoding string
	noReport bool
	flash    bool
	smsc     string
	dataPort *int // nil: a text
	wait     time.Duration
	dryRun   bool

	file    string // instead of numbers; empty: none
	columns map[string]string
	partial bool
	most    int // messages in one request; 0: as many as there can be
}

func (c *cli) sendCommand() *cobra.Command {
	var o sendOptions
	var port int
	cmd := &cobra.Command{
		Use:   "send NUMBER[,NUMBER...] TEXT | send --file FILE [TEXT]",
		Short: "Send SMS through a running gateway",
		Long: `Send an SMS through a running gateway. When the command ends the message is
stored and will be sent, whatever happens to the gateway. With - as TEXT the text
is read from standard input. With --data-port the second argument is the content of
a data message in base64, or - for bytes from standard input.

With --file the messages are those of a file: comma-separated values (semicolons and
tabs will do) whose first line names the columns, or a JSON object per line as POST
/messages takes it. The columns are
  ` + strings.Join(bulk.Columns(), ", ") + `
of which number is needed, and text unless TEXT is given; several numbers go into one
cell with a comma between them. Flags hold for rows that say nothing else. If anything
in the file is wrong nothing is sent, and the line and the column are named. Running
the command on the same file again within a day sends nothing twice, and prints the
same; with another --key it sends all of it once more.`,
		Example: `  tetherd send +4915110000002 "Hello"
  uptime | tetherd send --wait 1m +4915110000002 -
  tetherd send --file people.csv --dry-run
  tetherd send --file people.csv --columns number=Mobile "The water is off tomorrow"`,
		Args: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("file") {
				return exactly(2, "a NUMBER and a TEXT in quotes")(cmd, args)
			}
			if len(args) > 1 {
				return usagef("with --file it takes at most a TEXT in quotes, not %s", count(len(args), "argument"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("data-port") {
				o.dataPort = &port
			}
			if cmd.Flags().Changed("file") {
				return c.sendFile(cmd.Context(), o, args)
			}
			if err := o.forFiles(); err != nil {
				return err
			}
			r, err := c.sendRequest(o, args[0], args[1])
			if err != nil {
				return err
			}
			conn, err := c.connect(o.clientOptions, true)
			if err != nil {
				return err
			}
			if o.dryRun {
				return c.plan(cmd.Context(), conn, o, r)
			}
			return c.send(cmd.Context(), conn, o, r)
		},
	}
	clientFlags(cmd, &o.clientOptions)
	f := cmd.Flags()
	f.StringVar(&o.file, "file", "", "send the messages in `FILE`, - for standard input")
	f.StringToStringVar(&o.columns, "columns", nil, "with --file: what columns are called in it, as in `number=Mobile,text=Note`; others are passed over")
	f.BoolVar(&o.partial, "partial", false, "with --file: send what the gateway accepts, although it refuses other rows")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would become of it, and send nothing")
	f.StringVar(&o.id, "id", "", "`ID` of the message; sending another with the same is refused, so that repeating the command is safe")
	f.StringVar(&o.key, "key", "", "`KEY` of this request; repeated within a day with the same key it sends nothing again (with --file: default made of the file)")
	f.IntVar(&o.sim, "sim", 0, "`NUMBER` of the modem to use, from 1 (default any)")
	f.StringVar(&o.modem, "modem", "", "`NAME` of the modem to use (default any)")
	f.Int8Var(&o.priority, "priority", 0, "from -128 to 127, higher goes first")
	f.DurationVar(&o.ttl, "ttl", 0, "give up after this time (default never)")
	f.StringVar(&o.at, "at", "", "send not before this `TIME`, such as \"2026-03-13 14:25\"")
	f.StringVar(&o.encoding, "encoding", "", "auto; smart, which replaces typographic characters to save parts; gsm7; or ucs2 (default that of the gateway)")
	f.BoolVar(&o.flash, "flash", false, "show the text at once; most phones do not keep it (class 0)")
	f.IntVar(&port, "data-port", 0, "send data, not a text, to this `PORT` of an application, 0-65535")
	f.StringVar(&o.smsc, "smsc", "", "`NUMBER` of the service centre to use (default the SIM's)")
	f.BoolVar(&o.noReport, "no-report", false, "ask for no delivery report")
	f.DurationVar(&o.wait, "wait", 0, "wait this long for the outcome, and fail if there is none")
	return cmd
}

// forFiles refuses flags that go with a file only, and those that do not go together.
func (o *sendOptions) forFiles() error {
	switch {
	case o.columns != nil || o.partial:
		return usagef("--columns and --partial go with --file")
	case o.dryRun && o.wait != 0:
		return usagef("--wait does not go with --dry-run: nothing is sent")
	}
	return nil
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
	r, err := o.request()
	if err != nil {
		return r, err
	}
	r.ID = o.id
	if data {
		r.DataMessage = &api.DataMessage{Data: text, Port: *o.dataPort}
	} else {
		r.TextMessage = &api.TextMessage{Text: text}
	}
	for n := range strings.SplitSeq(numbers, ",") {
		r.PhoneNumbers = append(r.PhoneNumbers, strings.TrimSpace(n))
	}
	return r, nil
}

// request returns what the flags say of any message.
func (o *sendOptions) request() (api.SendRequest, error) {
	report := !o.noReport
	r := api.SendRequest{Priority: o.priority, WithDeliveryReport: &report, Encoding: o.encoding, Flash: o.flash, SMSC: o.smsc}
	if o.sim != 0 {
		r.SIMNumber = &o.sim
	}
	if o.modem != "" {
		r.DeviceID = &o.modem
	}
	if o.at != "" {
		at, err := bulk.ParseTime(o.at)
		if err != nil {
			return r, usagef("--at %w", err)
		}
		r.ScheduleAt = &api.Time{Time: at}
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
