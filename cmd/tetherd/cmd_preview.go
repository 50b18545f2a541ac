package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tetherd/gateway/api"
)

func (c *cli) previewCommand() *cobra.Command {
	var o clientOptions
	var encoding string
	var to []string
	cmd := &cobra.Command{
		Use:   "preview TEXT",
		Short: "Say how a text would be sent: alphabet, parts, and what makes it longer",
		Long: `Say how a text would be sent: in which alphabet and how many parts, which of its
characters are not in the alphabet of GSM and make it longer, and what --encoding smart
would save, which replaces typographic characters. With - as TEXT it is read from
standard input. "tetherd send --dry-run" says who would be sent it, and by which modem.`,
		Example: `  tetherd preview "“Ready” – see you at 8"`,
		Args:    exactly(1, "a TEXT in quotes"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text := args[0]
			if text == "-" {
				b, err := io.ReadAll(io.LimitReader(c.stdin, 1<<20))
				if err != nil {
					return fmt.Errorf("read standard input: %w", err)
				}
				text = strings.TrimRight(string(b), "\r\n")
			}
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				p, err := conn.Preview(ctx, api.SendRequest{TextMessage: &api.TextMessage{Text: text}, Encoding: encoding, PhoneNumbers: to})
				if err != nil {
					return err
				}
				if o.json {
					return c.printJSON(p)
				}
				return printPreview(c.stdout, p)
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().StringVar(&encoding, "encoding", "", "auto, smart, gsm7 or ucs2 (default that of the gateway)")
	cmd.Flags().StringSliceVar(&to, "to", nil, "`NUMBERS` to check, too")
	return cmd
}

func printPreview(w io.Writer, p api.Preview) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", p.Encoding, layoutText(p.Layout))
	if p.Parts > 1 {
		for i, text := range p.Texts {
			fmt.Fprintf(&b, "  %d  %s\n", i+1, printable(text))
		}
	}
	for _, m := range p.Misfits {
		positions := make([]string, 0, mostPositions)
		for i, n := range m.Positions {
			if i == mostPositions {
				positions = append(positions, "…")
				break
			}
			positions = append(positions, fmt.Sprint(n+1))
		}
		what := "smart cannot replace it"
		switch {
		case m.Replacement != nil && *m.Replacement == "":
			what = "smart leaves it out"
		case m.Replacement != nil:
			what = fmt.Sprintf("smart writes %s", *m.Replacement)
		}
		fmt.Fprintf(&b, "  %s  %s at %s: %s\n", printable(m.Character), m.CodePoint, strings.Join(positions, ", "), printable(what))
	}
	if p.Encoding != "smart" && len(p.Misfits) > 0 {
		saves := "saves nothing"
		if p.Smart.Saves > 0 {
			saves = "saves " + count(p.Smart.Saves, "part")
		}
		fmt.Fprintf(&b, "smart: %s, %s, %s\n", p.Smart.Alphabet, count(p.Smart.Parts, "part"), saves)
		if p.Smart.Saves > 0 {
			fmt.Fprintf(&b, "  %s\n", printable(p.Smart.Text))
		}
	}
	for _, to := range p.Recipients {
		fmt.Fprintf(&b, "%s\n", printable(to.PhoneNumber+asDialled(to)+when(to.Error != "", "  "+to.Error)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// asDialled says what a number is dialled as, if that is not how it was given.
func asDialled(to api.PlannedRecipient) string {
	return when(to.Normalized != "" && to.Normalized != to.PhoneNumber, "  as "+to.Normalized)
}

// mostPositions is how many places of a character are shown.
const mostPositions = 8
