package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

// ussdPatience is how long an answer of the network may take.
const ussdPatience = 3 * time.Minute

func (c *cli) modemUSSDCommand() *cobra.Command {
	var o clientOptions
	cmd := &cobra.Command{
		Use:   "ussd NAME CODE",
		Short: "Run a service code of the operator, such as *100#",
		Long: `Run a service code of the operator on a modem of a running gateway, given by its
name or its SIM number, and print the answer. It may cost money, depending on the
code. On a terminal menus can be answered; elsewhere the session is ended.

  tetherd modem ussd office '*100#'`,
		Args: exactly(2, "the NAME of a modem and a CODE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				conn.patience(ussdPatience)
				return c.ussd(ctx, conn, args[0], api.USSDQuery{Code: args[1]}, o.json)
			})
		},
	}
	clientFlags(cmd, &o)
	return cmd
}

// ussd runs a code and, on a terminal, the menus behind it.
func (c *cli) ussd(ctx context.Context, conn connection, modem string, q api.USSDQuery, asJSON bool) error {
	in, ok := c.stdin.(*os.File)
	answers := ok && isTerminal(in) && !asJSON
	lines := bufio.NewReader(c.stdin)
	for {
		if answers {
			fmt.Fprintln(c.stderr, "Waiting for the network, up to a minute …")
		}
		a, err := conn.USSD(ctx, modem, q)
		if err != nil {
			return err
		}
		if asJSON {
			err = c.printJSON(a)
		} else {
			_, err = fmt.Fprintln(c.stdout, ussdText(a))
		}
		if err != nil {
			return err
		}
		if a.Status != api.USSDReplyNeeded {
			return nil
		}
		if !answers {
			return conn.EndUSSD(ctx, modem)
		}
		fmt.Fprint(c.stderr, "Reply (nothing ends): ")
		line, err := lines.ReadString('\n')
		q = api.USSDQuery{Reply: strings.TrimSpace(line)}
		if err != nil || q.Reply == "" {
			return conn.EndUSSD(ctx, modem)
		}
	}
}

// ussdText returns an answer for people.
func ussdText(a api.USSDAnswer) string {
	lines := strings.Split(a.Text, "\n")
	for i, l := range lines {
		lines[i] = printable(strings.TrimSuffix(l, "\r"))
	}
	text := strings.Join(lines, "\n")
	if text != "" {
		return text
	}
	switch a.Status {
	case "not-supported":
		return "(the network does not know this code)"
	case "terminated":
		return "(the network ended the session)"
	case "timeout":
		return "(the network waited too long)"
	case "elsewhere":
		return "(another program or the SIM answered)"
	}
	return "(the network answered without a text)"
}
