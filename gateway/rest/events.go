package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/access"
	"tetherd/gateway/api"
)

// eventsPatience bounds how long one request looks for events of the types it wants. It
// is answered with where to look on then.
const eventsPatience = time.Second

// maxWait is how long a request for events may be kept waiting.
const maxWait = time.Minute

// listEvents is GET /events?after=&event=&limit=&wait=: it returns events in the
// order in which they were stored, and waits for one if there is none.
func (s *server) listEvents(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	after, limit, err := q.eventPage()
	if err != nil {
		return err
	}
	types, err := eventTypes(q.Values["event"])
	if err != nil {
		return err
	}
	wait, err := q.wait()
	if err != nil {
		return err
	}
	if wait > 0 {
		leave, err := s.listeners.enter(principalOf(r).User)
		if err != nil {
			return err
		}
		defer leave()
	}
	ctl := http.NewResponseController(w)
	_ = ctl.SetWriteDeadline(time.Now().Add(wait + time.Minute))
	_ = ctl.SetReadDeadline(time.Time{}) // else the server gives the request up
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for over := wait == 0; ; {
		news := s.gateway.News() // before looking, so that nothing is missed
		out, more, err := s.events(&after, types, limit, time.Now().Add(eventsPatience))
		if err != nil {
			return err
		}
		if len(out.Events) > 0 || out.Gap || more || over || s.gateway.Stopping() {
			return reply(w, http.StatusOK, out)
		}
		select {
		case <-news:
			if !s.stillIn(r) {
				return access.ErrBadToken
			}
		case <-timer.C:
			over = true
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
}

// events returns a page of events behind *after, and moves that to its end. After until
// it looks no further; more says that there may be some then.
func (s *server) events(after *uint64, types []gateway.EventType, limit int, until time.Time) (out api.EventPage, more bool, err error) {
	out.Events = []api.Event{}
	for len(out.Events) < limit && !more {
		page := limit - len(out.Events)
		if len(types) > 0 {
			page = max(page, streamPage) // of which most may not be wanted
		}
		es, gap, err := s.gateway.EventsAfter(*after, page)
		if err != nil {
			return out, false, err
		}
		out.Gap = out.Gap || gap
		for i := range es {
			if len(out.Events) == limit {
				break
			}
			*after = es[i].Seq
			if len(types) > 0 && !slices.Contains(types, es[i].Type()) {
				continue
			}
			e, err := s.eventOf(&es[i])
			if err != nil {
				return out, false, err
			}
			out.Events = append(out.Events, e)
		}
		if len(es) == 0 {
			break
		}
		more = time.Now().After(until)
	}
	if out.Gap && len(out.Events) == 0 && !more {
		// Nothing is left behind the cursor, or it was given by another store.
		latest, err := s.gateway.LatestEvent()
		if err != nil {
			return out, false, err
		}
		*after = latest
	}
	out.Next = strconv.FormatUint(*after, 10)
	return out, more, nil
}

// eventOf returns e as the API shows it.
func (s *server) eventOf(e *gateway.Event) (api.Event, error) {
	out, err := s.hooks.Event(e)
	out.Cursor, out.At = strconv.FormatUint(e.Seq, 10), wire(e.At)
	return out, err
}

// eventPage reads the cursor and the size of a page of events.
func (q query) eventPage() (after uint64, limit int, err error) {
	if text := q.Get("after"); text != "" {
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			return 0, 0, gateway.BadField("after", "after must be the cursor of an event, a whole number; leave it out to begin with the oldest event that is kept")
		}
	}
	limit, ok := q.within("limit", defaultLimit, 1, maxLimit)
	if !ok {
		return 0, 0, gateway.BadField("limit", "limit must be between 1 and %d", maxLimit)
	}
	return after, limit, nil
}

// wait reads for how long the client wants to wait.
func (q query) wait() (time.Duration, error) {
	text := q.Get("wait")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if n, numErr := strconv.Atoi(text); numErr == nil {
		d, err = time.Duration(min(n, 1<<20))*time.Second, nil
	}
	if err != nil || d < 0 || d > maxWait {
		return 0, gateway.BadField("wait", "wait must be a duration from 0s to 60s")
	}
	return d, nil
}

// eventTypes reads the names of types, several with commas.
func eventTypes(names []string) ([]gateway.EventType, error) {
	var out []gateway.EventType
	for _, name := range strings.Split(strings.Join(names, ","), ",") {
		t := gateway.EventType(name)
		switch {
		case name == "":
		case !t.Valid():
			all := make([]string, len(gateway.EventTypes))
			for i, t := range gateway.EventTypes {
				all[i] = string(t)
			}
			return nil, gateway.BadField("event", "event must be one or more of %s", strings.Join(all, ", "))
		default:
			out = append(out, t)
		}
	}
	return out, nil
}
