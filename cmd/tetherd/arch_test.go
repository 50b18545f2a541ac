package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// moduleRoot is where go.mod lies, seen from this package.
const moduleRoot = "../.."

// modulePath is the module's own import path.
const modulePath = "tetherd"

// rule says what the files of a package, tests aside, may import beside the
// standard library.
type rule struct {
	ours   []string // packages of this module, relative to its root
	theirs []string // modules of others; a package below one counts as well
}

// anything stands for no restriction.
var anything = []string{"*"}

// architecture is the picture of the README: arrows point down only, and
// siblings do not meet.
var architecture = map[string]rule{
	"cmd/tetherd":             {ours: anything, theirs: anything},
	"cmd/tetherd/bulk":        {ours: []string{"gateway/api"}},
	"cmd/tetherd/certificate": {theirs: []string{"github.com/rs/zerolog"}},
	"cmd/tetherd/config": {ours: []string{"gateway/access", "modem/device", "webhook/egress"}, theirs: []string{
		"github.com/nyaruka/phonenumbers", "go.yaml.in/yaml/v3", "golang.org/x/crypto",
	}},

	"gateway": {ours: []string{"gateway/filter", "gateway/rolling", "gateway/sealed", "gateway/sms", "gateway/wap"}, theirs: []string{
		"github.com/cenkalti/backoff/v4", "github.com/nyaruka/phonenumbers", "github.com/rs/zerolog",
	}},
	"gateway/access": {ours: []string{"gateway"}, theirs: []string{
		"github.com/golang-jwt/jwt/v5", "github.com/rs/zerolog", "golang.org/x/crypto", "golang.org/x/time",
	}},
	"gateway/browsertest": {ours: []string{"scripts/testsetup"}, theirs: []string{ // for tests of other packages
		"github.com/chromedp/cdproto", "github.com/chromedp/chromedp",
	}},
	"gateway/docs":      {theirs: []string{"go.yaml.in/yaml/v3"}},
	"gateway/filter":    {theirs: []string{"golang.org/x/text"}},
	"gateway/rolling":   {},
	"gateway/sealed":    {},
	"gateway/sms":       {},
	"gateway/wap":       {},
	"gateway/cause":     {},
	"gateway/invariant": {ours: []string{"gateway"}}, // for tests of other packages
	"gateway/api":       {},
	"gateway/rest": {ours: []string{"gateway", "gateway/access", "gateway/api", "gateway/cause", "gateway/docs", "gateway/filter", "gateway/sms"}, theirs: []string{
		"github.com/rs/zerolog", "golang.org/x/sync", "golang.org/x/time",
	}},

	"store": {ours: []string{"gateway"}, theirs: []string{
		"github.com/rs/zerolog", "go.etcd.io/bbolt",
	}},

	"modem": {ours: []string{"gateway", "gateway/cause", "gateway/sms", "modem/device", "modem/line", "modem/pdu", "modem/recorder"}, theirs: []string{
		"github.com/cenkalti/backoff/v4", "github.com/rs/zerolog", "github.com/warthog618/modem",
		"go.bug.st/serial", "golang.org/x/sys",
	}},
	"modem/device":            {theirs: []string{"golang.org/x/sys"}},
	"modem/device/devicetest": {}, // for tests of other packages
	"modem/line":              {},
	"modem/recorder":          {theirs: []string{"github.com/rs/zerolog", "golang.org/x/sys"}},
	"modem/pdu":               {ours: []string{"gateway/sms"}, theirs: []string{"github.com/warthog618/sms"}},
	"modem/emulator/control":  {ours: []string{"modem/emulator"}},
	"modem/conform":           {ours: []string{"gateway/invariant", "modem/emulator"}}, // for tests of other packages
	"modem/emulator":          {theirs: []string{"github.com/creack/pty", "golang.org/x/sys"}},

	"webhook/egress":            {theirs: []string{"golang.org/x/net/dns/dnsmessage"}},
	"webhook/egress/egresstest": {}, // for tests of other packages
	"webhook": {ours: []string{"gateway", "webhook/egress", "webhook/format"}, theirs: []string{
		"github.com/cenkalti/backoff/v4", "github.com/rs/zerolog", "golang.org/x/time",
	}},
	"webhook/format":    {ours: []string{"gateway"}},
	"webhook/receivers": {ours: []string{"scripts/testsetup"}}, // for tests of other packages

	"scripts/testsetup": {}, // for tests
}

// TestArchitecture holds every file against the picture, on whatever system it
// would be built.
func TestArchitecture(t *testing.T) {
	found := make(map[string]bool)
	forEachGoFile(t, func(path string, _ []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		r, listed := architecture[pkg]
		if !listed {
			if !found[pkg] {
				t.Errorf("package %s is not in the picture: add it to the map with what it may import", pkg)
			}
			found[pkg] = true
			return
		}
		found[pkg] = true
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(moduleRoot, path), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := r.forbids(imported); why != "" {
				t.Errorf("%s imports %s: %s", path, imported, why)
			}
		}
	})
	for pkg := range architecture {
		if !found[pkg] {
			t.Errorf("package %s is in the picture but not in the tree: remove it from the map", pkg)
		}
	}
}

// forbids says why the package may not import another, or "" if it may.
func (r rule) forbids(imported string) string {
	if ours, ok := strings.CutPrefix(imported, modulePath+"/"); ok {
		if slices.Equal(r.ours, anything) || slices.Contains(r.ours, ours) {
			return ""
		}
		return "of this module it may import only " + strings.Join(append(slices.Clone(r.ours), "itself"), ", ")
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return "" // standard library
	}
	if slices.Equal(r.theirs, anything) {
		return ""
	}
	for _, module := range r.theirs {
		if imported == module || strings.HasPrefix(imported, module+"/") {
			return ""
		}
	}
	return "of other modules it may import only " + strings.Join(append(slices.Clone(r.theirs), "the standard library"), ", ")
}

func TestRuleForbids(t *testing.T) {
	r := rule{ours: []string{"gateway"}, theirs: []string{"example.org/a"}}
	for imported, want := range map[string]bool{
		"fmt": false, "net/http": false, "tetherd/gateway": false, "example.org/a": false, "example.org/a/b": false,
		"tetherd/gateway/sms": true, "tetherd/store": true, "example.org/ab": true, "example.org/b": true,
	} {
		if got := r.forbids(imported) != ""; got != want {
			t.Errorf("forbids(%q) = %v, want %v", imported, got, want)
		}
	}
}

// TestFileSizes keeps source files short enough to be read in one go.
func TestFileSizes(t *testing.T) {
	const most = 500
	forEachGoFile(t, func(path string, data []byte) {
		if n := strings.Count(string(data), "\n"); n > most {
			t.Errorf("%s has %d lines, more than %d: look for the second noun in it", path, n, most)
		}
	})
}

// forEachGoFile calls visit with every Go file of the module, by its path
// relative to the root.
func forEachGoFile(t *testing.T, visit func(path string, data []byte)) {
	t.Helper()
	n := 0
	root := os.DirFS(moduleRoot)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name != "." && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "bin") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		data, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		n++
		visit(path, data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatal("found no Go files: is the module's root elsewhere?")
	}
}
