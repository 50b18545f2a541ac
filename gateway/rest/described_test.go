package rest

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"tetherd/gateway/docs"
)

// description is what the API is said to be.
type description struct {
	doc *openapi3.T
	mux *http.ServeMux // to find the operation of a request
	ops map[string]*operation

	mu   sync.Mutex      // guards the one below
	seen map[string]bool // answers that were right
}

// operation is one method on one path and its aliases.
type operation struct {
	*openapi3.Operation
	method  string
	path    string
	aliases []string
	item    *openapi3.PathItem
}

func (o *operation) String() string { return o.method + " " + o.path }

// described is the description, read once for all tests.
var described = sync.OnceValues(func() (*description, error) {
	b, err := docs.NewSpec().JSON()
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(b)
	if err != nil {
		return nil, err
	}
	for _, schema := range doc.Components.Schemas {
		closeObjects(schema)
	}
	d := &description{doc: doc, mux: http.NewServeMux(), ops: make(map[string]*operation), seen: make(map[string]bool)}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			o := &operation{Operation: op, method: method, path: path, item: item}
			if list, ok := op.Extensions["x-aliases"].([]any); ok {
				for _, alias := range list {
					o.aliases = append(o.aliases, fmt.Sprint(alias))
				}
			}
			for _, p := range append([]string{path}, o.aliases...) {
				for _, server := range doc.Servers {
					pattern := method + " " + mount(strings.TrimSuffix(server.URL, "/"), p)
					d.mux.Handle(pattern, http.NotFoundHandler())
					d.ops[pattern] = o
				}
			}
		}
	}
	return d, nil
})

// closeObjects has a schema refuse fields that it does not name, and those that are
// written within it, too. For clients they are open: they must ignore what they do not
// know.
func closeObjects(schema *openapi3.SchemaRef) {
	s := schema.Value
	if schema.Ref != "" || s == nil {
		return
	}
	if len(s.Properties) > 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
		s.AdditionalProperties.Has = new(false)
	}
	for _, p := range s.Properties {
		closeObjects(p)
	}
	if s.Items != nil {
		closeObjects(s.Items)
	}
}

func describedOrFail(t testing.TB) *description {
	t.Helper()
	d, err := described()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// operation returns what a request asks for, and the values in its path; nil if it is
// not described.
func (d *description) operation(r *http.Request) (*operation, map[string]string) {
	if leavesDocs(r.URL.Path) {
		return nil, nil
	}
	r = r.Clone(r.Context())
	cleanPath(http.HandlerFunc(func(_ http.ResponseWriter, c *http.Request) { r.URL = c.URL })).ServeHTTP(httptest.NewRecorder(), r)
	_, pattern := d.mux.Handler(r)
	o := d.ops[pattern]
	if o == nil {
		return nil, nil
	}
	values := make(map[string]string)
	got, names := strings.Split(r.URL.EscapedPath(), "/"), strings.Split(strings.Fields(pattern)[1], "/")
	for i, name := range names {
		if strings.HasPrefix(name, "{") && i < len(got) {
			values[strings.Trim(name, "{}")] = got[i]
		}
	}
	return o, values
}

// check holds an answer against the description. It returns nil for what is not
// described: that is what [TestDrift] is about.
func (d *description) check(r *http.Request, a answered) error {
	o, values := d.operation(r)
	if o == nil || r.Method == http.MethodHead {
		return nil
	}
	status := fmt.Sprint(a.status)
	key := o.String() + " " + status + " " + a.header.Get("Content-Type") + a.body
	d.mu.Lock()
	known := d.seen[key]
	d.mu.Unlock()
	if known {
		return nil
	}
	ref := o.Responses.Value(status)
	if ref == nil {
		return fmt.Errorf("%s answers %s, which gateway/docs/spec does not know: %s", o, status, a.body)
	}
	if err := checkAnswer(r.Context(), d.input(r, o, values), ref.Value, a); err != nil {
		text, _, _ := strings.Cut(err.Error(), "\nSchema:") // which is long
		return fmt.Errorf("%s answers %s, and not as gateway/docs/spec has it: %s\n%s", o, status, text, a.body)
	}
	d.mu.Lock()
	d.seen[key] = true
	d.mu.Unlock()
	return nil
}

// checkRequest holds a request against the description.
func (d *description) checkRequest(r *http.Request, body string) error {
	o, values := d.operation(r)
	if o == nil {
		return fmt.Errorf("%s %s is not in gateway/docs/spec", r.Method, r.URL.Path)
	}
	r.Body = http.NoBody
	if body != "" {
		r.Body = nopCloser{strings.NewReader(body)}
		r.Header.Set("Content-Type", "application/json")
	}
	if err := openapi3filter.ValidateRequest(r.Context(), d.input(r, o, values)); err != nil {
		return fmt.Errorf("%s is asked in a way that gateway/docs/spec does not allow: %w", o, err)
	}
	return nil
}

func (d *description) input(r *http.Request, o *operation, values map[string]string) *openapi3filter.RequestValidationInput {
	return &openapi3filter.RequestValidationInput{
		Request: r, PathParams: values,
		Route:   &routers.Route{Spec: d.doc, Path: o.path, PathItem: o.item, Method: o.method, Operation: o.Operation},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
}

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

func checkAnswer(ctx context.Context, in *openapi3filter.RequestValidationInput, want *openapi3.Response, a answered) error {
	for name, h := range want.Headers {
		if h.Value.Required && a.header.Get(name) == "" {
			return fmt.Errorf("there is no header %s", name)
		}
	}
	mediaType, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	switch {
	case a.body == "" && (a.status >= 400 || len(want.Content) == 0):
		return nil
	case len(want.Content) == 0:
		return fmt.Errorf("there is to be no body")
	case want.Content[mediaType] == nil:
		return fmt.Errorf("there is to be no %s", mediaType)
	case mediaType != "application/json":
		return nil
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header}
	out.SetBodyBytes(bytes.TrimSpace([]byte(a.body)))
	return openapi3filter.ValidateResponse(ctx, out)
}

// rights returns the alternatives of rights that an operation needs, as they are
// written in its security.
func (o *operation) rights() []string {
	if o.Security == nil {
		return []string{"?"}
	}
	var out []string
	for _, alternative := range *o.Security {
		for scheme, scopes := range alternative {
			out = append(out, strings.TrimSpace(scheme+" "+strings.Join(scopes, "+")))
		}
	}
	slices.Sort(out)
	return out
}
