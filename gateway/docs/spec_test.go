package docs

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestSpecForms(t *testing.T) {
	s := NewSpec()
	y, err := s.YAML()
	if err != nil {
		t.Fatal(err)
	}
	j, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var fromYAML, fromJSON any
	if err := yaml.Unmarshal(y, &fromYAML); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(j, &fromJSON); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(fromYAML) // numbers become what JSON has
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &fromYAML); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromYAML, fromJSON); diff != "" {
		t.Errorf("forms differ (-YAML +JSON)\n%s", diff)
	}
}

func TestRender(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for _, tt := range []struct {
		name  string
		files fstest.MapFS
		want  string // the JSON, or the error
	}{
		{
			"joined in order",
			fstest.MapFS{"base.yaml": file("z: 1\na: {m: [x, 1.5, null, true]}\n"), "a.yaml": file("a: {b: 'é<\"'}\nc: '2'\n")},
			`{"z":1,"a":{"m":["x",1.5,null,true],"b":"é\u003c\""},"c":"2"}`,
		},
		{
			"said twice",
			fstest.MapFS{"base.yaml": file("a: {b: {c: 1}}\n"), "x.yaml": file("a:\n  b:\n    c: 1\n")},
			"add x.yaml: a: b: line 3: c is there twice",
		},
		{"no base", fstest.MapFS{"x.yaml": file("a: 1\n")}, "read the description of the API: open base.yaml: file does not exist"},
		{"no YAML", fstest.MapFS{"base.yaml": file("a: [\n")}, "parse base.yaml: yaml: line 1: did not find expected node content"},
		{"no mapping", fstest.MapFS{"base.yaml": file("- a\n")}, "parse base.yaml: it is no mapping"},
		{"empty", fstest.MapFS{"base.yaml": file("")}, "parse base.yaml: it is no mapping"},
		{"alias", fstest.MapFS{"base.yaml": file("a: &x 1\nb: *x\n")}, "line 2: JSON has nothing for this"},
		{"not a number", fstest.MapFS{"base.yaml": file("a: .nan\n")}, "encode NaN: json: unsupported value: NaN"},
	} {
		out, err := render(tt.files)
		got := string(out.json)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestPage(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../spec.go", "/index.html", "nothing.html", "page", "page/index.html"} {
		if b, _, ok := Page(name); ok {
			t.Errorf("%q: got %d bytes, want nothing", name, len(b))
		}
	}
	b, mediaType, ok := Page(Index)
	if !ok || mediaType != "text/html; charset=utf-8" {
		t.Fatalf("got %v %q", ok, mediaType)
	}
	// What the policy forbids would not work, and nobody would see why.
	for _, re := range []string{`https?://`, `(?i)<style`, `(?i)\sstyle=`, `(?i)\son\w+=`, `(?i)<script>`} {
		if m := regexp.MustCompile(re).FindString(string(b)); m != "" {
			t.Errorf("the page has %q", m)
		}
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"#]+)"`).FindAllStringSubmatch(string(b), -1) {
		if strings.HasPrefix(m[1], "../openapi.") {
			continue
		}
		if _, _, ok := Page(m[1]); !ok {
			t.Errorf("there is no file %s", m[1])
		}
	}
	files, err := pageFiles.ReadDir("page")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, mediaType, ok := Page(file.Name())
		if !ok || mediaType == "" || len(b) == 0 {
			t.Errorf("%s: got %v, type %q, %d bytes", file.Name(), ok, mediaType, len(b))
		}
		text := strings.ReplaceAll(string(b), `xmlns="http://www.w3.org/2000/svg"`, "") // a name that nobody follows
		if m := regexp.MustCompile(`https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|url\(|@import`).FindString(text); m != "" {
			t.Errorf("%s has %q", file.Name(), m)
		}
		for _, m := range regexp.MustCompile(`from '\./([^']+)'`).FindAllStringSubmatch(text, -1) {
			if _, _, ok := Page(m[1]); !ok {
				t.Errorf("%s: there is no file %s", file.Name(), m[1])
			}
		}
	}
}
