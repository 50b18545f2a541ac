package config

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// variable returns the environment variable of a concrete path:
// TETHERD_MODEMS_0_PORT for modems[0].port.
func variable(path string) string {
	return envPrefix + strings.ToUpper(strings.NewReplacer("[", "_", "]", "", ".", "_").Replace(path))
}

// readEnvironment lets variables of the form NAME=value override what the file
// says. An empty variable counts as not set.
func (w *written) readEnvironment(env []string) {
	paths := make(map[string]string, len(keys))
	for _, k := range keys {
		if !strings.Contains(k.path, "[]") {
			paths[variable(k.path)] = k.path
		}
	}
	// In the order of their names, so that problems come in a stable order. Of
	// two with the same name the last wins, as for os/exec.
	vars := make(map[string]string)
	for _, kv := range env {
		if name, text, _ := strings.Cut(kv, "="); strings.HasPrefix(name, envPrefix) {
			vars[name] = text
		}
	}
	names := make([]string, 0, len(vars))
	for name := range vars {
		names = append(names, name)
	}
	slices.Sort(names)

	for _, name := range names {
		text, src := vars[name], Source{Variable: name}
		path, known := paths[name]
		if !known {
			path, known = listVariable(name)
		}
		switch {
		case known && text == "":
		case known:
			w.override(path, value{text: text, source: src})
		case !slices.Contains(clientVariables, name):
			w.problem(src, "", "%s", unknownVariable(name, paths))
		}
	}
	w.checkHoles()
}

// listVariable returns the path that TETHERD_MODEMS_<n>_<KEY>, or the like of
// another list, stands for.
func listVariable(name string) (path string, ok bool) {
	for _, l := range lists {
		rest, ok := strings.CutPrefix(name, variable(l.path)+"_")
		if !ok {
			continue
		}
		number, word, ok := strings.Cut(rest, "_")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || n >= l.most || strconv.Itoa(n) != number {
			return "", false
		}
		for key := range l.keys() {
			if variable(key) == envPrefix+word {
				return fmt.Sprintf("%s[%d].%s", l.path, n, key), true
			}
		}
		return "", false
	}
	return "", false
}

// keys yields the keys of an entry of the list, such as "balance.code".
func (l list) keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, k := range keys {
			if key, ok := strings.CutPrefix(k.path, l.path+"[]."); ok && !yield(key) {
				return
			}
		}
	}
}

// unknownVariable says what to call a variable instead.
func unknownVariable(name string, paths map[string]string) string {
	candidates := slices.Clone(clientVariables)
	for v := range paths {
		candidates = append(candidates, v)
	}
	for _, l := range lists {
		for key := range l.keys() {
			candidates = append(candidates, variable(l.path+"[0]."+key))
		}
	}
	slices.Sort(candidates)
	best, least := "", max(3, len(name)/4)
	for _, c := range candidates {
		if d := distance(name, c); d < least {
			best, least = c, d
		}
	}
	if best != "" {
		return fmt.Sprintf("unknown variable: did you mean %s? If it is not meant for tetherd, rename it", best)
	}
	return `unknown variable: "tetherd config print" lists the keys; TETHERD_SEND_ATTEMPTS stands for send.attempts, TETHERD_MODEMS_0_PORT for the port of the first modem`
}

// override sets a value from the environment, in place of the file's value of
// the same key or of a rival.
func (w *written) override(path string, v value) {
	for _, group := range rivals {
		if !slices.Contains(group, pattern(path)) {
			continue
		}
		for _, rival := range group {
			p := strings.TrimSuffix(path, lastName(path)) + lastName(rival)
			if old, ok := w.values[p]; ok && old.source.Variable == "" {
				delete(w.values, p)
			}
		}
	}
	w.values[path] = v
	if l, n, ok := listOf(path); ok {
		w.lengths[l.path] = max(w.lengths[l.path], n+1)
	}
}

// checkHoles reports entries of lists that were passed over:
// TETHERD_MODEMS_1_PORT without anything about the first.
func (w *written) checkHoles() {
	mentioned := make(map[string]bool) // entries
	for _, paths := range []iter.Seq[string]{maps.Keys(w.sections), maps.Keys(w.values)} {
		for path := range paths {
			if l, n, ok := listOf(path); ok {
				mentioned[fmt.Sprintf("%s[%d]", l.path, n)] = true
			}
		}
	}
	for _, l := range lists {
		for n := range w.lengths[l.path] {
			if path := fmt.Sprintf("%s[%d]", l.path, n); !mentioned[path] {
				w.problem(Source{Variable: variable(path + "." + l.first)}, path, "the entries of a list count from 0 without gaps: set this one, too, or renumber the others")
			}
		}
	}
}
