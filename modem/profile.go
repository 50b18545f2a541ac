package modem

import (
	"slices"
	"strings"
	"time"

	"tetherd/modem/line"
)

// profile is what has to be done differently for a family of modems, as data: the
// rows are in profile_table.go, and no other file asks who made a modem. The zero
// value of a field is what a modem needs that follows the standards.
type profile struct {
	name string
	// maker and models are looked for in the answers to +CGMI and +CGMM, regardless
	// of case; maker may name several, with | between them. A row fits if maker does,
	// or is empty, and any of models does, or there are none.
	maker  string
	models []string

	// first are commands to be given as soon as the family is known, before any other.
	// They may be refused.
	first []string
	// modes are the values of CNMI <mode> to try, in order; nil is genericModes.
	modes []int
	// reports are the values of CNMI <ds> to try, in order; nil leaves the choice to
	// what the modem says of its storages.
	reports []int
	// stores are the preferred message storages; nil is genericStores.
	stores []string
	// base is an index at which the records of the modem's own memory may begin,
	// beside 0 and 1. It matters if they cannot be listed.
	base int
	// noList reads storages record by record: +CMGL hangs or lists wrong indices.
	noList bool
	// noAck leaves +CSMS at 0: the modem gets acknowledgements wrong.
	noAck bool
	// quiet are commands that switch noise off. They may be refused.
	quiet []string
	// warn are commands that make the modem say when a storage is full. They may be
	// refused.
	warn []string
	// cards are commands that may read the ICCID; the common ones follow them.
	cards []string
	// pin are commands that may tell how many attempts at the PIN are left; the
	// standard one follows them.
	pin []counter
	// settle is a rest after the PIN was accepted.
	settle time.Duration
	// noLink leaves +CMMS alone: the modem misbehaves when it keeps the link up.
	noLink bool
	// trustUnsent is set if a stored message that was sent is never left marked as
	// unsent (3GPP TS 27.005 §3.1, <stat> 2).
	trustUnsent bool
	// explains is set if +CEER tells why a PDU was refused.
	explains bool
	// packedUSSD is set if strings of +CUSD are digits of packed septets.
	packedUSSD bool
	// noUSSDEnd leaves USSD sessions to the network: the modem hangs when it is to
	// end one.
	noUSSDEnd bool
	// refuse are commands to end a call that comes in; nil is genericRefuse.
	refuse []string
	// receivesOnly is set for phones that take a message and refuse to send it, whatever
	// they are told. They are asked to all the same: people change what a phone runs.
	receivesOnly bool
	// pace slows down how commands and PDUs are written.
	pace line.Pace
	// resultAtLeast raises the time allowed for the result of a PDU.
	resultAtLeast time.Duration
	// reboot is how the modem is restarted. It is set by profileFor.
	reboot reboot
}

// counter tells how many attempts at the PIN are left.
type counter struct {
	command string
	prefix  string // of the line; empty if it has none
	name    string // first field of the line that counts; empty if there is no choice
	field   int    // the number, counted from 0 with name; one set with "=" counts as two
}

// profileFor returns the row for a modem, filled in with what is generic.
func profileFor(manufacturer, model string) profile {
	manufacturer, model = strings.ToLower(manufacturer), strings.ToLower(model)
	fits := func(p *profile) bool {
		contains := func(text string) func(string) bool {
			return func(part string) bool { return strings.Contains(text, part) }
		}
		return slices.ContainsFunc(strings.Split(p.maker, "|"), contains(manufacturer)) &&
			(len(p.models) == 0 || slices.ContainsFunc(p.models, contains(model)))
	}
	var p profile
	for i := range profiles {
		if fits(&profiles[i]) {
			p = profiles[i]
			break
		}
	}
	if p.modes == nil {
		p.modes = genericModes
	}
	if p.stores == nil {
		p.stores = genericStores
	}
	if p.refuse == nil {
		p.refuse = genericRefuse
	}
	p.reboot = genericReboot
	if r, ok := reboots[p.name]; ok {
		p.reboot = r
	}
	p.cards = concat(p.cards, genericCards)
	p.pin = concat(p.pin, genericPIN)
	return p
}

// concat returns a followed by what b has beyond it, in a new slice.
func concat[T comparable](a, b []T) []T {
	out := append(make([]T, 0, len(a)+len(b)), a...)
next:
	for _, x := range b {
		for _, y := range a {
			if x == y {
				continue next
			}
		}
		out = append(out, x)
	}
	return out
}
