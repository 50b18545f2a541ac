package emulator

import (
	"strings"
	"time"
)

// Rule says what the network does with messages submitted to a number. The zero value
// accepts them and reports their delivery.
type Rule struct {
	// Code is the error the submit is answered with, a CMS code or with CME set a CME
	// code. 0 accepts the message.
	Code int
	CME  bool
	// Silent: the message is not accepted and the modem never answers.
	Silent bool
	// Accept: the message is accepted although it is answered with Code.
	Accept bool
	// AcceptSilently: the message is accepted and the modem never answers.
	AcceptSilently bool
	// Times is how many submits the rule applies to; after those the number has no rule.
	// 0 is without end.
	Times int
	// Delay is added to NetworkOptions.SubmitDelay.
	Delay time.Duration
	// ReportStatus is the sequence of TP-ST values reported, each NetworkOptions.ReportDelay
	// after the one before. nil is 0x00, for a number of another modem as soon as that modem
	// has the message. A sequence that ends in 0x20 or above keeps the message from it.
	ReportStatus []byte
	// NoReport suppresses reports although the message asks for them.
	NoReport bool
	// ReportFirst delivers the first report before the modem answers the submit.
	ReportFirst bool
	// ReportTwice sends every report twice.
	ReportTwice bool
	// ReportDelay is added to NetworkOptions.ReportDelay.
	ReportDelay time.Duration
	// ReportShift is added to the message reference in reports, which makes it a wrong one.
	ReportShift byte
	// ReportAddress is the recipient in reports, for service centres that rewrite it; "" is
	// the destination as it was submitted.
	ReportAddress string
	// Undelivered: the recipient stays away. TP-ST 0x30 is reported, and 0x46 when the
	// validity period has passed.
	Undelivered bool
}

// ruleEntry is a rule in force.
type ruleEntry struct {
	Rule
	left int // submits it still applies to; -1 without end
}

// ruleBook finds the rule of a number: an exact one before the longest prefix.
type ruleBook struct {
	exact  map[string]*ruleEntry // by the number as it was given
	prefix map[string]*ruleEntry // by digits
}

func newRuleBook() ruleBook {
	return ruleBook{exact: map[string]*ruleEntry{}, prefix: map[string]*ruleEntry{}}
}

func (b ruleBook) set(number string, r Rule) {
	e := &ruleEntry{Rule: r, left: -1}
	if r.Times > 0 {
		e.left = r.Times
	}
	if p, ok := strings.CutSuffix(number, "*"); ok {
		b.prefix[digitsOf(p)] = e
		return
	}
	for known := range b.exact {
		if sameNumber(known, number) {
			delete(b.exact, known)
		}
	}
	b.exact[number] = e
}

// take returns the rule of a number and counts one submit against it.
func (b ruleBook) take(number string) Rule {
	e := b.find(number)
	if e == nil {
		return Rule{}
	}
	if e.left > 0 {
		e.left--
	}
	return e.Rule
}

func (b ruleBook) find(number string) *ruleEntry {
	if e := b.exact[number]; e != nil && e.left != 0 {
		return e
	}
	for known, e := range b.exact {
		if e.left != 0 && sameNumber(known, number) {
			return e
		}
	}
	digits := digitsOf(number)
	var best *ruleEntry
	length := -1
	for p, e := range b.prefix {
		if e.left != 0 && len(p) > length && strings.HasPrefix(digits, p) {
			best, length = e, len(p)
		}
	}
	return best
}
