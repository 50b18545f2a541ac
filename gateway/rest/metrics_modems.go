package rest

import (
	"tetherd/gateway"
)

// modemStates are all states a modem can be in.
var modemStates = []gateway.ModemState{
	gateway.ModemReady, gateway.ModemStarting, gateway.ModemAbsent, gateway.ModemBlocked, gateway.ModemWaiting,
}

// modemGauges are metrics with one sample per modem for which ok is true.
var modemGauges = []struct {
	name, help string
	value      func(m *gateway.ModemStatus) (v float64, ok bool)
}{
	{"tetherd_modem_since_seconds", "When the modem entered its state, in Unix time.", func(m *gateway.ModemStatus) (float64, bool) {
		return float64(m.Since.UnixMilli()) / 1000, !m.Since.IsZero()
	}},
	{"tetherd_modem_balance", "Credit of the SIM in the operator's currency; missing while unknown.", func(m *gateway.ModemStatus) (float64, bool) {
		return m.Balance.Value, !m.Balance.At.IsZero()
	}},
	{"tetherd_modem_signal_dbm", "Strength of the network; missing while unknown.", func(m *gateway.ModemStatus) (float64, bool) {
		return float64(2*m.Signal - 113), signalOf(m.Signal) != nil
	}},
	{"tetherd_modem_registered", "1 if the modem is registered so that SMS can be sent.", func(m *gateway.ModemStatus) (float64, bool) {
		return truth(gateway.Registered(m.Registration)), true
	}},
	{"tetherd_modem_registration", "Registration as the modem says it, 3GPP TS 27.007 §7.2.", func(m *gateway.ModemStatus) (float64, bool) {
		return float64(m.Registration), true
	}},
	{"tetherd_modem_storage_used", "Messages in the storage where they arrive.", func(m *gateway.ModemStatus) (float64, bool) {
		return float64(m.Stored), m.Capacity > 0
	}},
	{"tetherd_modem_storage_capacity", "Places in that storage.", func(m *gateway.ModemStatus) (float64, bool) {
		return float64(m.Capacity), m.Capacity > 0
	}},
	{"tetherd_modem_storage_foreign", "Messages in any storage that others stored to be sent.", func(m *gateway.ModemStatus) (float64, bool) {
		return float64(m.Foreign), m.Capacity > 0
	}},
	{"tetherd_modem_recovering", "1 while steps are taken to bring the modem back.", func(m *gateway.ModemStatus) (float64, bool) {
		return truth(m.Recovery.Failing), true
	}},
	{"tetherd_modem_recovery_step", "Latest step to bring the modem back: 1 reopen, 2 init, 3 radio, 4 reboot, 5 usb, 6 command, 7 wait.", func(m *gateway.ModemStatus) (float64, bool) {
		return float64(m.Recovery.Step), !m.Recovery.At.IsZero()
	}},
	{"tetherd_modem_power_problem", "1 while the supply of the modem is suspected to be too weak.", func(m *gateway.ModemStatus) (float64, bool) {
		return truth(m.Power.Reason != ""), true
	}},
}

// modemCounters are metrics with one sample per modem that only grow.
var modemCounters = []struct {
	name, help string
	value      func(c *gateway.ModemCounters) uint64
}{
	{"tetherd_modem_sessions_total", "Set-ups that succeeded.", func(c *gateway.ModemCounters) uint64 { return c.Sessions }},
	{"tetherd_modem_reboots_total", "Restarts of the modem that nobody asked for.", func(c *gateway.ModemCounters) uint64 { return c.Reboots }},
	{"tetherd_modem_port_losses_total", "Ends of the open port that nobody asked for.", func(c *gateway.ModemCounters) uint64 { return c.PortLosses }},
	{"tetherd_modem_brown_outs_total", "Restarts and losses right after a message was handed over.", func(c *gateway.ModemCounters) uint64 { return c.BrownOuts }},
	{"tetherd_modem_received_total", "Received messages, by part.", func(c *gateway.ModemCounters) uint64 { return c.Received }},
	{"tetherd_modem_reports_total", "Received delivery reports.", func(c *gateway.ModemCounters) uint64 { return c.Reports }},
}

func measureModems(m *Metrics, modems []gateway.ModemStatus) {
	states := m.Gauge("tetherd_modem_state", "1 for the state the modem is in.")
	for i := range modems {
		for _, state := range modemStates {
			states.Sample(truth(modems[i].State == state), "modem", modems[i].Modem, "state", string(state))
		}
	}
	for _, g := range modemGauges {
		f := m.Gauge(g.name, g.help)
		for i := range modems {
			if v, ok := g.value(&modems[i]); ok {
				f.Sample(v, "modem", modems[i].Modem)
			}
		}
	}
	sent := m.Counter("tetherd_modem_sent_total", "Parts of messages handed over, by what became of them.")
	for i := range modems {
		c := &modems[i].Counters
		for _, r := range []struct {
			result string
			n      uint64
		}{{"accepted", c.SentOK}, {"failed", c.SentFailed}, {"unknown", c.SentUnknown}} {
			sent.Sample(float64(r.n), "modem", modems[i].Modem, "result", r.result)
		}
	}
	for _, c := range modemCounters {
		f := m.Counter(c.name, c.help)
		for i := range modems {
			f.Sample(float64(c.value(&modems[i].Counters)), "modem", modems[i].Modem)
		}
	}
	steps := m.Counter("tetherd_modem_recovery_steps_total", "Steps taken to bring the modem back.")
	for i := range modems {
		for step, n := range modems[i].Counters.Steps {
			steps.Sample(float64(n), "modem", modems[i].Modem, "step", gateway.RecoveryStep(step).String())
		}
	}
}
