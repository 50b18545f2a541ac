package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tetherd/modem"
)

func (c *cli) modemATCommand() *cobra.Command {
	var yes bool
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "at PORT",
		Short: "Talk to a modem in AT commands",
		Long: `Talk to a modem in AT commands, on a port that no other program uses. What the
modem says by itself is shown as it comes. Commands that may cost money or cannot
be undone are asked about first.

When the modem asks for a PDU with "> ", the next line is sent with a Ctrl-Z behind
it; an empty line gives up. Ctrl-D ends.

With commands from a pipe, one per line, the exit status is 0 if each was answered
with OK, else 2:

  echo AT+CSQ | tetherd modem at /dev/ttyUSB2`,
		Args: exactly(1, "the PORT of a modem, such as /dev/ttyUSB2"),
		RunE: func(cmd *cobra.Command, args []string) error {
			port, err := modem.OpenPort(args[0])
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			in, isFile := c.stdin.(*os.File)
			if isFile && isTerminal(in) {
				return c.talkInteractively(ctx, port, in, args[0], limit)
			}
			return c.talk(ctx, port, limit, yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "with commands from a pipe: run those that may cost money or cannot be undone")
	cmd.Flags().DurationVar(&limit, "timeout", 30*time.Second, "wait so `LONG` for an answer")
	return cmd
}

// staleFor is how long old output of a modem may take to come.
const staleFor = 200 * time.Millisecond

// talk runs the commands of standard input.
func (c *cli) talk(ctx context.Context, port io.ReadWriteCloser, limit time.Duration, yes bool) error {
	p := newATPort(port, func(line string) { fmt.Fprintln(c.stdout, printable(line)) })
	defer p.close()
	// What a program before left unread is no answer to what is asked now.
	select {
	case <-time.After(staleFor):
	case <-ctx.Done():
		return ctx.Err()
	}
	refused, n := 0, 0
	prompted := false
	lines := bufio.NewScanner(c.stdin)
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		if text == "" && !prompted {
			continue
		}
		if what := riskOf(text); what != "" && !prompted && !yes {
			return usagef("%s %s: give --yes to run it", text, what)
		}
		final, err := p.command(ctx, text, ending(text, prompted), limit)
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		if prompted = final == atPrompt; prompted {
			continue
		}
		if n++; final != "OK" {
			refused++
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read commands: %w", err)
	}
	if prompted {
		_, _ = io.WriteString(port, atEscape) // leave no half-written message
		return errors.New("the commands ended where the modem asked for more")
	}
	if refused > 0 {
		return fmt.Errorf("the modem refused %d of %s", refused, count(n, "command"))
	}
	return nil
}

const (
	atCtrlZ  = "\x1a"
	atEscape = "\x1b"
)

// ending returns what completes a line: a command, the answer to a prompt, or the
// end of one.
func ending(text string, prompted bool) string {
	switch {
	case !prompted:
		return "\r"
	case text == "":
		return atEscape
	}
	return atCtrlZ
}

// talkInteractively lets somebody at a terminal talk to the modem.
func (c *cli) talkInteractively(ctx context.Context, port io.ReadWriteCloser, in *os.File, name string, limit time.Duration) error {
	old, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return errors.Join(fmt.Errorf("prepare terminal: %w", err), port.Close())
	}
	defer func() { _ = term.Restore(int(in.Fd()), old) }() // fails only if the terminal is gone
	screen := struct {
		io.Reader
		io.Writer
	}{in, c.stdout}
	return converse(ctx, port, screen, name, limit)
}

// converse talks to the modem for somebody at a terminal in raw mode.
func converse(ctx context.Context, port io.ReadWriteCloser, screen io.ReadWriter, name string, limit time.Duration) error {
	t := term.NewTerminal(screen, "AT> ")
	say := func(format string, args ...any) { fmt.Fprintf(t, format+"\r\n", args...) }
	p := newATPort(port, func(line string) {
		if line != atPrompt {
			say("%s", printable(line))
		}
	})
	defer p.close()
	say("Connected to %s. Type AT commands; Ctrl-D ends.", printable(name))
	prompted := false
	for {
		text, err := t.ReadLine()
		switch {
		case errors.Is(err, io.EOF):
			if prompted {
				_, _ = io.WriteString(port, atEscape) // leave no half-written message
			}
			return nil
		case err != nil && !errors.Is(err, term.ErrPasteIndicator):
			return fmt.Errorf("read terminal: %w", err)
		}
		text = strings.TrimSpace(text)
		if text == "" && !prompted {
			continue
		}
		if what := riskOf(text); what != "" && !prompted && !confirm(t, what) {
			continue
		}
		final, err := p.command(ctx, text, ending(text, prompted), limit)
		prompted = err == nil && final == atPrompt
		t.SetPrompt("AT> ")
		switch {
		case prompted:
			t.SetPrompt("PDU> ")
			say("The modem asks for the message: one line, sent with Ctrl-Z; empty gives up.")
		case errors.Is(err, errNoFinal):
			say("(%v)", err)
		case err != nil:
			return err
		}
	}
}

// confirm asks whether to go on.
func confirm(t *term.Terminal, what string) bool {
	t.SetPrompt("This " + what + ". Type yes to go on: ")
	defer t.SetPrompt("AT> ")
	answer, err := t.ReadLine()
	return err == nil && strings.EqualFold(strings.TrimSpace(answer), "yes")
}
