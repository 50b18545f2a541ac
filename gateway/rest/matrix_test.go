package rest

import (
	"fmt"
	"strings"
	"testing"

	"tetherd/gateway/access"
)

// Every path of every route, under every prefix, lets in exactly the roles that have
// its right.
func TestRolesOfRoutes(t *testing.T) {
	w := newUsers(t)
	roles := map[string]access.Role{"sms:secret": access.Admin, "app:app-secret": access.Sender, "eye:eye-secret": access.Reader}
	tokens := make(map[string]string)
	for login, role := range roles {
		tokens[login] = "Bearer " + w.token(login, role.Scope().Names()...).AccessToken
	}
	for _, r := range (&server{}).routes() {
		if r.public {
			continue
		}
		for _, path := range r.paths {
			for _, prefix := range prefixes {
				for login, role := range roles {
					// Of a token that one of them revoked, the others may not know.
					at := strings.ReplaceAll(anyPath(mount(prefix, path)), "/token/other", "/token/"+string(role))
					want := "lets in"
					switch {
					case r.scope == access.TokensRefresh:
						want = "401" // nobody's password, and no token for anything else
					case !role.Scope().Meets(r.scope):
						want = "403"
					}
					got := func(a answered) string {
						if a.status == 401 || a.status == 403 {
							return fmt.Sprint(a.status)
						}
						return "lets in"
					}
					if a := w.as(login, r.method, at, "{"); got(a) != want {
						t.Errorf("%s %s as %s: got %d %s, want it %s", r.method, at, role, a.status, a.body, want)
					}
					if want == "401" {
						want = "403"
					}
					if a := w.as(tokens[login], r.method, at, "{"); got(a) != want {
						t.Errorf("%s %s with a token of a %s: got %d %s, want it %s", r.method, at, role, a.status, a.body, want)
					}
				}
			}
		}
	}
}

// However the path of a route is written, or its method, there is no way around its
// right.
func TestOtherSpellings(t *testing.T) {
	w := newUsers(t)
	w.seed()
	for _, r := range (&server{}).routes() {
		if r.public || r.scope.Meets(access.Sender.Scope()) || r.scope == access.TokensRefresh {
			continue
		}
		p := strings.TrimSuffix(anyPath(r.paths[0]), "?after=x")
		spellings := []string{
			"/" + p, p + "/", p + "//", "/." + p, "/x/.." + p, p + "/.", p + "/x/..", p + "?", p + ";", p + ";x=1", p + "%3f", p + "%00", p + "%0d%0a",
			"/" + fmt.Sprintf("%%%02x", p[1]) + p[2:], "/" + fmt.Sprintf("%%%02X", p[1]-32) + p[2:], "/" + strings.ToUpper(p[1:2]) + p[2:],
			"/" + strings.ReplaceAll(p[1:], "/", "%2f"), "/" + strings.ReplaceAll(p[1:], "/", "\\"), "/messages/.." + p, "/messages/%2e%2e" + p, "/messages%2f.." + p, "/health/.." + p, "/bin/.." + p,
			"/api/v1/3rdparty/v1" + p, "/api/v1//" + p,
		}
		for _, path := range spellings {
			for _, method := range []string{r.method, "HEAD", "X-" + r.method, strings.ToLower(r.method)} {
				if method == "HEAD" && r.method != "GET" {
					continue
				}
				for login, allowed := range map[string]bool{"app:app-secret": true, "app:wrong": false} {
					a := w.as(login, method, path, "{}", "X-HTTP-Method-Override", r.method, "X-Original-URL", p, "X-Rewrite-URL", p)
					// Somebody who logged in may learn that something is not there, and read
					// messages, which a sender may.
					message := strings.HasPrefix(path, "/messages") && a.status == 200
					switch {
					case a.status == 401 || a.status == 403 || a.status == 400:
					case allowed && (a.status == 404 || a.status == 405 || message):
					case !allowed && a.status == 429:
					default:
						t.Errorf("%s %q as %s: got %d %s", method, path, login, a.status, a.body)
					}
				}
			}
		}
	}
}
