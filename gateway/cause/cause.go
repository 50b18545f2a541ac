package cause

import (
	"fmt"
	"strings"
	"time"
)

// Family is the numbering a code belongs to.
type Family string

// The families.
const (
	CMS Family = "CMS" // +CMS ERROR: 3GPP TS 27.005 §3.2.5, which takes in RP-cause (24.011 §8.2.5.4) and TP-FCS (23.040 §9.2.3.22)
	CME Family = "CME" // +CME ERROR: 3GPP TS 27.007 §9.2
	ST  Family = "ST"  // TP-ST of a delivery report: 3GPP TS 23.040 §9.2.3.15
)

// Class says what a code means for the message it is about.
type Class string

// The classes.
const (
	Permanent Class = "permanent" // the same message would be refused again
	Retry     Class = "retry"     // the same message may pass later
	Pause     Class = "pause"     // the modem, its SIM or the network is at fault, not the message
	Fix       Class = "fix"       // like Pause, until the owner changes the configuration
	Unknown   Class = "unknown"   // the message may have left
	Accepted  Class = "accepted"  // the service centre has the message
	Pending   Class = "pending"   // the service centre goes on trying
	Delivered Class = "delivered" // the message arrived, as far as anyone can tell
)

// Cause explains one code.
type Cause struct {
	Family Family `json:"family"` // empty for a bare ERROR
	Code   int    `json:"code"`   // -1 for an error without one
	Class  Class  `json:"class"`
	// Elsewhere is set if another modem may be able to send the message now.
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Wait is the least delay before a Retry, and the first length of a Pause; 0 is
	// the engine's.
	Wait time.Duration `json:"-"`
	// Title is the wording of the standard, or of the makers; several are
	// separated by " / ". Empty for a code that is reserved or of one maker.
	Title  string   `json:"title,omitempty"`
	Text   string   `json:"text"`             // one plain sentence
	Likely []string `json:"likely,omitempty"` // likely causes, the likeliest first
	Action string   `json:"action"`           // what the owner can do
}

// Name returns the machine-readable form of the code, such as "CMS 38" or
// "ST 70"; "ERROR" for an error without family.
func (c *Cause) Name() string {
	switch {
	case c.Family == "":
		return "ERROR"
	case c.Code < 0:
		return string(c.Family)
	}
	return fmt.Sprintf("%s %d", c.Family, c.Code)
}

// Lookup explains a code. It always has an answer: a code without a row of its
// own is explained by the range it lies in, a negative one as an error without
// code. It is safe for concurrent use; what it returns must not be changed.
func Lookup(f Family, code int) Cause {
	t := table()
	if i, ok := t.index[key{f, code}]; ok {
		return t.rows[i]
	}
	return fallback(f, code)
}

// LookupText explains an error that came in words, as with +CMEE=2, by the
// wording of the standard; ok is false if that has no such words.
func LookupText(f Family, words string) (c Cause, ok bool) {
	t := table()
	for _, i := range t.titles[plain(words)] {
		if c := t.rows[i]; c.Family == f {
			return c, true
		}
	}
	return Cause{}, false
}

// Named explains the code that Name returned; ok is false for any other string.
func Named(name string) (c Cause, ok bool) {
	family, code, _ := strings.Cut(name, " ")
	f, n, err := parseCode(family, code)
	if err != nil {
		return Cause{}, false
	}
	return Lookup(f, n), true
}

// fallback explains a code by its range.
func fallback(f Family, code int) Cause {
	c := Cause{Family: f, Code: code, Class: Retry}
	switch {
	case f == ST:
		return fallbackST(c)
	case code < 0:
		c.Text = "The modem refused without saying why."
		c.Action = "If it goes on, restart the modem; \"tetherd modem probe\" tells what it can do."
	case f == CMS && code < 128:
		c.Elsewhere = true
		c.Text = "The modem or the network refused."
		c.Likely = []string{"A reserved cause of the network, which counts as a temporary failure (41)."}
		c.Action = "Nothing, unless it goes on: then ask the operator."
	case f == CMS && code < 192:
		c.Class = Permanent
		c.Text = "The service centre does not support this kind of message."
		c.Likely = []string{"A reserved cause about the protocol identifier, the coding scheme or the type of the message."}
		c.Action = "Send a plain text instead."
	case f == CMS && code < 256:
		c.Text = "The modem or the network refused."
		c.Likely = []string{"A cause that is reserved or known to one operator only."}
		c.Action = "Nothing, unless it goes on: then ask the operator."
	case f == CMS && code < 512:
		c.Text = "The modem or the network refused."
		c.Likely = []string{"The standard reserves this code."}
		c.Action = "If it goes on, restart the modem."
	default:
		c.Text = "The modem or the network refused."
		c.Likely = []string{"A code of the modem's maker; the manual of its AT commands explains it."}
		c.Action = "If it goes on, restart the modem."
	}
	return c
}

// fallbackST explains a TP-ST that is reserved or specific to a service centre.
// From 0x80 the values are reserved and to be read as 0x63, service rejected.
func fallbackST(c Cause) Cause {
	c.Likely = []string{"A status that is reserved or specific to the service centre."}
	c.Action = "Nothing, unless it goes on: then ask the operator."
	switch {
	case c.Code < 0x20:
		c.Class = Delivered
		c.Text = fmt.Sprintf("The message was handled by the service centre (status 0x%02X).", c.Code)
	case c.Code < 0x40:
		c.Class = Pending
		c.Text = fmt.Sprintf("The service centre goes on trying (status 0x%02X).", c.Code)
	case c.Code < 0x60:
		c.Class = Permanent
		c.Text = fmt.Sprintf("The message failed (status 0x%02X).", c.Code)
	default:
		c.Text = fmt.Sprintf("The service centre gave up (status 0x%02X).", c.Code)
	}
	return c
}

// plain reduces a wording to what modems agree on: "(U)SIM PIN required", "SIM
// pin required" and "SIM_PIN_REQUIRED" are the same.
func plain(words string) string {
	words = strings.ReplaceAll(strings.ToLower(words), "(u)", "")
	fields := strings.FieldsFunc(words, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(fields, " ")
}
