package config

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
)

// entry is one key with its value and where that comes from.
type entry struct {
	path, text string
	source     Source
}

// masked stands for a secret that is set.
const masked = "********"

// entries lists every key, in the order of the table.
func (w *written) entries() []entry {
	var out []entry
	add := func(path string, k key) {
		v, ok := w.values[path]
		switch {
		case !ok && k.fallback == "":
			v.text = "-"
		case !ok:
			v.text = k.fallback
		case k.secret:
			v.text = masked
		case strings.ContainsFunc(v.text, unicode.IsControl):
			v.text = strconv.Quote(v.text)
		}
		out = append(out, entry{path: path, text: v.text, source: v.source})
	}
	done := make(map[string]bool) // lists
	for _, k := range keys {
		list, _, ok := strings.Cut(k.path, "[].")
		switch {
		case !ok:
			add(k.path, k)
		case !done[list]:
			done[list] = true
			for i := range w.lengths[list] {
				for _, k := range keys {
					if name, ok := strings.CutPrefix(k.path, list+"[]."); ok {
						add(fmt.Sprintf("%s[%d].%s", list, i, name), k)
					}
				}
			}
		}
	}
	return out
}

// Print writes every key with its value and where the value comes from. Secrets
// are masked; a dash stands for nothing.
func (c *Config) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range c.entries {
		fmt.Fprintf(t, "%s\t%s\t%s\n", e.path, e.text, e.source)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print configuration: %w", err)
	}
	return nil
}
