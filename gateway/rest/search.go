package rest

import (
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

const (
	// maxSearch is how many characters a text to search for may have.
	maxSearch = 200
	// searchPatience bounds one request: what it has found then is answered, with where
	// to look on.
	searchPatience = 200 * time.Millisecond
)

// searchOf reads what is searched for; ok is false if a list is asked for as it is. Nobody
// counts the messages of each modem: those of one are searched for.
func (s *server) searchOf(q query) (what gateway.Search, ok bool, err error) {
	m, err := s.modem(q)
	if err != nil {
		return what, false, err
	}
	what = gateway.Search{Text: q.Get("search"), Modem: m.Modem, Slot: m.Slot, Patience: searchPatience}
	before := q.Get("before")
	if what.Text == "" && before == "" && what.Modem == "" {
		return what, false, nil
	}
	if utf8.RuneCountInString(what.Text) > maxSearch {
		return what, false, gateway.BadField("search", "search must have at most %d characters", maxSearch)
	}
	if before != "" {
		if what.Before, ok = gateway.ParsePlace(before); !ok {
			return what, false, gateway.BadField("before", "before must be what the header %s of the answer before said", api.NextHeader)
		}
	}
	return what, true, nil
}

// errNoOffset refuses to pass over what nobody counted.
var errNoOffset = gateway.BadField("offset", "offset does not go with search, before and the deviceId of a modem: go on with before, as the header %s says", api.NextHeader)

// showNext tells where to look on. There is no total: nobody counted.
func showNext(w http.ResponseWriter, r *http.Request, next gateway.Place) {
	if next.IsZero() {
		return
	}
	w.Header().Set(api.NextHeader, next.String())
	v := r.URL.Query()
	v.Set("before", next.String())
	u := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: v.Encode()}
	w.Header().Set("Link", "<"+u.String()+`>; rel="next"`)
}
