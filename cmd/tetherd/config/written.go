package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// value is a value as somebody wrote it.
type value struct {
	text   string
	source Source
}

// written is a configuration as somebody wrote it: values by concrete path,
// such as modems[0].pin.
type written struct {
	values   map[string]value
	sections map[string]Source // where each section that was written begins
	lengths  map[string]int    // of lists, by their path
	problems Problems
}

func (w *written) problem(s Source, key, format string, args ...any) {
	w.problems = append(w.problems, Problem{Source: s, Key: key, Text: fmt.Sprintf(format, args...)})
}

// readYAML reads a file. Values keep the spelling of the file, so that 0123 and
// NO stay what they are. It returns false if the file as a whole is not what it
// should be.
func (w *written) readYAML(name string, data []byte) bool {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return true
	} else if err != nil {
		w.syntaxProblem(name, err)
		return false
	}
	if err := dec.Decode(&second); err == nil {
		w.problem(Source{File: name, Line: second.Line}, "", "a second document begins here: remove the line ---")
		return false
	} else if !errors.Is(err, io.EOF) {
		w.syntaxProblem(name, err)
		return false
	}
	root := resolve(doc.Content[0])
	switch {
	case root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null":
		return true
	case root.Kind != yaml.MappingNode:
		w.problem(Source{File: name, Line: root.Line}, "", "expected lines of the form key: value")
		return false
	}
	w.readSection(name, "", root)
	return true
}

// syntaxProblem reports an error of the YAML parser, whose text begins with
// "yaml: line N: ".
func (w *written) syntaxProblem(name string, err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	src := Source{File: name}
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if n, after, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(n); err == nil {
				src.Line, text = line, after
			}
		}
	}
	w.problem(src, "", "not valid YAML: %s", text)
}

// resolve follows an alias to the node it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// readSection reads a mapping at a concrete path, "" being the top.
func (w *written) readSection(name, path string, n *yaml.Node) {
	seen := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], resolve(n.Content[i+1])
		src := Source{File: name, Line: k.Line}
		if k.Kind != yaml.ScalarNode {
			w.problem(src, path, "a key must be a plain word")
			continue
		}
		p := k.Value
		if path != "" {
			p = path + "." + k.Value
		}
		if line, ok := seen[k.Value]; ok {
			w.problem(src, p, "given twice, first in line %d: remove one", line)
			continue
		}
		seen[k.Value] = k.Line
		w.readEntry(src, path, p, k.Value, v)
	}
}

// readEntry reads what stands behind one key of a section.
func (w *written) readEntry(src Source, section, path, word string, v *yaml.Node) {
	switch {
	case strings.ContainsAny(word, ".[]") || !slices.Contains(children(pattern(section)), word):
		w.problem(src, path, "%s", unknownKey(pattern(section), word))
	case v.Kind == yaml.ScalarNode && v.ShortTag() == "!!null":
		if isSection(pattern(path)) {
			w.sections[path] = src
		}
	case slices.ContainsFunc(lists, func(l list) bool { return l.path == path }):
		w.sections[path] = src
		w.readList(src, path, v)
	case isSection(pattern(path)):
		w.sections[path] = src
		if v.Kind != yaml.MappingNode {
			w.problem(src, path, "expected indented lines below it: %s", strings.Join(children(pattern(path)), ", "))
			return
		}
		w.readSection(src.File, path, v)
	case v.Kind == yaml.SequenceNode && slices.Contains(wordLists, pattern(path)):
		w.values[path] = value{text: joined(v), source: src}
	case v.Kind == yaml.SequenceNode && pattern(path) == resetCommand:
		w.values[path] = value{text: arguments(v), source: src}
	case v.Kind != yaml.ScalarNode:
		w.problem(src, path, "expected a single value")
	default:
		w.values[path] = value{text: v.Value, source: src}
	}
}

// wordLists are the keys whose value may be a list of words.
var wordLists = []string{"routing.rules[].modem", "webhooks.allow", "alerts.admin_numbers", "canary.modems", "optout.stop", "optout.start", "network.allow", "network.trusted_proxies", "network.hosts", "network.cors_origins"}

// joined writes a list of words as they could stand in one line.
func joined(v *yaml.Node) string {
	words := make([]string, len(v.Content))
	for i, n := range v.Content {
		words[i] = resolve(n).Value
	}
	return strings.Join(words, ", ")
}

// readList reads a list of sections.
func (w *written) readList(src Source, path string, v *yaml.Node) {
	l, _, _ := listOf(path + "[0]")
	if v.Kind != yaml.SequenceNode {
		w.problem(src, path, `expected a list: begin each of its entries with "- "`)
		return
	}
	if len(v.Content) > l.most {
		w.problem(src, path, "%d entries are more than the %d one gateway serves", len(v.Content), l.most)
		return
	}
	w.lengths[path] = len(v.Content)
	for i, item := range v.Content {
		entry := fmt.Sprintf("%s[%d]", path, i)
		at := Source{File: src.File, Line: item.Line}
		w.sections[entry] = at
		item = resolve(item)
		if item.Kind != yaml.MappingNode {
			w.problem(at, entry, "expected lines such as %s:", l.first)
			continue
		}
		w.readSection(src.File, entry, item)
	}
}
