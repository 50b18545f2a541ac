package modem

import (
	"strings"
	"time"
)

// profile is what has to be done differently for a family of modems, as data: the
// rows are in profile_table.go, and no other file asks who made a modem. The zero
// value of a field is what a modem needs that follows the standards.
type profile struct {
	name string
	// maker and models are looked for in the answers to +CGMI and +CGMM, regardless
	// of case; a row fits if maker does and any of models does, or there are none.
	maker  string
	models []string

	// modes are the values of CNMI <mode> to try, in order; nil is genericModes.
	modes []int
	// reports are the values of CNMI <ds> to try, in order; nil is genericReports.
	reports []int
	// stores are the preferred message storages; nil is genericStores.
	stores []string
	// quiet are commands that switch noise off. They may be refused.
	quiet []string
	// cards are commands that may read the ICCID; the common ones follow them.
	cards []string
	// pin are commands that may tell how many attempts at the PIN are left; the
	// standard one follows them.
	pin []counter
	// settle is a rest after the PIN was accepted.
	settle time.Duration
	// noLink leaves +CMMS alone: the modem misbehaves when it keeps the link up.
	noLink bool
	// resultAtLeast raises the time allowed for the result of a PDU.
	resultAtLeast time.Duration
}

// counter tells how many attempts at the PIN are left.
type counter struct {
	command string
	prefix  string // of the line
	field   int    // in it
}

// profileFor returns the row for a modem, filled in with what is generic.
func profileFor(manufacturer, model string) profile {
	manufacturer, model = strings.ToLower(manufacturer), strings.ToLower(model)
	fits := func(p *profile) bool {
		if !strings.Contains(manufacturer, p.maker) {
			return false
		}
		for _, m := range p.models {
			if strings.Contains(model, m) {
				return true
			}
		}
		return len(p.models) == 0
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
	if p.reports == nil {
		p.reports = genericReports
	}
	if p.stores == nil {
		p.stores = genericStores
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
