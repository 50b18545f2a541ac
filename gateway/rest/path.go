package rest

import (
	"net/http"
	"net/url"
	"path"
)

// cleanPath passes requests on with a path that has no doubled slashes, no dot
// segments and no slash at its end. The mux would redirect such requests, which
// clients follow with another method or not at all.
func cleanPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if leavesDocs(r.URL.Path) {
			_ = refuse(w, http.StatusBadRequest, "the path must not have .. in it")
			return
		}
		was := r.URL.EscapedPath()
		is := path.Clean("/" + was)
		plain, err := url.PathUnescape(is)
		if is == was || err != nil {
			next.ServeHTTP(w, r)
			return
		}
		clean := *r // shallow: the URL is all that changes
		u := *r.URL
		u.Path, u.RawPath = plain, is
		clean.URL = &u
		defer func() { r.Pattern = clean.Pattern }() // for the log
		next.ServeHTTP(w, &clean)
	})
}
