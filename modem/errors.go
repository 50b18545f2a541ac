package modem

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/warthog618/modem/at"

	"tetherd/gateway/cause"
)

// Why a command, and with it maybe the session, came to nothing.
var (
	errTimeout     = errors.New("modem did not answer in time")
	errGone        = errors.New("port lost")
	errRebooted    = errors.New("modem restarted")
	errMute        = errors.New("modem does not answer")
	errDesync      = errors.New("modem's answers cannot be told apart")
	errNoAnswer    = errors.New("modem answered without what was asked for")
	errValidity    = errors.New("service centre refuses the validity period")
	errDestination = errors.New("destination is no telephone number")
	errWrongModem  = errors.New("not the modem that is configured")
	// errReconfigure ends serving because settings are not ours any more.
	errReconfigure = errors.New("modem lost its settings")
	// errDeaf is an errReconfigure of a modem that nothing reaches any more.
	errDeaf = fmt.Errorf("nothing was received for much longer than usual: %w", errReconfigure)
	// errIdle ends a session whose modem answers commands, but no PDUs.
	errIdle = errors.New("modem takes messages and does not answer for them")
	// errAsked ends a session because somebody asked for that.
	errAsked = errors.New("restart asked for")
)

// refusal is an error result of a command.
type refusal struct {
	family string // "CMS", "CME", or "" for a bare ERROR
	code   int    // -1 if there is none
	text   string // what stood in place of the code
}

// refused returns the error result that err stands for.
func refused(err error) (refusal, bool) {
	if errors.Is(err, at.ErrError) {
		return refusal{code: -1}, true
	}
	var family, text string
	if e, ok := errors.AsType[at.CMSError](err); ok {
		family, text = "CMS", string(e)
	} else if e, ok := errors.AsType[at.CMEError](err); ok {
		family, text = "CME", string(e)
	} else {
		return refusal{}, false
	}
	if n, ok := codeIn(family, text); ok {
		return refusal{family: family, code: n}, true
	}
	return refusal{family: family, code: -1, text: text}, true
}

// is tells whether err is one of the given codes, of either family: the two
// mirror each other's SIM and storage errors, and modems mix them up.
func isRefusal(err error, codes ...int) bool {
	r, ok := refused(err)
	if !ok || r.family == "" {
		return false
	}
	for _, c := range codes {
		if r.code == c {
			return true
		}
	}
	return false
}

// codeIn returns the code that the text of an error result stands for: its number,
// alone or followed by words, or the standard's words alone.
func codeIn(family, text string) (code int, ok bool) {
	text = strings.Trim(strings.TrimSpace(text), `"`)
	if n, err := strconv.Atoi(text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]); err == nil {
		return n, true
	}
	c, ok := cause.LookupText(cause.Family(family), text)
	return c.Code, ok
}

// incapable tells the refusals of phones that cannot send at all. Others say the
// same when something has to be mended.
func (r refusal) incapable() bool {
	switch r.family {
	case "CMS":
		return r.code == 302 || r.code == 303
	case "CME":
		return r.code == 3 || r.code == 4 || r.code == 513
	}
	return false
}

// congested tells the refusals of a network that has too much to do.
func (r refusal) congested() bool {
	return r.family == "CMS" && (r.code == 22 || r.code == 42 || r.code == 514)
}

// misread tells the refusals that hint at lost settings: a modem that does not know
// that it is spoken to in PDUs, or that it is to say why it refuses.
func (r refusal) misread() bool {
	return r.family == "" || r.family == "CMS" && (r.code == 304 || r.code == 305)
}

// badValidity tells the refusals of a validity period (3GPP TS 23.040 §9.2.3.22).
func (r refusal) badValidity() bool {
	return r.family == "CMS" && (r.code == 198 || r.code == 199)
}

// name returns the machine-readable form, such as "CMS 38".
func (r refusal) name() string {
	switch {
	case r.family == "":
		return "ERROR"
	case r.code < 0:
		return r.family
	}
	return r.family + " " + strconv.Itoa(r.code)
}

// Codes with a meaning of their own in the flow (3GPP TS 27.005 §3.2.5, 27.007
// §9.2).
const (
	cmeNoSIM         = 10
	cmePIN           = 11
	cmePUK           = 12
	cmeSIMFailure    = 13
	cmeSIMBusy       = 14
	cmeSIMWrong      = 15
	cmePassword      = 16
	cmeBlocked       = 262
	cmsNoSIM         = 310
	cmsSIMFailure    = 313
	cmsSIMBusy       = 314
	cmsSIMWrong      = 315
	cmsPUK           = 316
	cmsMemoryFailure = 320
	cmsBadIndex      = 321
	cmsMemoryFull    = 322
	codeEmpty1       = 516 // Motorola: no such record
	codeEmpty2       = 517
	codePleaseWait   = 515
)

// busy tells errors that pass when the modem has had some more time.
func busy(err error) bool {
	return isRefusal(err, cmeSIMBusy, cmsSIMBusy, codePleaseWait, 302)
}

// emptyStore tells the ways to say that there is no record.
func emptyStore(err error) bool {
	return isRefusal(err, cmsBadIndex, codeEmpty1, codeEmpty2)
}
