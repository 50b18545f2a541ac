package rest

import (
	"net/http"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// getLimits is GET /limits.
func (s *server) getLimits(w http.ResponseWriter, _ *http.Request) error {
	out := []api.Limit{}
	for _, l := range s.gateway.Limits() {
		out = append(out, api.Limit{
			Limit: l.Limit, ModemID: l.Modem, SIMNumber: l.SIM,
			Used: l.Used, Most: l.Most, Reserved: l.Reserved, Unit: l.Unit, Text: l.Reason,
		})
	}
	return reply(w, http.StatusOK, out)
}

// measureLimits adds how much of each limit is used.
func measureLimits(m *Metrics, limits []gateway.LimitUse) {
	used := m.Gauge("tetherd_limit_used", "How much of a limit is used; the modem is empty for all together.")
	for _, l := range limits {
		used.Sample(l.Used, "limit", l.Limit, "modem", l.Modem)
	}
	most := m.Gauge("tetherd_limit_most", "How much a limit allows.")
	for _, l := range limits {
		most.Sample(l.Most, "limit", l.Limit, "modem", l.Modem)
	}
}
