package rest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/access"
	"tetherd/gateway/api"
)

const tokenSecret = "0123456789abcdefghijklmnopqrstuv"

// newUsers returns a world with an account of each role beside the owner.
func newUsers(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, Options{TokenSecret: tokenSecret, Accounts: []access.Account{
		{Name: "app", Password: "app-secret", Role: access.Sender},
		{Name: "eye", Password: "eye-secret", Role: access.Reader},
	}})
}

// as makes one request with the given credentials: "Bearer …" or user:password. header
// holds pairs.
func (w *world) as(credentials, method, path, body string, header ...string) answered {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if !strings.HasPrefix(credentials, "Bearer ") {
		credentials = "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
	}
	req.Header.Set("Authorization", credentials)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return w.exchange(req)
}

// token returns tokens of the given rights.
func (w *world) token(credentials string, scopes ...string) api.Token {
	w.t.Helper()
	body, err := json.Marshal(api.TokenRequest{Scopes: scopes})
	if err != nil {
		w.t.Fatal(err)
	}
	a := w.as(credentials, "POST", "/auth/token", string(body))
	if a.status != 201 {
		w.t.Fatalf("get token of %v: %d %s", scopes, a.status, a.body)
	}
	return w.tokenOf(a)
}

func (w *world) tokenOf(a answered) (tok api.Token) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(a.body), &tok); err != nil {
		w.t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return tok
}

// claimsOf reads a token without believing it.
func claimsOf(t *testing.T, raw string) map[string]any {
	t.Helper()
	c := jwt.MapClaims{}
	if _, err := jwt.NewParser().ParseWithClaims(raw, c, func(*jwt.Token) (any, error) { return []byte(tokenSecret), nil }); err != nil {
		t.Fatal(err)
	}
	return c
}

// forged signs any claims.
func forged(t *testing.T, method jwt.SigningMethod, secret any, claims jwt.MapClaims) string {
	t.Helper()
	raw, err := jwt.NewWithClaims(method, claims).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestTokenAnswer(t *testing.T) {
	w := newUsers(t)
	began := time.Now().Truncate(time.Second)
	a := w.as("sms:secret", "POST", "/auth/token", `{"ttl":3600,"scopes":["messages:send","inbox:list","messages:send"]}`)
	tok := w.tokenOf(a)
	want := fmt.Sprintf(`{"id":%q,"token_type":"Bearer","access_token":%[2]q,"refresh_token":%[3]q,"expires_at":%[4]q,`+
		`"tokenType":"Bearer","accessToken":%[2]q,"refreshToken":%[3]q,"expiresAt":%[4]q}`,
		tok.ID, tok.AccessToken, tok.RefreshToken, tok.ExpiresAt.Format("2006-01-02T15:04:05.000-07:00"))
	if a.status != 201 || a.body != want {
		t.Errorf("got %d %s, want 201 %s", a.status, a.body, want)
	}
	if d := tok.ExpiresAt.Sub(began); d < time.Hour || d > time.Hour+time.Minute {
		t.Errorf("it is good for %v, want an hour", d)
	}
	access, refresh := claimsOf(t, tok.AccessToken), claimsOf(t, tok.RefreshToken)
	iat, _ := access["iat"].(float64)
	if diff := cmp.Diff(map[string]any{
		"jti": tok.ID, "iss": "me.capcom.smsgateway", "sub": "sms", "iat": iat, "exp": iat + 3600,
		"scopes": []any{"inbox:list", "messages:send"}, "token_use": "access",
	}, access); diff != "" {
		t.Errorf("access token (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{
		"jti": refresh["jti"], "iss": "me.capcom.smsgateway", "sub": "sms", "iat": iat, "exp": iat + 7*3600,
		"scopes": []any{"tokens:refresh"}, "original_scopes": []any{"inbox:list", "messages:send"}, "token_use": "refresh",
	}, refresh); diff != "" {
		t.Errorf("refresh token (-want +got)\n%s", diff)
	}
}

func TestTokenRequests(t *testing.T) {
	w := newUsers(t)
	manager := "Bearer " + w.token("sms:secret", "tokens:manage").AccessToken
	sender := "Bearer " + w.token("sms:secret", "messages:send").AccessToken
	for _, tt := range []struct {
		name, as, body string
		status         int
		want           string
	}{
		{"default ttl", "sms:secret", `{"scopes":["all:any"]}`, 201, ""},
		{"longest", "sms:secret", `{"ttl":31536000,"scopes":["all:any"]}`, 201, ""},
		{"null ttl", "sms:secret", `{"ttl":null,"scopes":["devices:delete","messages:list"]}`, 201, ""},
		{"zero ttl", "sms:secret", `{"ttl":0,"scopes":["all:any"]}`, 400, `ttl must be \u003e 0`},
		{"negative ttl", "sms:secret", `{"ttl":-5,"scopes":["all:any"]}`, 400, `ttl must be \u003e 0`},
		{"longer", "sms:secret", `{"ttl":31536001,"scopes":["all:any"]}`, 400, "ttl exceeds maximum allowed value"},
		{"text ttl", "sms:secret", `{"ttl":"1h","scopes":["all:any"]}`, 400, "ttl must be a whole number, got a string"},
		{"no scopes", "sms:secret", `{}`, 400, "scopes must not be empty"},
		{"empty scopes", "sms:secret", `{"scopes":[]}`, 400, "scopes must not be empty"},
		{"unknown scope", "sms:secret", `{"scopes":["messages:send","messages:burn"]}`, 400, "unsupported scope provided"},
		{"refresh scope", "sms:secret", `{"scopes":["tokens:refresh"]}`, 400, "unsupported scope provided"},
		{"with a token", manager, `{"scopes":["messages:send"]}`, 201, ""},
		{"with another token", sender, `{"scopes":["messages:send"]}`, 403, "Insufficient permissions"},
		{"of the role", "app:app-secret", `{"scopes":["messages:send","messages:read"]}`, 201, ""},
		{"beyond the role", "app:app-secret", `{"scopes":["messages:send","inbox:list"]}`, 403, "Insufficient permissions"},
		{"all, beyond the role", "eye:eye-secret", `{"scopes":["all:any"]}`, 403, "Insufficient permissions"},
	} {
		a := w.as(tt.as, "POST", "/auth/token", tt.body)
		if a.status != tt.status || tt.want != "" && a.body != `{"message":"`+tt.want+`"}` {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, a.status, a.body, tt.status, tt.want)
		}
	}
}

// Every route lets in exactly those who have its right.
func TestScopesOfRoutes(t *testing.T) {
	w := newUsers(t)
	w.seed()
	s := &server{gateway: w.gateway}
	tokens := make(map[string]string)
	for _, name := range access.Names() {
		tokens[name] = "Bearer " + w.token("sms:secret", name).AccessToken
	}
	for _, r := range s.routes() {
		if r.public || r.scope == access.TokensRefresh {
			continue
		}
		if r.scope == 0 {
			t.Errorf("%s %s needs no right", r.method, r.paths[0])
		}
		path := strings.NewReplacer("{id}", "other", "{modem}", "other", "{jti}", "other").Replace(r.paths[0]) + "?after=x" // a stream of events ends at once
		for name, token := range tokens {
			granted, _ := access.Parse([]string{name})
			if a := w.as(token, r.method, path, "{"); (a.status != 403) != granted.Meets(r.scope) || a.status == 401 {
				t.Errorf("%s %s with %s: got %d %s", r.method, path, name, a.status, a.body)
			}
		}
	}
	for user, want := range map[string][3]int{"app:app-secret": {202, 403, 403}, "eye:eye-secret": {403, 200, 403}, "app:eye-secret": {401, 401, 401}} {
		got := [3]int{
			w.as(user, "POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001"]}`).status,
			w.as(user, "GET", "/inbox", "").status,
			w.as(user, "POST", "/webhooks", `{"url":"https://example.org","event":"sms:sent"}`).status,
		}
		if got != want {
			t.Errorf("%s: got %v, want %v", user, got, want)
		}
	}
}

func TestRefresh(t *testing.T) {
	w := newUsers(t)
	old := w.token("sms:secret", "messages:read")
	for name, tt := range map[string]struct {
		as     string
		status int
		body   string
	}{
		"password":     {"sms:secret", 401, `{"message":"Unauthorized"}`},
		"access token": {"Bearer " + old.AccessToken, 403, `{"message":"Insufficient permissions"}`},
		"rubbish":      {"Bearer x.y.z", 401, ""},
		"nothing":      {"Bearer ", 401, ""},
	} {
		if a := w.as(tt.as, "POST", "/auth/token/refresh", ""); a.status != tt.status || a.body != tt.body {
			t.Errorf("%s: got %d %s, want %d %s", name, a.status, a.body, tt.status, tt.body)
		}
	}
	if a := w.as("Bearer "+old.RefreshToken, "GET", "/messages", ""); a.status != 403 {
		t.Errorf("a refresh token for a request: got %d, want 403", a.status)
	}

	a := w.as("Bearer "+old.RefreshToken, "POST", "/auth/token/refresh", "")
	fresh := w.tokenOf(a)
	if a.status != 200 || fresh.ID == old.ID || fresh.RefreshToken == old.RefreshToken {
		t.Fatalf("got %d %s, want 200 and new tokens", a.status, a.body)
	}
	if got := claimsOf(t, fresh.RefreshToken)["original_scopes"]; !cmp.Equal(got, []any{"messages:read"}) {
		t.Errorf("the new refresh token is for %v", got)
	}
	for name, token := range map[string]string{"old": old.AccessToken, "new": fresh.AccessToken} {
		if a := w.as("Bearer "+token, "GET", "/messages", ""); a.status != 200 {
			t.Errorf("%s access token: got %d, want 200", name, a.status)
		}
	}
	a = w.as("Bearer "+old.RefreshToken, "POST", "/auth/token/refresh", "")
	if a.status != 401 || a.body != "" || !strings.Contains(strings.Join(a.header.Values("WWW-Authenticate"), " "), "Bearer realm=") {
		t.Errorf("replay: got %d %s %v, want 401, empty, and a challenge", a.status, a.body, a.header)
	}
}

// Of several that exchange the same refresh token, one gets new tokens.
func TestRefreshRace(t *testing.T) {
	w := newUsers(t)
	old := w.token("sms:secret", "messages:read")
	var mu sync.Mutex
	got := make(map[string]int)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			a := w.as("Bearer "+old.RefreshToken, "POST", "/auth/token/refresh", "")
			body := a.body
			if a.status == 200 {
				body = ""
			}
			mu.Lock()
			defer mu.Unlock()
			got[fmt.Sprint(a.status, " ", body)]++
		})
	}
	wg.Wait()
	replays := got[`401 {"message":"refresh token replay detected"}`]
	if got["200 "] != 1 || replays+got["401 "] != 15 {
		t.Errorf("got %v, want one 200 and 15 refusals", got)
	}
}

func TestForgedTokens(t *testing.T) {
	w := newUsers(t)
	in := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	valid := func(change ...any) jwt.MapClaims {
		c := jwt.MapClaims{"jti": "j1", "iss": "me.capcom.smsgateway", "exp": in(time.Hour), "scopes": []string{"messages:read"}, "token_use": "access"}
		for i := 0; i < len(change); i += 2 {
			if change[i+1] == nil {
				delete(c, change[i].(string))
			} else {
				c[change[i].(string)] = change[i+1]
			}
		}
		return c
	}
	hs, key := jwt.SigningMethodHS256, []byte(tokenSecret)
	for _, tt := range []struct {
		name, raw string
		want      int
	}{
		{"nobody knows it", forged(t, hs, key, valid()), 200},
		{"with a right that does not exist", forged(t, hs, key, valid("scopes", []string{"messages:read", "x:y"})), 200},
		{"of another right", forged(t, hs, key, valid("scopes", []string{"inbox:list"})), 403},
		{"without rights", forged(t, hs, key, valid("scopes", nil)), 403},
		{"of a reader", forged(t, hs, key, valid("sub", "eye", "scopes", []string{"all:any"})), 200},
		{"of nobody", forged(t, hs, key, valid("sub", "gone")), 401},
		{"for refreshing", forged(t, hs, key, valid("token_use", "refresh")), 403},
		{"expired", forged(t, hs, key, valid("exp", in(-time.Second))), 401},
		{"for ever", forged(t, hs, key, valid("exp", nil)), 401},
		{"of another issuer", forged(t, hs, key, valid("iss", "other")), 401},
		{"of no issuer", forged(t, hs, key, valid("iss", nil)), 401},
		{"without an id", forged(t, hs, key, valid("jti", nil)), 401},
		{"with a long id", forged(t, hs, key, valid("jti", strings.Repeat("x", 129))), 401},
		{"signed with another key", forged(t, hs, []byte("x"+tokenSecret), valid()), 401},
		{"signed otherwise", forged(t, jwt.SigningMethodHS512, key, valid()), 401},
		{"not signed", forged(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, valid()), 401},
	} {
		if a := w.as("Bearer "+tt.raw, "GET", "/messages", ""); a.status != tt.want {
			t.Errorf("%s: got %d %s, want %d", tt.name, a.status, a.body, tt.want)
		}
	}
	refresh := func(change ...any) string {
		return forged(t, hs, key, valid(append([]any{
			"token_use", "refresh", "scopes", []string{"tokens:refresh"}, "original_scopes", []string{"messages:read"},
		}, change...)...))
	}
	for name, tt := range map[string]struct{ raw, want string }{
		"unknown":      {refresh(), "refresh token not found"},
		"no use":       {refresh("token_use", "access"), "invalid refresh token use"},
		"no rights":    {refresh("original_scopes", nil), "invalid original scopes"},
		"wrong rights": {refresh("original_scopes", []string{"x:y"}), "invalid original scopes"},
	} {
		if a := w.as("Bearer "+tt.raw, "POST", "/auth/token/refresh", ""); a.status != 401 || a.body != `{"message":"`+tt.want+`"}` {
			t.Errorf("%s: got %d %s, want 401 %s", name, a.status, a.body, tt.want)
		}
	}
}

func TestRevoke(t *testing.T) {
	w := newUsers(t)
	revoke := func(as, id string, want int) {
		t.Helper()
		if a := w.as(as, "DELETE", "/auth/token/"+id, ""); a.status != want {
			t.Errorf("revoke %s: got %d %s, want %d", id, a.status, a.body, want)
		}
	}
	status := func(token string) int { return w.as("Bearer "+token, "GET", "/messages", "").status }
	tok, other := w.token("app:app-secret", "messages:read"), w.token("sms:secret", "messages:read")
	if status(tok.AccessToken) != 200 || status(other.AccessToken) != 200 {
		t.Fatal("tokens are not good")
	}
	revoke("app:app-secret", other.ID, 403)
	revoke("app:app-secret", "unknown", 204)
	revoke("app:app-secret", "%20", 400)
	revoke("sms:secret", strings.Repeat("x", 129), 400)
	revoke("app:app-secret", tok.ID, 204)
	revoke("app:app-secret", tok.ID, 204)
	if got := [2]int{status(tok.AccessToken), status(other.AccessToken)}; got != [2]int{401, 200} {
		t.Errorf("got %v, want the one revoked and not the other", got)
	}
	if a := w.as("Bearer "+tok.RefreshToken, "POST", "/auth/token/refresh", ""); a.status != 401 {
		t.Errorf("its refresh token: got %d, want 401", a.status)
	}
	// An administrator may revoke what is not known, for it may exist.
	raw := forged(t, jwt.SigningMethodHS256, []byte(tokenSecret), jwt.MapClaims{
		"jti": "lost", "iss": "me.capcom.smsgateway", "exp": time.Now().Add(time.Hour).Unix(), "scopes": []string{"all:any"},
	})
	if status(raw) != 200 {
		t.Error("an unknown token is not good")
	}
	revoke("sms:secret", "lost", 204)
	if status(raw) != 401 {
		t.Error("an unknown token is good although it was revoked")
	}
	stored, err := w.gateway.Token("lost")
	if err != nil || stored.Kind != "" || stored.ExpiresAt.Before(time.Now().Add(access.MaxTTL-time.Hour)) {
		t.Errorf("got %+v, %v, want it remembered for a year", stored, err)
	}
	if _, err := w.gateway.Token("unknown"); err != gateway.ErrNotFound {
		t.Errorf("got %v: somebody who is no administrator had a token remembered", err)
	}
}

// Messages are shown with who sent them, however they proved who they are.
func TestUserOfMessages(t *testing.T) {
	w := newUsers(t)
	token := "Bearer " + w.token("app:app-secret", "messages:send").AccessToken
	for as, want := range map[string]string{"sms:secret": "sms", "app:app-secret": "app", token: "app"} {
		a := w.as(as, "POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001"]}`)
		var m api.Message
		if err := json.Unmarshal([]byte(a.body), &m); err != nil || m.User != want {
			t.Errorf("got user %q, %v, want %q", m.User, err, want)
		}
	}
	one := newWorld(t)
	if a := one.do("POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001"]}`); strings.Contains(a.body, `"user"`) {
		t.Errorf("got %s: there is only one user", a.body)
	}
}
