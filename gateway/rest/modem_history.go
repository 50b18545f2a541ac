package rest

import (
	"net/http"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// modemHistory is GET /modems/{modem}/history?from=&to=.
func (s *server) modemHistory(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	from, ok := q.since("from")
	to, ok2 := q.until("to")
	switch {
	case !ok || !ok2:
		return gateway.Invalidf("from and to must be dates with time, such as 2026-06-22T08:00:00Z")
	case !to.IsZero() && from.After(to):
		return errRange
	}
	samples, err := s.gateway.ModemHistory(r.PathValue("modem"), from, to)
	if err != nil {
		return err
	}
	out := make([]api.ModemSample, len(samples))
	for i, m := range samples {
		out[i] = api.ModemSample{
			At: wire(m.At), State: string(m.State), Signal: signalOf(m.Signal),
			Registration: gateway.RegistrationName(m.Registration), Registered: gateway.Registered(m.Registration),
		}
	}
	return reply(w, http.StatusOK, out)
}
