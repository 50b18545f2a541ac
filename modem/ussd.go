package modem

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"tetherd/gateway"
	"tetherd/modem/pdu"
)

// Time limits of USSD.
const (
	ussdLimit   = 20 * time.Second // for the command to be taken
	ussdWait    = 50 * time.Second // for the network's answer
	ussdPause   = time.Second      // between the lines of one answer
	ussdPatient = time.Minute      // for a reply, while messages wait
)

// ussd is the USSD session of a session, of which a SIM has one at a time.
type ussd struct {
	// Of the goroutine of Run.
	packed bool      // strings have to be packed septets
	open   bool      // the network waits for a reply
	until  time.Time // when it has waited long enough

	more chan struct{} // capacity 1; written by hear, read by await

	mu    sync.Mutex // guards the rest
	lines []string   // of the answer; written by hear, taken by await
}

// maxServiceLines bounds an answer.
const maxServiceLines = 64

// hear takes a line of an answer, from the goroutine that reads the port.
func (v *ussd) hear(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, _, begins := cutCUSD(text); begins {
		v.lines = nil // the latest answer counts
	}
	if len(v.lines) < maxServiceLines {
		v.lines = append(v.lines, text)
	}
	kick(v.more)
}

// forget drops what was heard before a query.
func (v *ussd) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.lines = nil
	drain(v.more)
}

// heard returns the answer so far, and whether it is whole.
func (v *ussd) heard() (text string, whole bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	text = strings.Join(v.lines, "\n")
	return text, text != "" && strings.Count(text, `"`)%2 == 0
}

// errCaller ends a USSD query whose caller went away. It does not end the session.
var errCaller = errors.New("nobody waits for the answer any more")

// USSD implements [gateway.Modem].
func (m *Modem) USSD(ctx context.Context, q gateway.USSDQuery) (gateway.USSDAnswer, error) {
	type result struct {
		answer gateway.USSDAnswer
		err    error
	}
	results := make(chan result, 1)
	err := m.errand(ctx, func(run context.Context, s *session, l *link) error {
		a, err := s.query(run, ctx, l, q)
		if fatal(err) {
			results <- result{err: &gateway.Error{Code: gateway.Conflict, Message: "the modem was lost meanwhile: try again when it is ready", Err: err}}
			return err
		}
		results <- result{a, err}
		return nil
	})
	if err != nil {
		return gateway.USSDAnswer{}, err
	}
	r := <-results
	return r.answer, r.err
}

// query runs one exchange. An error that is fatal ends the session; any other is
// for the caller.
func (s *session) query(ctx, caller context.Context, l *link, q gateway.USSDQuery) (gateway.USSDAnswer, error) {
	v := &s.ussd
	switch {
	case q.End:
		return gateway.USSDAnswer{Status: gateway.USSDDone}, s.endService()
	case q.Reply != "" && !v.open:
		return gateway.USSDAnswer{}, &gateway.Error{Code: gateway.Conflict, Message: "no USSD session is open: begin with a code"}
	case q.Code != "" && v.open:
		if err := s.endService(); err != nil {
			return gateway.USSDAnswer{}, err
		}
	}
	if err := s.ask(q.Code + q.Reply); err != nil {
		return gateway.USSDAnswer{}, err
	}
	text, err := s.awaitService(ctx, caller, l)
	if err != nil {
		v.open = true // so far as anyone knows
		return gateway.USSDAnswer{}, errors.Join(s.endService(), err)
	}
	a := parseCUSD(text)
	v.open = a.Status == gateway.USSDReplyNeeded
	v.until = time.Now().Add(ussdPatient)
	if !v.open {
		v.open = true
		if err := s.endService(); err != nil {
			return a, err
		}
	}
	return a, nil
}

// ask sends a code or a reply in the form the modem takes.
func (s *session) ask(text string) error {
	v := &s.ussd
	if strings.ContainsAny(text, "\"\r\n\x1a\x1b") {
		return gateway.Invalidf("a USSD code or reply must not have quotes or control characters")
	}
	form := v.packed || s.profile.packedUSSD
	err := s.askIn(form, text)
	if isRefusal(err, cmeBusy, codePleaseWait) {
		// A session that another program or the network left open.
		v.open = true
		if err := s.endService(); err != nil {
			return err
		}
		err = s.askIn(form, text)
	}
	if r, ok := refused(err); ok && (r.code < 0 || isRefusal(err, cmeNotAllowed, cmeNotSupported, cmeBadText, cmeBadParameter, cmeUnknown)) {
		if again := s.askIn(!form, text); again == nil || fatal(again) {
			return again
		}
	}
	if err == nil || fatal(err) {
		return err
	}
	return refusedService(err)
}

// askIn sends text in one form.
func (s *session) askIn(packed bool, text string) error {
	encoded, err := pdu.EncodeUSSD(text, packed)
	if err != nil {
		return gateway.Invalidf("a USSD code or reply must be of the GSM 7-bit alphabet")
	}
	s.ussd.forget()
	if err := s.conn.set(`+CUSD=1,"`+encoded+`",15`, ussdLimit); err != nil {
		return err
	}
	s.ussd.packed = packed
	return nil
}

// Error codes with a meaning for USSD (3GPP TS 27.007 §9.2).
const (
	cmeNotAllowed   = 3
	cmeNotSupported = 4
	cmeBadText      = 25
	cmeBadParameter = 50
	cmeUnknown      = 100
	cmeBusy         = 258
)

// refusedService finds words for a caller whose code was not taken.
func refusedService(err error) error {
	e := &gateway.Error{Code: gateway.Conflict, Err: err}
	r, ok := refused(err)
	switch {
	case !ok:
		e.Message = "the modem did not answer: try again"
	case isRefusal(err, cmeBusy, codePleaseWait):
		e.Message = "the modem is busy with another call or USSD session: try again in a minute"
	case isRefusal(err, cmeNotAllowed, cmeNotSupported, cmeUnknown) || r.code < 0:
		e.Message = "the modem or the network refused (" + r.name() + "): over LTE without fallback to 2G or 3G there is no USSD though SMS works; ask the operator for an SMS service instead"
	default:
		e.Message = "the modem or the network refused (" + r.name() + "): " + r.cause().text
	}
	return e
}

// awaitService waits for the network's answer. What cannot wait is done meanwhile.
func (s *session) awaitService(ctx, caller context.Context, l *link) (string, error) {
	timer := time.NewTimer(ussdWait)
	defer timer.Stop()
	for {
		text, whole := s.ussd.heard()
		if whole {
			return text, nil
		}
		if text != "" {
			timer.Reset(ussdPause)
		}
		select {
		case <-s.ussd.more:
		case <-timer.C:
			if text != "" {
				return text, nil // the quote is never closed
			}
			return "", &gateway.Error{Code: gateway.Conflict, Message: "the network did not answer in time: try again later", Err: errTimeout}
		case <-l.acks:
			if err := s.acknowledge(); err != nil {
				return "", err
			}
		case <-s.restart:
			return "", errRebooted
		case <-caller.Done():
			return "", errCaller
		case <-ctx.Done():
			return "", ctx.Err()
		case <-s.conn.line.Done():
			return "", s.conn.gone(nil)
		}
	}
}

// endService ends the USSD session if one is open, where that is safe: without it
// the next code may be refused.
func (s *session) endService() error {
	if !s.ussd.open {
		return nil
	}
	s.ussd.open = false
	if s.profile.noUSSDEnd {
		return nil
	}
	return unlessFatal(s.conn.set("+CUSD=2", quickLimit))
}

// cutCUSD returns what stands behind "+CUSD:", as <m> and the rest.
func cutCUSD(text string) (m int, rest string, ok bool) {
	rest, ok = value([]string{text}, "+CUSD:")
	if !ok {
		return 0, "", false
	}
	number, rest, _ := strings.Cut(rest, ",")
	m, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil {
		return 0, rest, true
	}
	return m, rest, true
}

// ussdStatuses are the values of <m>.
var ussdStatuses = []gateway.USSDStatus{
	gateway.USSDDone, gateway.USSDReplyNeeded, gateway.USSDTerminated, gateway.USSDElsewhere, gateway.USSDUnsupported, gateway.USSDTimeout,
}

// parseCUSD reads an answer: +CUSD: <m>[,<str>[,<dcs>]], the string with quotes, half
// of them or none.
func parseCUSD(text string) gateway.USSDAnswer {
	m, rest, _ := cutCUSD(text)
	a := gateway.USSDAnswer{Status: gateway.USSDDone}
	if m >= 0 && m < len(ussdStatuses) {
		a.Status = ussdStatuses[m]
	}
	str, dcs := strings.TrimSpace(rest), -1
	if quoted, ok := strings.CutPrefix(str, `"`); ok {
		end := strings.LastIndex(quoted, `"`)
		if end < 0 {
			end = len(quoted)
		}
		str, rest = quoted[:end], strings.TrimPrefix(quoted[end:], `"`)
	} else if i := strings.LastIndexByte(str, ','); i >= 0 {
		str, rest = str[:i], str[i:]
	} else {
		rest = ""
	}
	if n, err := strconv.Atoi(strings.Trim(rest, ", \n")); err == nil && n >= 0 && n <= 255 {
		dcs = n
	}
	a.Text = pdu.DecodeUSSD(str, dcs)
	return a
}
