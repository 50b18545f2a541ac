package emulator

import (
	"fmt"
	"time"
)

// NetworkFault is an entry of the catalogue of what goes wrong beyond the modem.
type NetworkFault struct {
	Name  string
	About string
	// Ledger tells what happens to a submit meanwhile: it is accepted once it is answered,
	// accepted without a proper answer, refused, or lost.
	Ledger LedgerFate
	// Begin starts it on the network of a modem.
	Begin func(n *Network, m *Modem)
}

// LedgerFate is what becomes of a message the host submits during a NetworkFault.
type LedgerFate int

// The fates.
const (
	FateAccepted LedgerFate = iota // and answered
	FateUnknown                    // accepted, but the host is not told
	FateRefused                    // not accepted, and the host is told
	FateLost                       // not accepted, and the host is not told
)

// submitCodes are the CMS errors a submit has ended in.
var submitCodes = []int{
	1, 8, 10, 17, 21, 22, 27, 28, 29, 30, 38, 41, 42, 47, 50, 69, 81, 95, 96, 97, 98, 99, 111, 127,
	128, 129, 130, 143, 144, 145, 159, 160, 161, 175, 176, 192, 193, 194, 195, 196, 197, 198, 199,
	208, 209, 210, 211, 212, 213, 255, 256, 257, 258, 300, 301, 302, 303, 304, 305, 310, 311, 312,
	313, 314, 315, 316, 317, 318, 320, 321, 322, 330, 331, 332, 340, 500, 512, 513, 514, 515, 517,
	521, 528, 532, 538, 549, 615, 616, 770, 772, 999,
}

// submitCMECodes are the CME errors a submit has ended in.
var submitCMECodes = []int{3, 4, 10, 11, 12, 13, 14, 30, 31, 32, 100, 148, 258, 513, 515, 772}

// NetworkFaults returns the catalogue. Rules last for as many submits as they say, changes
// of the registration for a minute.
func NetworkFaults() []NetworkFault {
	out := append(registrationFaults(), reportFaults()...)
	rule := func(name, about string, fate LedgerFate, r Rule) {
		out = append(out, NetworkFault{name, about, fate, func(n *Network, _ *Modem) { n.SetRule("*", r) }})
	}
	rule("accepted-answer-lost", "one submit is accepted and never answered", FateUnknown, Rule{AcceptSilently: true, Times: 1})
	rule("refused-answer-lost", "one submit is not accepted and never answered", FateLost, Rule{Silent: true, Times: 1})
	rule("accepted-said-failed", "one submit is accepted and answered with an error", FateUnknown, Rule{Accept: true, Code: 500, Times: 1})
	rule("congestion", "three submits take 170 seconds", FateAccepted, Rule{Delay: 170 * time.Second, Times: 3})
	for _, code := range submitCodes {
		rule(fmt.Sprintf("cms-%d", code), fmt.Sprintf("one submit ends in CMS error %d", code), FateRefused, Rule{Code: code, Times: 1})
	}
	for _, code := range submitCMECodes {
		rule(fmt.Sprintf("cme-%d", code), fmt.Sprintf("one submit ends in CME error %d", code), FateRefused, Rule{Code: code, CME: true, Times: 1})
	}
	return out
}

// registrationFaults are states other than being at home.
func registrationFaults() []NetworkFault {
	var out []NetworkFault
	for _, s := range []struct {
		stat  int
		name  string
		about string
		fate  LedgerFate
	}{
		{0, "not-registered", "not registered and not searching", FateRefused},
		{2, "searching", "searching for a network", FateRefused},
		{3, "denied", "registration is denied", FateRefused},
		{4, "unknown-registration", "the state is unknown", FateRefused},
		{5, "roaming", "registered abroad", FateAccepted},
		{6, "sms-only", "registered for messages only", FateAccepted},
		{7, "sms-only-roaming", "registered for messages only, abroad", FateAccepted},
		{8, "emergency-only", "registered for emergency calls only", FateRefused},
		{9, "no-csfb", "registered, fallback not preferred", FateAccepted},
	} {
		out = append(out, NetworkFault{s.name, s.about + ", for a minute", s.fate, func(_ *Network, m *Modem) {
			m.SetRegistration(s.stat)
			m.Fault(Fault{At: AtTime, After: time.Minute, With: func(m *Modem) { m.SetRegistration(1) }})
		}})
	}
	return append(out,
		NetworkFault{"packet-only", "only +CEREG knows a network, for a minute", FateAccepted, func(_ *Network, m *Modem) {
			m.SetDomain("+CREG", 3)
			m.SetDomain("+CGREG", 0)
			m.Fault(Fault{At: AtTime, After: time.Minute, With: func(m *Modem) {
				m.SetDomain("+CREG", -1)
				m.SetDomain("+CGREG", -1)
			}})
		}},
		NetworkFault{"flapping-registration", "the registration is lost and found twenty times in a minute", FateAccepted, func(_ *Network, m *Modem) {
			m.Fault(Fault{At: AtTime, After: 3 * time.Second, Times: 20, With: func(m *Modem) { m.SetRegistration(2) }})
			m.Fault(Fault{At: AtTime, After: 3*time.Second + 1, Times: 20, With: func(m *Modem) { m.SetRegistration(1) }})
		}},
		NetworkFault{"no-signal", "the signal is unknown", FateAccepted, func(_ *Network, m *Modem) { m.SetSignal(99) }},
	)
}

// reportFaults are those of status reports.
func reportFaults() []NetworkFault {
	var out []NetworkFault
	for _, r := range []struct {
		name, about string
		rule        Rule
	}{
		{"report-never", "no report comes", Rule{NoReport: true}},
		{"report-first", "the report comes before the answer to the submit", Rule{ReportFirst: true}},
		{"report-twice", "every report comes twice", Rule{ReportTwice: true}},
		{"report-late", "the report comes after two days", Rule{ReportDelay: 48 * time.Hour}},
		{"report-pending", "trying, again, and delivered", Rule{ReportStatus: []byte{0x20, 0x30, 0x00}}},
		{"report-pending-failed", "trying, and failed", Rule{ReportStatus: []byte{0x21, 0x61}}},
		{"report-backwards", "delivered, then trying", Rule{ReportStatus: []byte{0x00, 0x20}}},
		{"report-failed", "failed for good", Rule{ReportStatus: []byte{0x41}}},
		{"report-reserved", "a reserved status", Rule{ReportStatus: []byte{0x85}}},
		{"report-unconfirmed", "forwarded, unknown whether delivered", Rule{ReportStatus: []byte{0x01}}},
		{"report-wrong-reference", "the reference is not that of the message", Rule{ReportShift: 100}},
		{"report-other-address", "the recipient is rewritten beyond recognition", Rule{ReportAddress: "4711"}},
		{"report-expired", "the recipient stays away until the message expires", Rule{Undelivered: true}},
	} {
		r.rule.Times = 3
		out = append(out, NetworkFault{r.name, r.about + ", for three submits", FateAccepted, func(n *Network, _ *Modem) { n.SetRule("*", r.rule) }})
	}
	return append(out, NetworkFault{"report-stored-on-sim", "reports go to the SIM without a word", FateAccepted, func(_ *Network, m *Modem) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.hidden = true
	}})
}
