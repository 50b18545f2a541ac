package rest

import (
	"net/http"
	"strconv"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// Recordings gives access to the dialogue with the modems. It must be safe for
// concurrent use, and its names fit for a path.
type Recordings interface {
	// Lines returns the latest dialogue with a modem, by its name, oldest line first,
	// without the lines up to the one numbered after.
	Lines(modem string, after uint64) []api.RecordedLine
	// Saved lists what was saved around failures, newest first.
	Saved() ([]api.Recording, error)
	// Read returns a saved recording; the error is of code NotFound if there is none
	// of that name.
	Read(name string) ([]byte, error)
}

// modemTrace is GET /modems/{modem}/trace?after=.
func (s *server) modemTrace(w http.ResponseWriter, r *http.Request) error {
	m, err := s.gateway.ModemStatus(r.PathValue("modem"))
	if err != nil {
		return err
	}
	after := uint64(0)
	if text := queryOf(r).Get("after"); text != "" {
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			return gateway.Invalidf("after must be the seq of a line, a whole number from 0")
		}
	}
	lines := []api.RecordedLine{}
	if s.recordings != nil {
		lines = append(lines, s.recordings.Lines(m.Modem, after)...)
	}
	return reply(w, http.StatusOK, lines)
}

// listRecordings is GET /recordings.
func (s *server) listRecordings(w http.ResponseWriter, _ *http.Request) error {
	saved := []api.Recording{}
	if s.recordings != nil {
		list, err := s.recordings.Saved()
		if err != nil {
			return err
		}
		saved = append(saved, list...)
	}
	return reply(w, http.StatusOK, saved)
}

// getRecording is GET /recordings/{id}.
func (s *server) getRecording(w http.ResponseWriter, r *http.Request) error {
	if s.recordings == nil {
		return gateway.ErrNotFound
	}
	b, err := s.recordings.Read(r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b) // the client may be gone
	return nil
}
