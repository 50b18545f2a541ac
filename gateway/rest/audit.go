package rest

import (
	"net/http"
	"strings"
	"time"

	"tetherd/gateway/access"
)

// everyday are the rights whose use is not logged: messages are kept with who sent them,
// and programs exchange tokens all the time.
const everyday = access.MessagesSend | access.MessagesCancel | access.RoutesRead | access.TokensRefresh

// The log tells of as many tries without the right at once, and of one more each time: a
// program that repeats one for ever must not fill the disk.
const (
	tryBurst = 20
	tryEvery = 10 * time.Second
)

// maxTarget bounds how much of the name of a target is logged.
const maxTarget = 64

// audited reports whether the log is to tell who asks for a route: it changes
// something, or shows a secret.
func (r *route) audited() bool {
	switch {
	case r.public || r.scope.Meets(everyday) && r.scope != access.All:
		return false
	case r.method == http.MethodGet:
		return strings.HasSuffix(r.paths[0], "/secret")
	}
	return true
}

// audit has h, which answers r, log who did it to what, or tried to without the right.
// Neither phone numbers nor what lets somebody in is in what it logs.
func (s *server) audit(r *route, h http.Handler) http.Handler {
	if !r.audited() {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h.ServeHTTP(w, req)
		rec, ok := w.(*recorder)
		if !ok || rec.who == nil {
			return // it was not even let in
		}
		e, message := s.log.Info(), "a user changed something"
		switch {
		case rec.status == http.StatusForbidden && !s.tries.Allow():
			return
		case rec.status == http.StatusForbidden:
			message = "a user tried to do what only others may"
		case rec.status >= http.StatusBadRequest:
			return
		case r.method == http.MethodGet:
			message = "a user looked at a secret"
		}
		e.Str("user", rec.who.User).Stringer("client", clientOf(req)).Str("request", rec.Header().Get(requestIDHeader)).
			Str("route", r.method+" "+r.paths[0])
		if rec.who.Token != "" {
			e.Str("token", rec.who.Token)
		}
		if t := target(r, req); t != "" {
			e.Str("target", t)
		}
		e.Msg(message)
	})
}

// target returns what a request is about: a modem, a webhook, a route or the ID of a
// token. That of an opt-out is somebody's number, that of a bin its key.
func target(r *route, req *http.Request) string {
	var t string
	switch {
	case strings.HasPrefix(r.paths[0], "/webhooks/"), strings.HasPrefix(r.paths[0], "/routes/"):
		t = req.PathValue("id")
	default:
		t = req.PathValue("modem") + req.PathValue("jti")
	}
	return strings.ToValidUTF8(t[:min(len(t), maxTarget)], "")
}
