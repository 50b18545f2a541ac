package docs

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed spec/*.yaml
var specFiles embed.FS

// baseFile is the file of the description that the others are added to.
const baseFile = "base.yaml"

// Spec is the description of the API. It is put together when it is first asked for,
// and is safe for concurrent use.
type Spec struct {
	load func() (rendered, error)
}

// rendered is the description in each form.
type rendered struct{ yaml, json []byte }

// NewSpec returns the description of the API.
func NewSpec() *Spec {
	folder, err := fs.Sub(specFiles, "spec")
	return &Spec{sync.OnceValues(func() (rendered, error) {
		if err != nil {
			return rendered{}, fmt.Errorf("open the description of the API: %w", err)
		}
		return render(folder)
	})}
}

// YAML returns the description, which is not to be altered.
func (s *Spec) YAML() ([]byte, error) {
	r, err := s.load()
	return r.yaml, err
}

// JSON returns the description, which is not to be altered.
func (s *Spec) JSON() ([]byte, error) {
	r, err := s.load()
	return r.json, err
}

func render(folder fs.FS) (out rendered, err error) {
	root, err := assemble(folder)
	if err != nil {
		return out, err
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return out, fmt.Errorf("write the description of the API: %w", err)
	}
	out.yaml = b.Bytes()
	out.json, err = appendJSON(nil, root)
	return out, err
}

// assemble reads the files of a folder into one document.
func assemble(folder fs.FS) (*yaml.Node, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the description of the API: %w", err)
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, name := range append([]string{baseFile}, slices.DeleteFunc(names, func(n string) bool { return n == baseFile })...) {
		b, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read the description of the API: %w", err)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(b, &doc); err != nil {
			return nil, fmt.Errorf("parse %s: %w", name, err)
		}
		if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
			return nil, fmt.Errorf("parse %s: it is no mapping", name)
		}
		if err := add(root, doc.Content[0]); err != nil {
			return nil, fmt.Errorf("add %s: %w", name, err)
		}
	}
	return root, nil
}

// add puts the members of from into to. Mappings that both have are joined.
func add(to, from *yaml.Node) error {
	for i := 0; i+1 < len(from.Content); i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		was := member(to, key.Value)
		switch {
		case was == nil:
			to.Content = append(to.Content, key, value)
		case was.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			if err := add(was, value); err != nil {
				return fmt.Errorf("%s: %w", key.Value, err)
			}
		default:
			return fmt.Errorf("line %d: %s is there twice", key.Line, key.Value)
		}
	}
	return nil
}

// member returns a member of a mapping, nil if there is none.
func member(of *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(of.Content); i += 2 {
		if of.Content[i].Value == name {
			return of.Content[i+1]
		}
	}
	return nil
}
