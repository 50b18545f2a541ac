package gateway

import (
	"fmt"
	"math"
	"time"
)

// Health looks at everything the gateway needs and says how it is. No modem that
// can be used is a failure, some is a warning. Texts name no phone number.
func (g *Gateway) Health() Health {
	h := Health{Version: g.Version, ReleaseID: 1, Status: Pass, Checks: make(map[string]Check)}
	g.checkModems(h.Checks)
	g.checkMessages(h.Checks)
	g.checkWaiting(h.Checks)
	g.checkLimits(h.Checks)
	g.checkWorkHours(h.Checks)
	g.checkDamage(h.Checks)
	g.checkCanaries(h.Checks)
	h.Checks["store:writable"] = Check{Status: Pass, ObservedValue: 1, ObservedUnit: "boolean", Description: "Changes are stored durably"}
	if g.broken.Load() {
		h.Checks["store:writable"] = Check{Status: Down, ObservedUnit: "boolean", Description: ErrStoreFailed.Message}
	}
	h.Checks["clock:plausible"] = Check{Status: Pass, ObservedValue: 1, ObservedUnit: "boolean", Description: "The wall clock is plausible"}
	if _, ok := g.clock.Wall(); !ok {
		h.Checks["clock:plausible"] = Check{
			Status: Warn, ObservedUnit: "boolean",
			Description: "The wall clock is behind the date of this program or of its data: scheduled messages wait until it is set (is NTP reachable?)",
		}
	}
	for _, c := range h.Checks {
		h.Status = worse(h.Status, c.Status)
	}
	return h
}

func (g *Gateway) checkModems(checks map[string]Check) {
	usable := 0
	modems := g.Modems()
	for _, m := range modems {
		if m.State == ModemReady {
			usable++
		}
	}
	checkConnection(checks, usable > 0)
	// One modem being down is a warning as long as another can do its work.
	bad := Warn
	if usable == 0 {
		bad = Down
	}
	for _, m := range modems {
		name := fmt.Sprintf("modem:%d:", m.Slot)
		if m.State == ModemReady {
			checks[name+"status"] = Check{Status: Pass, ObservedValue: 1, ObservedUnit: "boolean", Description: m.Modem + " is ready"}
		} else {
			checks[name+"status"] = Check{Status: bad, ObservedUnit: "boolean", Description: fmt.Sprintf("%s is %s: %s", m.Modem, m.State, m.Reason)}
		}
		if m.SharedWith != "" {
			checks[name+"port"] = Check{
				Status: Warn, ObservedUnit: "boolean",
				Description: fmt.Sprintf("The port of %s is shared with %s: each takes answers meant for the other. Keep that program away from it; the log says how", m.Modem, m.SharedWith),
			}
		}
		if m.Signal != 99 && m.State == ModemReady {
			checks[name+"signal"] = Check{Status: Pass, ObservedValue: m.Signal, ObservedUnit: "rssi", Description: "Signal strength, 0 to 31"}
		}
		if m.Power.Reason != "" {
			checks[name+"power"] = Check{Status: Warn, ObservedUnit: "boolean", Description: m.Modem + ": " + m.Power.Reason}
		}
		if m.Capacity > 0 {
			checks[name+"storage"] = storageCheck(m)
		}
		if m.Balance != (Balance{}) {
			checks[name+"balance"] = balanceCheck(m)
		}
	}
	if len(modems) == 0 {
		checks["modem:configured"] = Check{Status: Down, ObservedUnit: "modems", Description: "No modem is configured: name one under modems: in the configuration"}
	}
}

// checkConnection says in the terms of a telephone whether there is a network.
func checkConnection(checks map[string]Check, online bool) {
	status := Check{Status: Down, ObservedUnit: "boolean", Description: "No modem is connected to its network"}
	transport := Check{Status: Down, ObservedUnit: "flags", Description: "How messages leave: 0 for not at all, 2 for a mobile network"}
	cellular := Check{Status: Pass, ObservedUnit: "index", Description: "Mobile network: 0 for none, 1 for one of a generation that is not known"}
	if online {
		status = Check{Status: Pass, ObservedValue: 1, ObservedUnit: "boolean", Description: "A modem is connected to its network"}
		transport.Status, transport.ObservedValue, cellular.ObservedValue = Pass, 2, 1
	}
	checks["connection:status"], checks["connection:transport"], checks["connection:cellular"] = status, transport, cellular
}

func balanceCheck(m ModemStatus) Check {
	b := m.Balance
	c := Check{Status: Pass, ObservedValue: int(math.Floor(b.Value)), ObservedUnit: "currency", Description: "Credit of the SIM, without the digits behind the point"}
	switch {
	case b.Error != "":
		c.Status, c.Description = Warn, m.Modem+": "+b.Error
	case b.Low:
		c.Status, c.Description = Warn, "The credit of the SIM of "+m.Modem+" is low: top it up"
	}
	return c
}

func storageCheck(m ModemStatus) Check {
	c := Check{
		Status: Pass, ObservedValue: 100 * m.Stored / m.Capacity, ObservedUnit: "percent",
		Description: fmt.Sprintf("%d of %d places for incoming messages are taken", m.Stored, m.Capacity),
	}
	if c.ObservedValue >= 80 {
		c.Status = Warn
		c.Description += "; when all are, the network delivers nothing more: delete foreign messages from it"
	}
	return c
}

func (g *Gateway) checkMessages(checks map[string]Check) {
	since, _ := g.clock.Wall()
	since = since.Add(-time.Hour)
	failed, done := 0, 0
	for _, s := range []State{Failed, Processed, Sent, Delivered} {
		_, n, err := g.store.Messages(MessageQuery{State: s, From: since})
		if err != nil {
			checks["messages:failed"] = Check{Status: Down, ObservedUnit: "messages", Description: "The store cannot be read; see the log"}
			return
		}
		if s == Failed {
			failed = n
		} else {
			done += n
		}
	}
	c := Check{Status: Pass, ObservedValue: failed, ObservedUnit: "messages", Description: "Failed messages for last hour"}
	switch {
	case failed > 0 && done == 0:
		c.Status = Down
	case failed > 0:
		c.Status = Warn
	}
	checks["messages:failed"] = c
	counts, err := g.store.CountMessages()
	if err == nil {
		checks["messages:pending"] = Check{Status: Pass, ObservedValue: counts[Pending], ObservedUnit: "messages", Description: "Messages waiting to be sent"}
	}
}
