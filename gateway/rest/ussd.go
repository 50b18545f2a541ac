package rest

import (
	"net/http"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// ussdPatience is how long an answer may take, beyond what other requests may.
const ussdPatience = 3 * time.Minute

// runUSSD is POST /modems/{modem}/ussd.
func (s *server) runUSSD(w http.ResponseWriter, r *http.Request) error {
	o, err := readObject(w, r)
	if err != nil {
		return err
	}
	q := gateway.USSDQuery{Code: value(o.text("code")), Reply: value(o.text("reply"))}
	if err := o.problem(); err != nil {
		return err
	}
	ref := r.PathValue("modem")
	m, err := s.gateway.ModemStatus(ref)
	if err != nil {
		return err
	}
	// A connection that cannot have another deadline keeps the usual one.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(ussdPatience))
	a, err := s.gateway.USSD(r.Context(), ref, q)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, api.USSDAnswer{Modem: m.Modem, Text: a.Text, Status: string(a.Status)})
}

// endUSSD is DELETE /modems/{modem}/ussd.
func (s *server) endUSSD(w http.ResponseWriter, r *http.Request) error {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(ussdPatience)) // as above
	if _, err := s.gateway.USSD(r.Context(), r.PathValue("modem"), gateway.USSDQuery{End: true}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
