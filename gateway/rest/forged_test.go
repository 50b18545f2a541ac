package rest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// What a token's header asks for, and claims of odd kinds, let nobody in.
func TestOddTokens(t *testing.T) {
	w := newUsers(t)
	now := time.Now().Unix()
	sign := func(header, claims string) string {
		enc := base64.RawURLEncoding.EncodeToString
		head := enc([]byte(header)) + "." + enc([]byte(claims))
		sig, err := jwt.SigningMethodHS256.Sign(head, []byte(tokenSecret))
		if err != nil {
			t.Fatal(err)
		}
		return head + "." + enc(sig)
	}
	claims := func(exp, more string) string {
		return fmt.Sprintf(`{"jti":"j1","iss":"me.capcom.smsgateway","scopes":["messages:read"],"token_use":"access","exp":%s%s}`, exp, more)
	}
	const plain = `{"alg":"HS256","typ":"JWT"}`
	later := fmt.Sprint(now + 3600)
	good := sign(plain, claims(later, ""))
	for _, tt := range []struct {
		name, raw string
		want      int
	}{
		{"as it should be", good, 200},
		{"a key of its own", sign(`{"alg":"HS256","kid":"../../../../dev/null","jku":"https://evil.example/k","jwk":{"kty":"oct","k":""}}`, claims(later, "")), 200}, // signed with ours all the same
		{"none", sign(`{"alg":"none"}`, claims(later, "")), 401},
		{"NoNe", sign(`{"alg":"NoNe"}`, claims(later, "")), 401},
		{"small letters", sign(`{"alg":"hs256"}`, claims(later, "")), 401},
		{"public key", sign(`{"alg":"RS256"}`, claims(later, "")), 401},
		{"no algorithm", sign(`{}`, claims(later, "")), 401},
		{"algorithm of another kind", sign(`{"alg":["HS256"]}`, claims(later, "")), 401},
		{"header twice", sign(`{"alg":"none","alg":"HS256"}`, claims(later, "")), 200},
		{"not yet", sign(plain, claims(later, fmt.Sprintf(`,"nbf":%d`, now+600))), 401},
		{"expiry as a text", sign(plain, claims(`"`+later+`"`, "")), 200}, // it says when, all the same
		{"expiry in infinity", sign(plain, claims("1e400", "")), 401},
		{"expiry null", sign(plain, claims("null", "")), 401},
		{"expiry negative", sign(plain, claims("-1", "")), 401},
		{"user of another kind", sign(plain, claims(later, `,"sub":["sms"]`)), 401},
		{"user twice, the last unknown", sign(plain, claims(later, `,"sub":"sms","sub":"gone"`)), 401},
		{"rights of another kind", sign(plain, strings.Replace(claims(later, ""), `["messages:read"]`, `"all:any"`, 1)), 401},
		{"not an object", sign(plain, `["all:any"]`), 401},
		{"without a signature", good[:strings.LastIndex(good, ".")+1], 401},
		{"four parts", good + ".x", 401},
		{"in braces", "{" + good + "}", 401},
		{"detached", strings.Replace(good, ".", "..", 1), 401},
		{"long", good + strings.Repeat("A", 8<<10), 401},
		{"a control character", strings.Replace(good, ".", ".\t", 1), 401},
	} {
		if a := w.as("Bearer "+tt.raw, "GET", "/messages", ""); a.status != tt.want {
			t.Errorf("%s: got %d %s, want %d", tt.name, a.status, a.body, tt.want)
		}
	}
}
