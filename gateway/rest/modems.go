package rest

import (
	"net/http"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// listModems is GET /modems.
func (s *server) listModems(w http.ResponseWriter, _ *http.Request) error {
	ms := s.gateway.Modems()
	out := make([]api.Modem, len(ms))
	for i := range ms {
		out[i] = modemOf(&ms[i])
	}
	return reply(w, http.StatusOK, out)
}

// getModem is GET /modems/{modem}, by name or slot.
func (s *server) getModem(w http.ResponseWriter, r *http.Request) error {
	m, err := s.gateway.ModemStatus(r.PathValue("modem"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, modemOf(&m))
}

// restartModem is POST /modems/{modem}/restart?level=. Nothing is waited for: what
// becomes of it is in the status.
func (s *server) restartModem(w http.ResponseWriter, r *http.Request) error {
	ref := r.PathValue("modem")
	m, err := s.gateway.ModemStatus(ref)
	if err != nil {
		return err
	}
	step := gateway.StepReopen
	if level := queryOf(r).Get("level"); level != "" {
		if step, err = gateway.ParseStep(level); err != nil {
			return err
		}
	}
	if err := s.gateway.RestartModem(r.Context(), ref, step); err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, api.Restart{Modem: m.Modem, Step: step.String()})
}

// modemOf returns m as the API shows it.
func modemOf(m *gateway.ModemStatus) api.Modem {
	out := api.Modem{
		ID: m.Modem, SIMNumber: m.Slot, State: string(m.State), Reason: m.Reason, Since: wire(m.Since),
		Port: m.Port, Baud: m.Baud, SharedWith: m.SharedWith, Manufacturer: m.Manufacturer, Model: m.Model, Revision: m.Revision, IMEI: m.IMEI,
		SIM: api.ModemSIM{ID: m.SIMID, ICCID: m.ICCID, PhoneNumber: m.Number, SMSC: m.SMSC},
		Network: api.ModemNetwork{
			Operator: m.Operator, Stat: m.Registration, Registration: gateway.RegistrationName(m.Registration), Registered: gateway.Registered(m.Registration),
		},
		Signal:   signalOf(m.Signal),
		Counters: countersOf(&m.Counters),
		Recovery: recoveryOf(&m.Recovery),
		Setup:    setupOf(m.Setup),
	}
	if m.Capacity > 0 {
		out.Storage = &api.ModemStorage{Name: m.Storage, Used: m.Stored, Capacity: m.Capacity, Foreign: m.Foreign}
	}
	if b := m.Balance; b != (gateway.Balance{}) {
		out.Balance = balanceOf(b)
	}
	if m.Power.Reason != "" {
		out.Power = &api.ModemPower{Reason: m.Power.Reason, Since: wire(m.Power.Since)}
	}
	return out
}

// setupOf returns nil for a modem that was not set up yet.
func setupOf(s *gateway.ModemSetup) *api.ModemSetup {
	if s == nil {
		return nil
	}
	out := &api.ModemSetup{
		Profile: s.Profile, Charset: s.Charset, StoragesOffered: s.StoragesOffered, Storages: append([]string{}, s.Storages...),
		CNMIOffered: s.CNMIOffered, CNMI: s.CNMI, Messages: string(s.Messages), Reports: string(s.Reports),
		Oddities: make([]api.ModemOddity, len(s.Oddities)),
	}
	if s.CSMS >= 0 {
		out.CSMS = &s.CSMS
	}
	for i, o := range s.Oddities {
		out.Oddities[i] = api.ModemOddity{Text: o.Text, Matters: o.Matters}
	}
	return out
}

func balanceOf(b gateway.Balance) *api.ModemBalance {
	return &api.ModemBalance{Value: b.Value, Text: b.Text, At: wire(b.At), Low: b.Low, Error: b.Error}
}

// checkBalance is POST /modems/{modem}/balance, which asks the operator now.
func (s *server) checkBalance(w http.ResponseWriter, r *http.Request) error {
	// A connection that cannot have another deadline keeps the usual one.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(ussdPatience))
	b, err := s.gateway.CheckBalance(r.Context(), r.PathValue("modem"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, balanceOf(b))
}

// purgeModem is POST /modems/{modem}/purge.
func (s *server) purgeModem(w http.ResponseWriter, r *http.Request) error {
	m, err := s.gateway.ModemStatus(r.PathValue("modem"))
	if err != nil {
		return err
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(purgePatience))
	n, err := s.gateway.PurgeModem(r.Context(), m.Modem)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, api.Purged{Modem: m.Modem, Messages: n})
}

// purgePatience is how long a modem may take to empty its storages, behind a
// message that waits for its answer.
const purgePatience = 10 * time.Minute

func countersOf(c *gateway.ModemCounters) api.ModemCounters {
	out := api.ModemCounters{
		Sessions: c.Sessions, Reboots: c.Reboots, PortLosses: c.PortLosses, BrownOuts: c.BrownOuts,
		SentOK: c.SentOK, SentFailed: c.SentFailed, SentUnknown: c.SentUnknown,
		Received: c.Received, Reports: c.Reports,
		Steps: make(map[string]uint64, len(c.Steps)),
	}
	for i, n := range c.Steps {
		out.Steps[gateway.RecoveryStep(i).String()] = n
	}
	return out
}

func recoveryOf(r *gateway.Recovery) api.ModemRecovery {
	out := api.ModemRecovery{Failing: r.Failing}
	if !r.At.IsZero() {
		out.Step, out.At, out.Reason = r.Step.String(), wire(r.At), r.Reason
	}
	if r.Failing {
		out.Next, out.NextAt = r.Next.String(), wire(r.NextAt)
	}
	return out
}

// signalOf returns nil while the strength is not known.
func signalOf(rssi int) *api.ModemSignal {
	if rssi < 0 || rssi > 31 {
		return nil
	}
	return &api.ModemSignal{RSSI: rssi, DBM: 2*rssi - 113, Bars: bars(rssi)}
}

// bars cuts the scale where phones commonly do: five from -85 dBm upwards.
func bars(rssi int) int {
	for n, least := range [...]int{2, 5, 8, 11, 14} { // -109, -103, -97, -91, -85 dBm
		if rssi < least {
			return n
		}
	}
	return 5
}
