package rest

import (
	"net/http"
	"strconv"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// maxLogs bounds the entries of one answer: there are no pages.
const maxLogs = 5000

// Logs gives access to the log that users may see. It must be safe for concurrent
// use.
type Logs interface {
	// Log returns the selected entries, oldest first, and how many match in all.
	Log(q gateway.LogQuery) (entries []gateway.LogEntry, total int, err error)
}

// getLogs is GET /logs. Dates that cannot be read are ignored, as the API has it.
func (s *server) getLogs(w http.ResponseWriter, r *http.Request) error {
	out, total := []api.LogEntry{}, 0
	lq, q := gateway.LogQuery{Max: maxLogs}, queryOf(r)
	lq.From, _ = q.since("from")
	lq.To, _ = q.until("to")
	if s.logs != nil {
		entries, n, err := s.logs.Log(lq)
		total = n
		if err != nil {
			return err
		}
		for i := range entries {
			out = append(out, logEntry(&entries[i]))
		}
		if left := total - len(entries); left > 0 {
			w.Header().Set(api.TruncatedHeader, strconv.Itoa(left))
		}
	}
	w.Header().Set(api.TotalHeader, strconv.Itoa(total))
	return reply(w, http.StatusOK, out)
}

func logEntry(e *gateway.LogEntry) api.LogEntry {
	return api.LogEntry{
		ID: e.Seq, Priority: string(e.Level), Module: e.Module, Message: e.Message, Context: e.Context, CreatedAt: wire(e.At),
	}
}
