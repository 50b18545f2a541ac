package rest

import (
	"math"
	"net/http"
	"net/url"
	"strconv"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// listOptOuts is GET /opt-outs.
func (s *server) listOptOuts(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	limit, ok := q.within("limit", defaultLimit, 1, maxLimit)
	if !ok {
		return gateway.Invalidf("limit must be between 1 and %d", maxLimit)
	}
	offset, ok := q.within("offset", 0, 0, math.MaxInt)
	if !ok {
		return gateway.Invalidf("offset must be a whole number from 0")
	}
	os, total, err := s.gateway.OptOuts(limit, offset)
	if err != nil {
		return err
	}
	out := make([]api.OptOut, len(os))
	for i := range os {
		out[i] = apiOptOut(&os[i])
	}
	w.Header().Set(api.TotalHeader, strconv.Itoa(total))
	return reply(w, http.StatusOK, out)
}

// addOptOut is POST /opt-outs. A number that opted out already is answered with 200.
func (s *server) addOptOut(w http.ResponseWriter, r *http.Request) error {
	o, err := readObject(w, r)
	if err != nil {
		return err
	}
	number := value(o.text("phoneNumber"))
	if err := o.problem(); err != nil {
		return err
	}
	if number == "" {
		return gateway.Invalidf("phoneNumber is missing: give the number that is not to be sent messages")
	}
	out, added, err := s.gateway.AddOptOut(r.Context(), number)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if added {
		status = http.StatusCreated
		w.Header().Set("Location", r.URL.EscapedPath()+"/"+url.PathEscape(out.Number))
	}
	return reply(w, status, apiOptOut(&out))
}

// deleteOptOut is DELETE /opt-outs/{id}.
func (s *server) deleteOptOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.gateway.DropOptOut(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func apiOptOut(o *gateway.OptOut) api.OptOut {
	return api.OptOut{PhoneNumber: o.Number, Since: &api.Time{Time: o.Since}, Keyword: o.Keyword}
}
