package rest

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/access"
	"tetherd/webhook/format"
)

// The description is OpenAPI, and its examples are what it says.
func TestDescription(t *testing.T) {
	d := describedOrFail(t)
	if err := d.doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation()); err != nil {
		t.Error(err)
	}
	if !strings.HasPrefix(d.doc.OpenAPI, "3.1") {
		t.Errorf("got OpenAPI %s, want 3.1", d.doc.OpenAPI)
	}
	examples := 0
	try := func(where string, content openapi3.Content) {
		for _, media := range content {
			for name, example := range media.Examples {
				examples++
				if err := media.Schema.Value.VisitJSON(example.Value.Value, openapi3.EnableJSONSchema2020()); err != nil {
					t.Errorf("%s: example %s: %v", where, name, err)
				}
			}
		}
	}
	operations := make(map[string]*openapi3.Operation)
	for _, o := range d.ops {
		operations[o.String()] = o.Operation
	}
	for name, item := range d.doc.Webhooks {
		operations["webhook "+name] = item.Post
	}
	tags := make(map[string]bool)
	for _, tag := range d.doc.Tags {
		tags[tag.Name] = true
	}
	for name, o := range operations {
		if o.RequestBody != nil {
			try(name, o.RequestBody.Value.Content)
		}
		for status, r := range o.Responses.Map() {
			try(name+" "+status, r.Value.Content)
		}
		for _, p := range o.Parameters { // how a list goes on is how its answer says it
			told := o.Responses.Value("200") != nil && o.Responses.Value("200").Value.Headers["X-Next-Before"] != nil
			if p.Value.Name == "before" && told != strings.Contains(p.Value.Description, "X-Next-Before") {
				t.Errorf("%s: before is said to be %q, and X-Next-Before is in the answer: %v", name, p.Value.Description, told)
			}
		}
		if len(o.Tags) != 1 || !tags[o.Tags[0]] || o.Summary == "" {
			t.Errorf("%s: one tag that exists and a summary are needed: %v %q", name, o.Tags, o.Summary)
		}
	}
	text, err := json.Marshal(d.doc)
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\b(?:GET|POST|PUT|PATCH|DELETE) /[\w{}/.-]*[\w}]`).FindAllString(string(text), -1)
	for _, name := range named { // the page makes links of them
		if d.ops[name] == nil {
			t.Errorf("%s is spoken of, and there is no such operation", name)
		}
	}
	if len(named) < 10 {
		t.Errorf("got %d operations that are spoken of: were they looked for?", len(named))
	}
	if examples < 80 {
		t.Errorf("got %d examples: were they looked at?", examples)
	}
}

// Every route is described with its aliases and its rights, and nothing else is.
func TestDrift(t *testing.T) {
	d := describedOrFail(t)
	type entry struct{ Aliases, Rights []string }
	want, got := make(map[string]entry), make(map[string]entry)
	for _, r := range (&server{}).routes() {
		e := entry{Aliases: slices.Sorted(slices.Values(r.paths[1:]))}
		switch {
		case r.public:
		case r.scope == access.All:
			e.Rights = []string{"basic", "bearer"}
		case r.scope == access.TokensRefresh:
			e.Rights = []string{"bearer tokens:refresh"}
		case r.scope == 0:
			e.Rights = []string{"basic", "bearer all:any"}
		default:
			e.Rights = []string{"basic"}
			for _, name := range r.scope.Names() {
				e.Rights = append(e.Rights, "bearer "+name)
			}
			slices.Sort(e.Rights)
		}
		want[r.method+" "+r.paths[0]] = e
	}
	for _, o := range d.ops {
		got[o.String()] = entry{slices.Sorted(slices.Values(o.aliases)), o.rights()}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-routes.go +gateway/docs/spec/*.yaml)\n%s", diff)
	}
	var servers []string
	for _, s := range d.doc.Servers {
		servers = append(servers, strings.TrimSuffix(s.URL, "/"))
	}
	if diff := cmp.Diff(prefixes, servers); diff != "" {
		t.Errorf("prefixes (-routed +described)\n%s", diff)
	}
}

// The schemas of the description have the fields that answers and requests have.
func TestSchemas(t *testing.T) {
	d := describedOrFail(t)
	fields := jsonFields(t, "../api")
	if len(fields) < 40 {
		t.Fatalf("got %d types: were they found?", len(fields))
	}
	for name, want := range fields {
		ref := d.doc.Components.Schemas[name]
		if ref == nil {
			t.Errorf("there is no schema %s", name)
			continue
		}
		got := slices.Sorted(maps.Keys(ref.Value.Properties))
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-gateway/api +gateway/docs/spec/*.yaml)\n%s", name, diff)
		}
	}
}

// jsonFields returns the JSON fields of the types of a package that have any.
func jsonFields(t *testing.T, dir string) map[string][]string {
	t.Helper()
	types := make(map[string]*ast.StructType)
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok && !strings.HasSuffix(path, "_test.go") {
					types[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	var of func(s *ast.StructType) []string
	of = func(s *ast.StructType) (names []string) {
		for _, field := range s.Fields.List {
			if id, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 && types[id.Name] != nil {
				names = append(names, of(types[id.Name])...)
			}
			if field.Tag == nil {
				continue
			}
			tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json")
			if name, _, _ := strings.Cut(tag, ","); name != "" && name != "-" {
				names = append(names, name)
			}
		}
		return names
	}
	out := make(map[string][]string)
	for name, s := range types {
		if names := of(s); len(names) > 0 {
			out[name] = names
		}
	}
	return out
}

// Every event that a webhook can be told of is described, as it is told.
func TestEventsAreDescribed(t *testing.T) {
	d := describedOrFail(t)
	var want []string
	for _, event := range gateway.EventTypes {
		want = append(want, string(event))
		item := d.doc.Webhooks[string(event)]
		if item == nil {
			continue // told below
		}
		sample := format.Sample(event, time.Now())
		body, err := format.Render(&format.Input{DeviceID: "d", Webhook: &gateway.Endpoint{ID: "w"}, Delivery: "e", Event: &sample})
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(body.Bytes, &value); err != nil {
			t.Fatal(err)
		}
		schema := item.Post.RequestBody.Value.Content["application/json"].Schema
		if err := schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
			t.Errorf("%s: %v\n%s", event, err, body.Bytes)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(d.doc.Webhooks))); diff != "" {
		t.Errorf("events (-known +described)\n%s", diff)
	}
}
