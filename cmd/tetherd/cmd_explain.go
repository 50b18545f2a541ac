package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tetherd/gateway/cause"
)

func (c *cli) explainCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain CODE",
		Short: "Explain an error code of a modem, the network or a delivery report",
		Long: `Explain an error code of a modem, of the network or of a delivery report: what it
means for the message, what is likely behind it, and what to do.

  tetherd explain 38                   in every numbering that has the code
  tetherd explain CMS 38               as in "+CMS ERROR: 38" and the errorCode of a message
  tetherd explain "+CME ERROR: 10"
  tetherd explain st 0x46              the status of a delivery report
  tetherd explain SIM busy             an error in words`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			query := strings.Join(args, " ")
			causes := cause.Find(query)
			if causes == nil {
				return usagef(`%q is not known: write a code such as "CMS 38", "CME 10" or "ST 70", or words of an error such as "SIM busy"`, query)
			}
			if asJSON {
				return c.printJSON(causes)
			}
			return c.printCauses(causes)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// numberings name the families to people.
var numberings = map[cause.Family]string{
	cause.CMS: "+CMS ERROR: message service, network and service centre",
	cause.CME: "+CME ERROR: modem",
	cause.ST:  "status of a delivery report",
}

// meanings say what the classes mean for a message.
var meanings = map[cause.Class]string{
	cause.Permanent: "The message fails: it would be refused again.",
	cause.Retry:     "The message is sent again later.",
	cause.Pause:     "The message waits until the modem can send again; the attempt does not count.",
	cause.Fix:       "The message waits until the configuration is mended; the attempt does not count.",
	cause.Unknown:   "The message may have left: evidence is awaited, then send.on_unknown decides.",
	cause.Accepted:  "The message counts as sent.",
	cause.Pending:   "The message stays sent; another report follows.",
	cause.Delivered: "The message counts as delivered.",
}

func (c *cli) printCauses(causes []cause.Cause) error {
	var b strings.Builder
	for i := range causes {
		k := &causes[i]
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s", k.Name())
		if numbering := numberings[k.Family]; numbering != "" {
			fmt.Fprintf(&b, " (%s)", numbering)
		}
		fmt.Fprintf(&b, "\n  %s\n", k.Text)
		if k.Title != "" {
			fmt.Fprintf(&b, "  In the standard: %s.\n", k.Title)
		}
		meaning := meanings[k.Class]
		if k.Family == cause.ST && k.Class == cause.Retry {
			meaning = "The message fails: the service centre gave up. Sending it again later may help."
		}
		fmt.Fprintf(&b, "  %s\n", meaning)
		if k.Elsewhere {
			b.WriteString("  Another modem may be able to send it.\n")
		}
		if len(k.Likely) > 0 {
			b.WriteString("  Likely causes:\n")
			for _, l := range k.Likely {
				fmt.Fprintf(&b, "    - %s\n", l)
			}
		}
		fmt.Fprintf(&b, "  What to do: %s\n", k.Action)
	}
	_, err := fmt.Fprint(c.stdout, b.String())
	return err
}
