package modem

import (
	"fmt"
	"slices"
	"strings"

	"tetherd/gateway"
	"tetherd/modem/line"
)

// describe sums up how the modem was set up, from what the session settled on and
// from what was said on the way.
func (s *session) describe() *gateway.ModemSetup {
	d := s.dialogue
	out := &gateway.ModemSetup{
		Profile:         s.profile.name,
		StoragesOffered: line.MaskNumbers(d.offer("+CPMS")),
		CNMIOffered:     line.MaskNumbers(d.offer("+CNMI")),
		CNMI:            s.notification(),
		CSMS:            -1,
	}
	for _, e := range d.sets("+CSCS") {
		if e.err == nil {
			out.Charset = strings.Trim(strings.TrimPrefix(e.command, "AT+CSCS="), `"`)
		}
	}
	if s.boxes.main != "" {
		out.Storages = append([]string{s.boxes.main}, s.boxes.others...)
	}
	if e, ok := d.find("+CSMS?"); ok && e.err == nil {
		if n, known := parseCSMS(e.lines); known {
			out.CSMS = n
		}
	}
	out.Messages, out.Reports = paths(out.CNMI)
	out.Oddities = slices.Concat(
		s.odditiesOfIdentity(), s.odditiesOfStorage(), s.odditiesOfNotification(out), d.unanswered(),
	)
	return out
}

// notification returns the setting of +CNMI in use: as the modem says, else as it was
// accepted; empty if none was.
func (s *session) notification() string {
	if s.cnmi != "" {
		return s.cnmi
	}
	for _, e := range slices.Backward(s.dialogue.sets("+CNMI")) {
		if e.err == nil {
			return strings.TrimPrefix(e.command, "AT+CNMI=")
		}
	}
	return ""
}

// paths tells how messages and reports arrive with a setting of +CNMI (3GPP TS 27.005
// §3.4.1). In mode 0 the modem keeps what it has to say to itself.
func paths(cnmi string) (messages, reports gateway.Path) {
	fs := fields(cnmi)
	at := func(i int) int {
		n, _ := nth(fs, i).number()
		return n
	}
	messages, reports = gateway.PathPolled, gateway.PathNone
	switch {
	case len(fs) == 0:
		return messages, reports
	case at(1) > 1:
		messages = gateway.PathDirect
	case at(1) == 1 && at(0) != 0:
		messages = gateway.PathStored
	}
	switch {
	case at(3) == 1:
		reports = gateway.PathDirect
	case at(3) == 2 && at(0) != 0:
		reports = gateway.PathStored
	case at(3) == 2:
		reports = gateway.PathPolled
	}
	return messages, reports
}

// odd returns an oddity that changes nothing for the owner, lack one that does.
func odd(format string, args ...any) gateway.Oddity {
	return gateway.Oddity{Text: fmt.Sprintf(format, args...)}
}

func lack(format string, args ...any) gateway.Oddity {
	return gateway.Oddity{Text: fmt.Sprintf(format, args...), Matters: true}
}

// odditiesOfIdentity are those of what the modem and the SIM say of themselves, and of
// the settings that come first.
func (s *session) odditiesOfIdentity() (out []gateway.Oddity) {
	st := s.m.Status()
	d := s.dialogue
	if st.Manufacturer == "" && st.Model == "" {
		out = append(out, odd("It does not say who made it, so it is treated like any modem that follows the standards."))
	}
	if st.IMEI == "" {
		out = append(out, odd("It does not tell its IMEI: name it by port or usb in the configuration."))
	}
	if e, ok := d.find("+CMEE=1"); ok && e.wasRefused() {
		out = append(out, lack("It does not number its errors: why a message failed remains unknown."))
	}
	if es := d.sets("+CFUN"); len(es) > 0 {
		if e := es[len(es)-1]; e.err == nil {
			out = append(out, odd("Its radio was off and was switched on."))
		} else {
			out = append(out, lack("Its radio is off and cannot be switched on (%s).", e.final()))
		}
	}
	switch es := d.sets("+CSCS"); {
	case len(es) < 2:
	case es[len(es)-1].err == nil:
		out = append(out, odd("It does not know the character set GSM; IRA is used instead."))
	default:
		out = append(out, odd("Its character set cannot be chosen: names and answers to service codes may be garbled."))
	}
	if e, ok := d.find("+CIMI"); st.ICCID == "" && ok {
		if e.err == nil {
			out = append(out, odd("It does not tell the ICCID of the SIM, which is recognised by its IMSI."))
		} else {
			out = append(out, odd("It does not tell the identity of the SIM: a change of the SIM is not noticed."))
		}
	}
	if _, asked := d.find("+CSCA?"); asked && st.SMSC == "" {
		out = append(out, lack("The SIM has no service centre number, without which sending usually fails: set smsc of this modem to the number your operator names."))
	}
	return out
}

// odditiesOfStorage are those of +CPMS.
func (s *session) odditiesOfStorage() (out []gateway.Oddity) {
	b := &s.boxes
	if e, ok := s.dialogue.find("+CPMS=?"); ok && e.err != nil {
		out = append(out, odd("It does not list its message storages (%s): the usual ones were tried.", e.final()))
	}
	var refused []string
	for _, e := range s.dialogue.sets("+CPMS") {
		mem := nth(fields(strings.TrimPrefix(e.command, "AT+CPMS=")), 0).text
		if e.err != nil && mem != b.main && !slices.Contains(refused, mem) {
			refused = append(refused, mem)
		}
	}
	if len(refused) > 0 {
		out = append(out, odd("It offers the storage %s and cannot open it.", strings.Join(refused, " and ")))
	}
	switch total := s.m.Status().Capacity; {
	case b.main == "":
		out = append(out, lack("It does not let a message storage be chosen: messages are looked for wherever it keeps them."))
	case b.none:
		out = append(out, lack("It has no room for a single message: what comes in is handed over directly, and lost if the gateway dies at that moment."))
	case b.form == 1:
		out = append(out, odd("It takes the name of one storage only in +CPMS."))
	case total > 0 && total < fewPlaces:
		out = append(out, odd("Its storage %s has room for %d messages only.", b.main, total))
	}
	return out
}

// odditiesOfNotification are those of +CNMI and +CSMS.
func (s *session) odditiesOfNotification(setup *gateway.ModemSetup) (out []gateway.Oddity) {
	var refused []string
	best := ""
	for _, e := range s.dialogue.sets("+CNMI") {
		set := strings.TrimPrefix(e.command, "AT+CNMI=")
		switch {
		case e.err == nil:
			best = set
		case !slices.Contains(refused, set):
			refused = append(refused, set)
		}
	}
	_, kept := keeps(setup.CNMI, best)
	switch {
	case best == "":
		out = append(out, lack("It refuses to announce messages: they are looked for every %v.", s.m.o.SweepInterval))
	case !kept:
		out = append(out, lack("It accepts %s as setting of +CNMI and keeps %s: messages are looked for every %v. Another program may change the setting.", best, setup.CNMI, s.m.o.SweepInterval))
	case len(refused) == 1:
		out = append(out, odd("It refuses the setting %s of +CNMI; %s is used.", refused[0], best))
	case len(refused) > 1:
		out = append(out, odd("It refuses %d settings of +CNMI, from %s to %s; %s is used.", len(refused), refused[0], refused[len(refused)-1], best))
	}
	if setup.Messages == gateway.PathDirect && !s.boxes.none {
		out = append(out, lack("It hands messages over without storing them: one is lost if the gateway dies at that moment."))
	}
	if best != "" && setup.Reports == gateway.PathNone {
		out = append(out, lack("It does not pass delivery reports on: messages stay \"sent\" and do not become \"delivered\"."))
	}
	return out
}

// unanswered names the commands that got no answer in time.
func (d dialogue) unanswered() []gateway.Oddity {
	var names []string
	for _, e := range d {
		if name := commandName(e.command); e.final() == noAnswer && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []gateway.Oddity{lack("It left %s unanswered. If that happens again, it may be hanging: unplug it and plug it in again.", strings.Join(names, ", "))}
}

// commandName returns a command without its parameters.
func commandName(command string) string {
	if i := strings.IndexAny(command, "=?"); i > 0 {
		return command[:i]
	}
	return command
}
