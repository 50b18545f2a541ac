package rest

import (
	"net/http"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// getCanaries is GET /canary.
func (s *server) getCanaries(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, http.StatusOK, s.canaries())
}

// runCanary is POST /canary/run?modem=. What becomes of it is not waited for.
func (s *server) runCanary(w http.ResponseWriter, r *http.Request) error {
	modem := queryOf(r).Get("modem")
	if modem != "" {
		m, err := s.gateway.ModemStatus(modem) // by name or slot
		if err != nil {
			return err
		}
		modem = m.Modem
	}
	if err := s.gateway.RunCanary(r.Context(), modem); err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, s.canaries())
}

func (s *server) canaries() api.Canaries {
	o := s.gateway.Canaries()
	out := api.Canaries{
		Enabled: o.Enabled, Every: api.Duration(o.Options.Every), Timeout: api.Duration(o.Options.Timeout),
		BudgetPerDay: o.Options.PerDay, Sent: o.Sent, Modems: []api.Canary{},
	}
	for i := range o.Modems {
		m := &o.Modems[i]
		c := api.Canary{
			ModemID: m.Modem, Status: string(m.Verdict(o.Options)), Misses: m.Misses, Problem: m.Problem,
			Results: make([]api.CanaryResult, len(m.Results)),
		}
		if m.Next != 0 {
			c.NextAt = wire(s.gateway.TimeOf(m.Next))
		}
		if f := m.Flight; f != nil {
			c.UnderWay = &api.CanaryFlight{MessageID: f.Message, At: wire(f.At), Until: wire(s.gateway.TimeOf(f.Deadline))}
		}
		for j := range m.Results {
			r := &m.Results[j]
			c.Results[j] = api.CanaryResult{At: wire(r.At), OK: r.OK(), RoundTrip: r.RoundTrip.Seconds(), Error: r.Error}
		}
		out.Modems = append(out.Modems, c)
	}
	return out
}

// measureCanaries adds how canaries fared.
func measureCanaries(m *Metrics, o gateway.CanaryOverview) {
	if !o.Enabled {
		return
	}
	trips := m.Gauge("tetherd_canary_round_trip_seconds", "Time the latest canary that came through took.")
	for i := range o.Modems {
		for j := len(o.Modems[i].Results) - 1; j >= 0; j-- {
			if r := &o.Modems[i].Results[j]; r.OK() {
				trips.Sample(r.RoundTrip.Seconds(), "modem", o.Modems[i].Modem)
				break
			}
		}
	}
	misses := m.Gauge("tetherd_canary_misses", "Canaries in a row that did not come through.")
	for i := range o.Modems {
		misses.Sample(float64(o.Modems[i].Misses), "modem", o.Modems[i].Modem)
	}
	m.Gauge("tetherd_canary_sent", "Canaries sent in the last 24 hours.").Sample(float64(o.Sent))
}
