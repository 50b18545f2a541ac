package rest

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// Bounds of one page of a list.
const (
	defaultLimit = 50
	maxLimit     = 500
)

var errRange = gateway.BadField("from", "Start date cannot be after end date")

// query is the query of a request. A parameter without a value is as good as
// absent, and one that nobody asks for is ignored.
type query struct{ url.Values }

func queryOf(r *http.Request) query { return query{r.URL.Query()} }

// boolean returns a parameter that is true or false, in any case; false if there
// is none.
func (q query) boolean(name string) (bool, error) {
	switch strings.ToLower(q.Get(name)) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, gateway.BadField(name, "%s must be true or false", name)
}

// clamped returns a whole number moved to within the bounds, or def if there is
// none that can be read.
func (q query) clamped(name string, def, low, high int) int {
	n, err := strconv.Atoi(q.Get(name))
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return def
	}
	return min(max(n, low), high)
}

// within returns a whole number within the bounds, def if there is none, and
// false if it is anything else.
func (q query) within(name string, def, low, high int) (n int, ok bool) {
	s := q.Get(name)
	if s == "" {
		return def, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= low && n <= high
}

// time returns a date with time, the zero time if there is none, and false if it
// cannot be read. A plus sign that was not encoded arrives as a space.
func (q query) time(name string) (t time.Time, ok bool) {
	s := q.Get(name)
	if s == "" {
		return t, true
	}
	at, err := api.ParseTime(strings.ReplaceAll(s, " ", "+"))
	return at.Time, err == nil
}

// since returns the first moment that a parameter includes, as time does.
func (q query) since(name string) (time.Time, bool) {
	t, ok := q.time(name)
	return t.Truncate(shown), ok
}

// until returns the last moment that a parameter includes, as time does.
func (q query) until(name string) (time.Time, bool) {
	t, ok := q.time(name)
	return lastOf(t), ok
}

// shown is how exactly times are shown. Moments are stored more exactly, and one that was
// seen in an answer stands for all that are shown so.
const shown = time.Millisecond

// lastOf returns the last moment that is shown as t is; the zero time stays as it is.
func lastOf(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Truncate(shown).Add(shown - 1)
}

// modem returns the modem that a deviceId names, or the zero value if there is none or it
// is the gateway as a whole.
func (s *server) modem(q query) (gateway.ModemStatus, error) {
	id := q.Get("deviceId")
	if id == "" {
		return gateway.ModemStatus{}, nil
	}
	return s.deviceNamed(id)
}

var errDevice = gateway.BadField("deviceId", "Invalid device ID")
