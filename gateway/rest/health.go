package rest

import (
	"net/http"
	"time"

	"tetherd/gateway"
)

// healthAge is for how long a verdict is shown again. Health takes several looks
// into the store, and anyone may ask for it.
const healthAge = time.Second

// getHealth is GET /health and /health/ready: 500 if the gateway cannot do its
// work.
func (s *server) getHealth(w http.ResponseWriter, _ *http.Request) error {
	h := s.recentHealth()
	status := http.StatusOK
	if h.Status == gateway.Down {
		status = http.StatusInternalServerError
	}
	return reply(w, status, h)
}

func (s *server) recentHealth() gateway.Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.healthAt.IsZero() || time.Since(s.healthAt) >= healthAge {
		s.health, s.healthAt = s.gateway.Health(), time.Now()
	}
	return s.health // replaced, never altered
}

// getLive is GET /health/live and /health/startup: 200 whenever it is answered.
// Restarting the process would not bring back a modem.
func (s *server) getLive(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, http.StatusOK, gateway.Health{
		Version: s.version, ReleaseID: 1, Status: gateway.Pass, Checks: map[string]gateway.Check{},
	})
}
