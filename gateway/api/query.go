package api

import (
	"net/url"
	"strconv"
	"time"
)

// MessageQuery selects messages, newest first. The zero value selects the
// newest 50.
type MessageQuery struct {
	State          State     // empty: any
	From, To       time.Time // by creation, inclusive; zero: open
	Limit          int       // 1–500; 0: 50
	Offset         int       // messages to pass over
	Oldest         bool      // the oldest first
	IncludeContent bool      // with the texts

	// DeviceID selects those of one modem, by its name: those that it sent, tried last,
	// or is asked to send. Empty, or the gateway's own: any.
	DeviceID string
	Search   string // in the text, a number or the ID, in whatever case; empty: any
	Before   string // goes on where the page before ended; empty: begins
}

func (q MessageQuery) values() url.Values {
	v := page(q.From, q.To, q.Limit, q.Offset)
	if q.State != "" {
		v.Set("state", string(q.State))
	}
	if q.Oldest {
		v.Set("sort", "created_at")
	}
	if q.IncludeContent {
		v.Set("includeContent", "true")
	}
	return found(v, q.DeviceID, q.Search, q.Before)
}

// InboxQuery selects incoming messages, newest first. The zero value selects
// the newest 50.
type InboxQuery struct {
	Type     string    // "SMS", "DATA_SMS" or "MMS"; empty: any
	From, To time.Time // by arrival, inclusive; zero: open
	Limit    int       // 1–500; 0: 50
	Offset   int       // messages to pass over
	Raw      bool      // with the TPDUs as received, and the whole of data

	DeviceID string // of those that one modem received, its name; empty, or the gateway's own: any
	Search   string // in the text or the sender, in whatever case; empty: any
	Before   string // goes on where the page before ended; empty: begins
}

func (q InboxQuery) values() url.Values {
	v := page(q.From, q.To, q.Limit, q.Offset)
	if q.Raw {
		v.Set("include", "raw")
	}
	if q.Type != "" {
		v.Set("type", q.Type)
	}
	return found(v, q.DeviceID, q.Search, q.Before)
}

// found adds what a page of a search is asked for with.
func found(v url.Values, device, text, before string) url.Values {
	for name, value := range map[string]string{"deviceId": device, "search": text, "before": before} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

func page(from, to time.Time, limit, offset int) url.Values {
	v := url.Values{}
	if !from.IsZero() {
		v.Set("from", from.Format(time.RFC3339Nano))
	}
	if !to.IsZero() {
		v.Set("to", to.Format(time.RFC3339Nano))
	}
	if limit != 0 {
		v.Set("limit", strconv.Itoa(limit))
	}
	if offset != 0 {
		v.Set("offset", strconv.Itoa(offset))
	}
	return v
}
