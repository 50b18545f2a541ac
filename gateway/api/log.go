package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// LogEntry is a line of the gateway's log.
type LogEntry struct {
	ID        uint64          `json:"id"`
	Priority  string          `json:"priority"` // "DEBUG", "INFO", "WARN" or "ERROR"
	Module    string          `json:"module"`
	Message   string          `json:"message"`
	Context   json.RawMessage `json:"context,omitempty"` // an object
	CreatedAt Time            `json:"createdAt"`
}

// TruncatedHeader is set to how many older entries a list of the log leaves out; it
// is absent if it leaves out none.
const TruncatedHeader = "X-Truncated"

// Logs returns the entries between two times, oldest first; zero times are open. Of
// very many it returns the latest.
func (c *Client) Logs(ctx context.Context, from, to time.Time) (es []LogEntry, err error) {
	q := url.Values{}
	for name, at := range map[string]time.Time{"from": from, "to": to} {
		if !at.IsZero() {
			q.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	_, err = c.do(ctx, http.MethodGet, "/logs", q, nil, &es)
	return es, err
}
