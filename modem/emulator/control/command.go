package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// command is one entry of the table.
type command struct {
	name   string
	params []string // those in brackets may be left out
	help   string
	reads  bool // changes nothing
	run    func(ctx context.Context, b *Bench, a args) (any, error)
}

// ErrQuit is what Interpret returns for "quit".
var ErrQuit = errors.New("quit")

// Mistake is an error of the user: an unknown command, or a parameter that is missing or
// wrong.
type Mistake struct{ Text string }

func (m Mistake) Error() string { return m.Text }

func mistake(format string, a ...any) error { return Mistake{fmt.Sprintf(format, a...)} }

// args are the parameters of one call, by name.
type args map[string]string

// number reads a parameter that is a whole number, def if it was left out.
func (a args) number(name string, def, least, most int) (int, error) {
	text, given := a[name]
	if !given {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, mistake("%s: %q is no number from %d to %d", name, text, least, most)
	}
	return n, nil
}

// choice reads a parameter that is one of some words.
func (a args) choice(name string, words ...string) (string, error) {
	if slices.Contains(words, a[name]) {
		return a[name], nil
	}
	return "", mistake("%s: %q is none of %s", name, a[name], strings.Join(words, ", "))
}

// optional tells whether a parameter may be left out, and its bare name.
func optional(param string) (string, bool) {
	name, cut := strings.CutPrefix(param, "[")
	return strings.TrimSuffix(name, "]"), cut
}

// usage is the command as it is typed.
func (c command) usage() string {
	parts := []string{c.name}
	for _, p := range c.params {
		parts = append(parts, strings.ToUpper(p))
	}
	return strings.Join(parts, " ")
}

// check finds parameters that are missing or unknown.
func (c command) check(a args) error {
	known := map[string]bool{}
	for _, p := range c.params {
		name, mayLack := optional(p)
		known[name] = true
		if a[name] == "" && !mayLack {
			return mistake("%s: is missing: use %s", name, c.usage())
		}
	}
	for name := range a {
		if !known[name] {
			return mistake("%s: is no parameter of %s: use %s", name, c.name, c.usage())
		}
	}
	return nil
}

// find looks a command up.
func find(name string) (command, error) {
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
	}
	return command{}, mistake("there is no command %q: \"help\" lists them", name)
}

// Interpret carries out one line and returns what to print, lines without an end. Blank
// lines and those that begin with '#' are nothing. The text of the last parameter may be
// quoted as in Go, with \n and the like. It returns ErrQuit for "quit".
func (b *Bench) Interpret(ctx context.Context, line string) ([]string, error) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return nil, nil
	}
	name, rest, _ := strings.Cut(line, " ")
	switch name {
	case "quit", "exit":
		return nil, ErrQuit
	case "help", "?":
		return helpLines(strings.TrimSpace(rest))
	}
	c, err := find(name)
	if err != nil {
		return nil, err
	}
	a, err := c.split(rest)
	if err != nil {
		return nil, err
	}
	out, err := b.call(ctx, c, a)
	if err != nil {
		return nil, err
	}
	return printed(out), nil
}

// call checks the parameters and runs a command.
func (b *Bench) call(ctx context.Context, c command, a args) (any, error) {
	if err := c.check(a); err != nil {
		return nil, err
	}
	return c.run(ctx, b, a)
}

// split gives the words of a line to the parameters in their order.
func (c command) split(rest string) (args, error) {
	a := args{}
	for i, p := range c.params {
		rest = strings.TrimSpace(rest)
		if rest == "" {
			break
		}
		name, _ := optional(p)
		word, after, _ := strings.Cut(rest, " ")
		if i == len(c.params)-1 {
			word, after = rest, ""
			if text, err := strconv.Unquote(rest); err == nil && rest[0] != '\'' {
				word = text
			}
		}
		a[name], rest = word, after
	}
	if strings.TrimSpace(rest) != "" {
		return nil, mistake("%s takes nothing more: use %s", c.name, c.usage())
	}
	return a, nil
}

// helpLines lists the commands, or explains one.
func helpLines(name string) ([]string, error) {
	if name != "" {
		c, err := find(name)
		if err != nil {
			return nil, err
		}
		return []string{c.usage(), "    " + c.help}, nil
	}
	var out []string
	for _, c := range commands() {
		out = append(out, fmt.Sprintf("%-38s %s", c.usage(), c.help))
	}
	return append(out, fmt.Sprintf("%-38s %s", "quit", "end")), nil
}
