package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"tetherd/gateway"
	"tetherd/gateway/access"
	"tetherd/gateway/api"
)

// anyPath fills the parameters of a path, and has a stream of events end at once.
func anyPath(path string) string {
	for _, name := range []string{"{id}", "{modem}", "{jti}", "{part}", "{delivery}", "{job}", "{file}"} {
		path = strings.ReplaceAll(path, name, "other")
	}
	return path + "?after=x"
}

// operations returns what is described, in order.
func (d *description) operations() (ops []*operation) {
	byName := make(map[string]*operation)
	for _, o := range d.ops {
		byName[o.String()] = o
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		ops = append(ops, byName[name])
	}
	return ops
}

// Whatever can go wrong before an operation begins is described of each, and answered so:
// exchange holds every answer against the description.
func TestRefusalsAreDescribed(t *testing.T) {
	w := newWorldWith(t, Options{TokenSecret: tokenSecret, Network: Network{TrustedProxies: prefixesOf("127.0.0.1/32")}, Accounts: []access.Account{
		{Name: "app", Password: "app-secret", Role: access.Sender},
	}})
	refresher := "Bearer " + w.token("sms:secret", "inbox:list").RefreshToken
	const guesser = "192.0.2.1"
	for i := range 11 {
		w.as(fmt.Sprintf("sms:guess%d", i), "GET", "/", "", "X-Forwarded-For", guesser)
	}
	for _, o := range describedOrFail(t).operations() {
		path := anyPath(o.path)
		try := func(name string, a answered, want int) {
			t.Helper()
			if a.status != want {
				t.Errorf("%s: %s: got %d %s, want %d", o, name, a.status, a.body, want)
			}
		}
		try("other site", w.do(o.method, path, "", "Sec-Fetch-Site", "cross-site"), 403)
		if o.RequestBody != nil && o.OperationID != "fillBin" && !strings.HasPrefix(o.path, "/bin/") {
			limit := maxBody
			if strings.HasSuffix(o.path, "/batch") {
				limit = api.MaxBatchBytes
			}
			if a := w.do(o.method, path, strings.Repeat(" ", limit+1)); a.status != 413 && a.status != 404 {
				t.Errorf("%s: large body: got %d %s, want 413", o, a.status, a.body)
			}
			if a := w.do(o.method, path, "\xff{"); a.status != 400 && a.status != 404 {
				t.Errorf("%s: stray bytes: got %d %s, want 400", o, a.status, a.body)
			}
		}
		if o.Security != nil && len(*o.Security) == 0 {
			continue // for everybody
		}
		try("no credentials", w.anonymous(o.method, path), 401)
		try("bad token", w.as("Bearer x.y.z", o.method, path, ""), 401)
		try("after guessing", w.as("sms:secret", o.method, path, "", "X-Forwarded-For", guesser), 429)
		if o.OperationID != "refreshToken" {
			try("refresh token", w.as(refresher, o.method, path, ""), 403)
		}
	}
}

// What fails inside is described of each operation, too.
func TestFailuresAreDescribed(t *testing.T) {
	w := newWorld(t)
	w.closed = true
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, o := range describedOrFail(t).operations() {
		for _, body := range bodies(o) {
			if a := w.do(o.method, strings.ReplaceAll(anyPath(o.path), "/other/", "/text:1/"), body); a.status >= 500 {
				failed++
			}
		}
	}
	if failed < 30 {
		t.Errorf("got %d answers of a gateway without a store: is it?", failed)
	}
}

// bodies returns the examples of what an operation is asked, or nothing.
func bodies(o *operation) (out []string) {
	if o.RequestBody == nil {
		return []string{""}
	}
	for _, media := range o.RequestBody.Value.Content {
		for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
			b, err := json.Marshal(media.Examples[name].Value.Value)
			if err != nil {
				panic(err) // it came from JSON
			}
			out = append(out, string(b))
		}
	}
	return out
}

// What the description gives as an example is taken; and nothing that it does not allow:
// neither a field of another kind, nor a body without one that is needed.
func TestRequestsAreAsDescribed(t *testing.T) {
	w := newWorldWith(t, Options{Recordings: tape{}}, fakeModem{fullStatus})
	w.gateway.OptOut = &gateway.OptOutRules{}
	w.fill()
	if a := w.do("POST", "/webhooks", `{"id":"orders","url":"https://example.org","event":"sms:sent"}`); a.status != 201 {
		t.Fatal(a.body) // that routes of the examples lead to
	}
	taken, refused := 0, 0
	refuse := func(o *operation, path, what string, fields map[string]any) {
		t.Helper()
		b, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		switch a := w.do(o.method, path, string(b)); a.status {
		case 400:
			refused++
		case 404:
		default:
			t.Errorf("%s: %s: got %d %s, want 400\n%s", o, what, a.status, a.body, b)
		}
	}
	for _, o := range describedOrFail(t).operations() {
		if o.RequestBody == nil || strings.HasPrefix(o.path, "/bin/") {
			continue
		}
		path := strings.NewReplacer("/webhooks/{id}", "/webhooks/w1", "{modem}", fullStatus.Modem).Replace(o.path)
		path = strings.TrimSuffix(anyPath(path), "?after=x")
		schema := o.RequestBody.Value.Content["application/json"].Schema.Value
		for _, body := range bodies(o) {
			if a := w.do(o.method, path, body); a.status < 400 {
				taken++
			} else if a.status == 400 {
				t.Errorf("%s: an example is refused: %s\n%s", o, a.body, body)
			}
			var fields map[string]any
			if json.Unmarshal([]byte(body), &fields) != nil {
				continue
			}
			for name, value := range fields {
				for _, wrong := range otherKinds(schema.Properties[name], value) {
					altered := maps.Clone(fields)
					altered[name] = wrong
					refuse(o, path, name+" of another kind", altered)
				}
			}
			for _, name := range schema.Required {
				altered := maps.Clone(fields)
				delete(altered, name)
				refuse(o, path, "without "+name, altered)
			}
		}
	}
	if taken < 20 || refused < 100 {
		t.Errorf("got %d requests taken and %d refused: were they made?", taken, refused)
	}
}

// otherKinds returns values that a field cannot have.
func otherKinds(ref *openapi3.SchemaRef, value any) (out []any) {
	if ref == nil || ref.Value == nil || ref.Value.ReadOnly {
		return nil
	}
	for _, v := range []any{true, 1.5, "\u0000", []any{map[string]any{}}, map[string]any{"x": []any{}}} {
		if fmt.Sprintf("%T", v) != fmt.Sprintf("%T", value) && ref.Value.VisitJSON(v, openapi3.EnableJSONSchema2020()) != nil {
			out = append(out, v)
		}
	}
	return out
}
