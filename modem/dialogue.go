package modem

import (
	"errors"
	"slices"
	"strings"

	"tetherd/gateway/cause"
)

// exchange is a command and what became of it.
type exchange struct {
	command string   // with AT, masked
	lines   []string // of the answer, without the final result
	err     error    // nil if the modem said OK
	times   int      // how often in a row
}

// maxDialogue bounds what is noted of one set-up, which takes about fifty commands.
const maxDialogue = 256

// dialogue is the commands of a set-up in their order.
type dialogue []exchange

// note appends an exchange, unless it repeats the one before.
func (d *dialogue) note(e exchange) {
	if n := len(*d); n > 0 {
		if last := &(*d)[n-1]; last.command == e.command && last.final() == e.final() {
			last.lines = e.lines
			last.times++
			return
		}
	}
	if e.times = 1; len(*d) < maxDialogue {
		*d = append(*d, e)
	}
}

// sets returns the exchanges that gave a command parameters.
func (d dialogue) sets(command string) []exchange {
	var out []exchange
	for _, e := range d {
		if rest, ok := strings.CutPrefix(e.command, "AT"+command+"="); ok && rest != "?" {
			out = append(out, e)
		}
	}
	return out
}

// find returns the latest exchange of a command without AT; ok is false if there is
// none.
func (d dialogue) find(command string) (e exchange, ok bool) {
	for _, e := range slices.Backward(d) {
		if e.command == "AT"+command {
			return e, true
		}
	}
	return exchange{}, false
}

// offer returns what the modem answered to a test command, without its prefix.
func (d dialogue) offer(command string) string {
	e, _ := d.find(command + "=?")
	rest, _ := value(e.lines, command+":")
	return rest
}

// noAnswer is what stands for a final result that did not come.
const noAnswer = "no answer"

// final is the final result for people: "OK", "CME 4", "no answer".
func (e exchange) final() string {
	if e.err == nil {
		return "OK"
	}
	if r, ok := refused(e.err); ok {
		if r.code < 0 && r.text != "" {
			return r.name() + " " + r.text
		}
		return r.name()
	}
	if errors.Is(e.err, errTimeout) || errors.Is(e.err, errMute) {
		return noAnswer
	}
	return "port lost or modem restarted"
}

// meaning says in a few words what a refusal stands for; empty if it is not known.
func (e exchange) meaning() string {
	r, ok := refused(e.err)
	if !ok || r.family == "" || r.code < 0 {
		return ""
	}
	return cause.Lookup(cause.Family(r.family), r.code).Title
}

// wasRefused tells exchanges that the modem ended with an error.
func (e exchange) wasRefused() bool {
	_, ok := refused(e.err)
	return ok
}
