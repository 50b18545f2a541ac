package emulator

import (
	"strconv"
	"strings"
)

// maxCommandLine is the longest command line; a longer one is an ERROR.
const maxCommandLine = 556

// op is the form of an extended command (ITU-T V.250 §5.4).
type op int

const (
	opExec op = iota // AT+X, or a basic command
	opRead           // AT+X?
	opTest           // AT+X=?
	opSet            // AT+X=…
)

// command is one command of a line.
type command struct {
	name string // upper case: "+CMGF", "E", "&F"
	op   op
	text string // upper-case text of the whole command, for profiles and faults
	args []argument
}

// argument is one parameter of a set command, or the number of a basic one.
type argument struct {
	text   string
	quoted bool
}

// parseLine splits the part of a command line after AT into its commands. A part that is
// no command at all becomes one with an empty name.
func parseLine(body string) []command {
	var out []command
	for {
		body = strings.TrimLeft(body, " ;")
		if body == "" {
			return out
		}
		var c command
		c, body = parseCommand(body)
		out = append(out, c)
	}
}

func parseCommand(s string) (command, string) {
	switch ch := s[0]; {
	case strings.IndexByte("+^#$*%", ch) >= 0:
		return parseExtended(s)
	case ch == '&' && len(s) > 1 && isLetter(s[1]):
		return parseBasic(s, 2)
	case ch == 'D' || ch == 'd':
		return command{name: "D", text: strings.ToUpper(s), args: []argument{{text: s[1:]}}}, ""
	case ch == 'S' || ch == 's':
		end := 1 + leadingDigits(s[1:])
		c := command{name: strings.ToUpper(s[:end])}
		rest := s[end:]
		switch {
		case strings.HasPrefix(rest, "?"):
			c.op, end = opRead, end+1
		case strings.HasPrefix(rest, "="):
			n := leadingDigits(rest[1:])
			c.op, c.args, end = opSet, []argument{{text: rest[1 : 1+n]}}, end+1+n
		}
		c.text = strings.ToUpper(s[:end])
		return c, s[end:]
	case isLetter(ch):
		return parseBasic(s, 1)
	}
	return command{text: strings.ToUpper(s)}, ""
}

// parseBasic reads a basic command whose name has the given size: ATE0, AT&F.
func parseBasic(s string, size int) (command, string) {
	end := size + leadingDigits(s[size:])
	return command{
		name: strings.ToUpper(s[:size]), text: strings.ToUpper(s[:end]),
		args: []argument{{text: s[size:end]}},
	}, s[end:]
}

// parseExtended reads an extended command up to the ';' that ends it.
func parseExtended(s string) (command, string) {
	end, quoted := len(s), false
	for i := range len(s) {
		if s[i] == '"' {
			quoted = !quoted
		}
		if s[i] == ';' && !quoted {
			end = i
			break
		}
	}
	whole, rest := strings.TrimRight(s[:end], " "), s[end:]
	c := command{text: strings.ToUpper(whole)}
	mark := strings.IndexAny(whole, "=?")
	if mark < 0 {
		c.name = c.text
		return c, rest
	}
	c.name = strings.ToUpper(strings.TrimRight(whole[:mark], " "))
	switch tail := strings.TrimLeft(whole[mark:], " "); {
	case tail == "?":
		c.op = opRead
	case strings.ReplaceAll(tail, " ", "") == "=?":
		c.op = opTest
	case tail[0] == '=':
		c.op, c.args = opSet, parseArguments(tail[1:])
	default:
		c.name = ""
	}
	return c, rest
}

// parseArguments splits parameters at the commas outside quotes.
func parseArguments(s string) []argument {
	var out []argument
	var cur strings.Builder
	quoted, inside := false, false
	flush := func() {
		text := cur.String()
		if !quoted {
			text = strings.TrimSpace(text)
		}
		out = append(out, argument{text: text, quoted: quoted})
		cur.Reset()
		quoted = false
	}
	for i := range len(s) {
		switch ch := s[i]; {
		case ch == '"':
			inside = !inside
			quoted = true
		case ch == ',' && !inside:
			flush()
		case !inside && quoted && ch == ' ':
		default:
			cur.WriteByte(ch)
		}
	}
	flush()
	return out
}

// int is the number in parameter i, and whether it is one. An absent or empty parameter is
// the default.
func (c command) int(i, def int) (int, bool) {
	if i >= len(c.args) || c.args[i].text == "" && !c.args[i].quoted {
		return def, true
	}
	n, err := strconv.Atoi(c.args[i].text)
	return n, err == nil && n >= 0
}

// str is parameter i, "" if there is none.
func (c command) str(i int) string {
	if i >= len(c.args) {
		return ""
	}
	return c.args[i].text
}

func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' }

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
