package modem

import (
	"errors"
	"fmt"
	"strings"

	"tetherd/gateway"
	"tetherd/modem/device"
)

// What makes a modem worth a remark.
const (
	weakSignal = 5 // +CSQ <rssi>, -103 dBm: below it sending often fails
	fullness   = 4 // fifths of a storage, from which on it is nearly full
	allTries   = 3 // attempts at a PIN that a SIM usually allows
)

// judge adds what is remarkable to a report, and sums it up. err is why it is not
// whole; nil if it is.
func (m *Modem) judge(r *Report, err error) {
	if err != nil {
		r.Verdict, r.Reason = m.failure(r, err)
		if r.Port == "" {
			r.Port = m.o.Port
		}
		return
	}
	r.Findings = append(r.Findings, r.remarks()...)
	if !r.Network.Registered {
		r.Verdict, r.Reason = VerdictCannotSend, explainStat(bestStat(r.Network.Registrations))
		return
	}
	r.Conclude()
}

// Conclude passes the verdict on a modem that is set up and registered, from what was
// found and from what is known of its family.
func (r *Report) Conclude() {
	if profileFor(r.Manufacturer, r.Model).receivesOnly {
		r.Verdict = VerdictCannotSend
		r.Reason = "Phones of this family take a message over the cable and then refuse to send it (CMS error 303 or CME error 513). It may serve to receive; use another modem for sending."
		return
	}
	r.Verdict, r.Reason = VerdictWorks, ""
	var but []string
	for _, o := range r.Findings {
		if o.Matters {
			but = append(but, o.Text)
		}
	}
	if len(but) > 0 {
		r.Verdict, r.Reason = VerdictLimited, strings.Join(but, " ")
	}
}

// failure returns the verdict on a modem that could not be set up, or was lost.
func (m *Modem) failure(r *Report, err error) (Verdict, string) {
	if h, ok := errors.AsType[*hold](err); ok {
		if r.SIM.Ready {
			return VerdictUnusable, h.reason
		}
		return VerdictOwner, h.reason
	}
	if errors.Is(err, errMute) {
		switch m.ear.role() {
		case device.RoleGPS:
			return VerdictUnusable, "Port " + r.Port + " tells positions (NMEA) instead of answering: it is not the one for commands." + m.otherPort()
		case device.RoleDiag:
			return VerdictUnusable, "Port " + r.Port + " speaks a binary protocol for diagnostics instead of answering: it is not the one for commands." + m.otherPort()
		}
	}
	if errors.Is(err, errRebooted) {
		return VerdictUnusable, "The modem restarts again and again while it is set up. Its power supply may be too weak: use a powered hub, or a better supply."
	}
	return VerdictUnusable, m.reasonFor(err)
}

// otherPort names the port of the same device that is likelier to take commands.
func (m *Modem) otherPort() string {
	place := m.place.Load()
	if place == nil {
		return ""
	}
	for _, p := range place.Device.Candidates() {
		if p.TTY != place.Port.TTY {
			return " Try /dev/" + p.TTY + "."
		}
	}
	return ""
}

// bestStat returns the registration that tells most.
func bestStat(rs []RegistrationReport) int {
	best := regUnknown
	for _, r := range rs {
		if r.Stat >= 0 && rank(r.Stat) > rank(best) {
			best = r.Stat
		}
	}
	return best
}

// remarks are what is remarkable about SIM, network and storages.
func (r *Report) remarks() (out []gateway.Oddity) {
	if n := r.SIM.PINTries; n != nil && *n < allTries {
		out = append(out, odd("The SIM allows %s at its PIN before it asks for its PUK.", quantity(*n, "more attempt")))
	}
	roams, noCalls := false, false
	for _, rr := range r.Network.Registrations {
		roams = roams || rr.Stat == regRoaming || rr.Stat == 7 || rr.Stat == 10
		noCalls = noCalls || rr.Domain == "CS" && rr.Stat >= 0 && !gateway.Registered(rr.Stat)
	}
	if roams {
		out = append(out, odd("The SIM is roaming: messages may cost more than at home."))
	}
	if r.Network.Registered && noCalls {
		out = append(out, odd("It is not registered for calls, only for data: SMS go over the packet network, if the operator offers that, and service codes may not work."))
	}
	switch s := r.Network.Signal; {
	case s == nil && r.Network.Registered:
		out = append(out, odd("It does not tell how strong the signal is."))
	case s != nil && *s < weakSignal && r.Network.Registered:
		out = append(out, lack("The signal is weak (%d dBm): messages will fail now and then. Move the antenna, or connect a better one.", 2**s-113))
	}
	for _, s := range r.Storages {
		switch {
		case s.Receives && s.Capacity > 0 && s.Used >= s.Capacity:
			out = append(out, lack("The storage %s is full, so nothing can be received. The gateway takes messages in and deletes them when it starts; those stored to be sent go with purge_foreign.", s.Name))
		case s.Receives && s.Capacity > 0 && 5*s.Used >= fullness*s.Capacity:
			out = append(out, odd("The storage %s is nearly full (%d of %d).", s.Name, s.Used, s.Capacity))
		case s.Used > 0:
			out = append(out, odd("There %s in %s. The gateway takes messages that were received in and deletes them there when it starts.", stored(s.Used), s.Name))
		}
	}
	return out
}

func stored(n int) string {
	if n == 1 {
		return "is 1 message"
	}
	return fmt.Sprintf("are %d messages", n)
}
