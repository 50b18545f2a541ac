package modem

import (
	"slices"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// Verdict sums up what a modem can be used for.
type Verdict string

// The verdicts.
const (
	VerdictWorks      Verdict = "works"              // sends and receives
	VerdictLimited    Verdict = "works, but"         // the same, with something the owner should know
	VerdictCannotSend Verdict = "cannot send"        // may receive
	VerdictOwner      Verdict = "needs its owner"    // a PIN, a SIM, the right modem
	VerdictUnusable   Verdict = "cannot be used"     // no port, no answer, no SMS
	VerdictUnknown    Verdict = "cannot be told yet" // it is being set up
)

// Works tells whether the modem can be used as it is.
func (v Verdict) Works() bool { return v == VerdictWorks || v == VerdictLimited }

// Report is what is known of a modem, for people and bug reports. What is not known
// is left empty. It holds numbers and identities; Masked returns one without.
type Report struct {
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason,omitempty"` // what is wrong and what to do; empty if nothing is

	Port         string `json:"port,omitempty"`
	Baud         int    `json:"baud,omitempty"` // of a port with wires at its end
	Manufacturer string `json:"manufacturer,omitempty"`
	Model        string `json:"model,omitempty"`
	Revision     string `json:"revision,omitempty"`
	IMEI         string `json:"imei,omitempty"`
	Profile      string `json:"profile,omitempty"` // family it is treated as

	SIM       SIMReport           `json:"sim"`
	Network   NetworkReport       `json:"network"`
	Storages  []StorageReport     `json:"storages,omitempty"`
	Setup     *gateway.ModemSetup `json:"setup,omitempty"` // nil if it could not be set up
	Functions []FunctionReport    `json:"functions,omitempty"`
	Refused   []RefusedReport     `json:"refused,omitempty"` // commands of the set-up
	Findings  []gateway.Oddity    `json:"findings,omitempty"`
}

// SIMReport is about the SIM.
type SIMReport struct {
	State    string `json:"state,omitempty"` // as +CPIN says, such as "READY" or "SIM PIN", else its error
	Ready    bool   `json:"ready"`
	PINTries *int   `json:"pinTries,omitempty"` // attempts at the PIN that are left; nil if the modem does not tell
	ICCID    string `json:"iccid,omitempty"`
	IMSI     string `json:"imsi,omitempty"`
	Number   string `json:"number,omitempty"`
	SMSC     string `json:"smsc,omitempty"`
}

// NetworkReport is about the network.
type NetworkReport struct {
	Registered    bool                 `json:"registered"` // so that SMS can be sent
	Registrations []RegistrationReport `json:"registrations,omitempty"`
	Operator      string               `json:"operator,omitempty"`
	Technology    string               `json:"technology,omitempty"` // "GSM", "LTE" …
	Signal        *int                 `json:"signal,omitempty"`     // +CSQ <rssi>, 0–31; nil if it is not known
}

// RegistrationReport is the registration in one domain.
type RegistrationReport struct {
	Domain string `json:"domain"` // "CS" calls, "PS" packets, "EPS" LTE, "5GS"
	Stat   int    `json:"stat"`   // 3GPP TS 27.007 §7.2; -1 if the modem does not say
	Words  string `json:"words"`
}

// StorageReport is about a message storage.
type StorageReport struct {
	Name     string `json:"name"`
	Used     int    `json:"used"`
	Capacity int    `json:"capacity"` // 0 if the modem does not say
	Receives bool   `json:"receives"` // messages arrive here
	Obstacle string `json:"obstacle,omitempty"`
}

// FunctionReport is about a command that not all modems know.
type FunctionReport struct {
	Command string `json:"command"`
	About   string `json:"about"`
	Known   bool   `json:"known"`
	Answer  string `json:"answer"` // the first line, or the error
}

// RefusedReport is a command of the set-up that was not answered with OK.
type RefusedReport struct {
	Command string `json:"command"`
	Answer  string `json:"answer"`
	Meaning string `json:"meaning,omitempty"`
	Times   int    `json:"times"`
}

// Masked returns the report without numbers and identities.
func (r Report) Masked() Report {
	for _, text := range []*string{&r.Reason, &r.IMEI, &r.SIM.ICCID, &r.SIM.IMSI, &r.SIM.Number, &r.SIM.SMSC} {
		*text = line.MaskNumbers(*text)
	}
	r.Functions, r.Findings, r.Refused = slices.Clone(r.Functions), slices.Clone(r.Findings), slices.Clone(r.Refused)
	for i := range r.Functions {
		r.Functions[i].Answer = line.MaskNumbers(r.Functions[i].Answer)
	}
	for i := range r.Findings {
		r.Findings[i].Text = line.MaskNumbers(r.Findings[i].Text)
	}
	for i := range r.Refused {
		r.Refused[i].Answer = line.MaskNumbers(r.Refused[i].Answer)
	}
	return r
}
