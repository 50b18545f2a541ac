package rest

import (
	"net/http"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// getTrace is GET /messages/{id}/trace.
func (s *server) getTrace(w http.ResponseWriter, r *http.Request) error {
	m, err := s.gateway.Message(r.PathValue("id"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, traceOf(&m))
}

// traceOf returns the way of m as the API shows it. That it was taken on is not
// stored as a hop: it follows from the message.
func traceOf(m *gateway.Message) api.Trace {
	out := api.Trace{ID: m.ID, State: api.State(m.State()), Recipients: make([]api.RecipientTrace, len(m.Recipients))}
	queued := api.Hop{At: wire(m.CreatedAt), Kind: "queued", Description: "accepted by the gateway", State: api.Pending}
	if !m.ScheduleAt.IsZero() {
		queued.Description += ", to be sent at " + m.ScheduleAt.Local().Format(time.RFC3339)
	}
	for i := range m.Recipients {
		r := &m.Recipients[i]
		hops := make([]api.Hop, 0, len(r.Trace)+1)
		hops = append(hops, queued)
		for j := range r.Trace {
			hops = append(hops, hop(&r.Trace[j]))
		}
		out.Recipients[i] = api.RecipientTrace{
			PhoneNumber: r.Number, State: api.State(r.State), DroppedHops: r.Dropped, Hops: hops,
		}
	}
	return out
}

func hop(h *gateway.Hop) api.Hop {
	out := api.Hop{
		At: wire(h.Time()), Kind: string(h.Kind), Description: h.String(), Evidence: h.Evidence,
		Attempt: h.Attempt, ModemID: h.Modem, SIMNumber: h.SIM, Part: h.Part, Status: h.Status, Code: h.Code,
		WaitSeconds: float64(h.Wait) / 1000, State: api.State(h.State), EventID: h.Event,
	}
	if h.MR != nil && *h.MR >= 0 {
		out.Reference = h.MR
	}
	return out
}
