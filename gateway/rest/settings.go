package rest

import (
	"net/http"
)

// getSettings is GET /settings. Secrets are not shown.
func (s *server) getSettings(w http.ResponseWriter, r *http.Request) error {
	sources, err := queryOf(r).boolean("sources")
	if err != nil {
		return err
	}
	return s.replySettings(w, sources)
}

func (s *server) replySettings(w http.ResponseWriter, withSources bool) error {
	values, sources := s.gateway.SettingsShown()
	if !withSources {
		return reply(w, http.StatusOK, values)
	}
	out := make(map[string]any)
	for section, of := range values {
		out[section] = of
	}
	out["sources"] = sources
	return reply(w, http.StatusOK, out)
}

// patchSettings is PATCH /settings.
func (s *server) patchSettings(w http.ResponseWriter, r *http.Request) error {
	return s.changeSettings(w, r, false)
}

// putSettings is PUT /settings.
func (s *server) putSettings(w http.ResponseWriter, r *http.Request) error {
	return s.changeSettings(w, r, true)
}

func (s *server) changeSettings(w http.ResponseWriter, r *http.Request, replace bool) error {
	o, err := readObject(w, r)
	if err != nil {
		return err
	}
	if err := s.gateway.ChangeSettings(r.Context(), o.fields, replace); err != nil {
		return err
	}
	return s.replySettings(w, false)
}
