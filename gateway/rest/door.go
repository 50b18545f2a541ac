package rest

import (
	"context"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"tetherd/gateway/access"
)

// The challenges, one of each kind of credentials.
const (
	basicChallenge  = `Basic realm="Access to SMS Gateway", charset="UTF-8"`
	bearerChallenge = `Bearer realm="Access to SMS Gateway"`
)

// principalKey is the key in the context of a request of the [access.Principal] that
// makes it.
type principalKey struct{}

// principalOf returns who makes a request that was let in.
func principalOf(r *http.Request) *access.Principal {
	p, ok := r.Context().Value(principalKey{}).(*access.Principal)
	if !ok {
		return &access.Principal{} // who may do nothing
	}
	return p
}

// clientOf returns where a request comes from.
func clientOf(r *http.Request) access.Client {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return access.Client{}
	}
	return access.ClientAt(ap.Addr())
}

// bearer returns the token of a request; ok is false if it has none.
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// stillIn reports whether the token of a request that was let in is still good. A
// password is as long as the process runs.
func (s *server) stillIn(r *http.Request) bool {
	token, ok := bearer(r)
	if !ok {
		return true
	}
	_, err := s.tokens.Verify(token)
	return err == nil
}

// protect lets a request through to h only with credentials that have one of the
// needed rights.
func (s *server) protect(need access.Scope, h handler) handler {
	if need == 0 { // for those who may do everything
		need = access.AdminOnly
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		var p access.Principal
		if len(r.Header["Authorization"]) > 1 { // a proxy may have judged another one
			return unauthorized(w)
		}
		if token, ok := bearer(r); ok {
			var err error
			if p, err = s.tokens.Verify(token); err != nil {
				return err
			}
		} else if user, password, ok := r.BasicAuth(); ok {
			v, err := s.door.Admit(r.Context(), clientOf(r), user, password)
			switch {
			case err != nil:
				return err
			case v.Wait > 0:
				return tooManyLogins(w, v)
			case !v.OK:
				return unauthorized(w)
			}
			p = v.Who
		} else {
			return unauthorized(w)
		}
		if rec, ok := w.(*recorder); ok {
			rec.who = &p
		}
		switch {
		case p.Scope.Meets(need):
			return h(w, r.WithContext(context.WithValue(r.Context(), principalKey{}, &p)))
		case need == access.TokensRefresh && p.Token == "":
			challenge(w) // a password cannot be exchanged
			return refuse(w, http.StatusUnauthorized, "Unauthorized")
		}
		return access.ErrForbidden
	}
}

func tooManyLogins(w http.ResponseWriter, v access.Verdict) error {
	seconds := strconv.Itoa(int(math.Ceil(v.Wait.Seconds())))
	w.Header().Set("Retry-After", seconds)
	what := "failed logins from this address"
	switch {
	case v.Name:
		what = "failed logins as this user"
	case v.Busy:
		what = "logins at once"
	}
	return refuse(w, http.StatusTooManyRequests, "too many "+what+"; try again in "+seconds+" s")
}

// unauthorized answers that credentials are missing or wrong; which of these is not
// told.
func unauthorized(w http.ResponseWriter) error {
	challenge(w)
	w.WriteHeader(http.StatusUnauthorized)
	return nil
}

func challenge(w http.ResponseWriter) {
	w.Header()["Www-Authenticate"] = []string{basicChallenge, bearerChallenge}
}
