package config

import (
	"fmt"
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
		if !strings.HasPrefix(k.path, modemPrefix) {
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
			path, known = modemVariable(name)
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

// modemVariable returns the path that TETHERD_MODEMS_<n>_<KEY> stands for.
func modemVariable(name string) (path string, ok bool) {
	rest, ok := strings.CutPrefix(name, envPrefix+"MODEMS_")
	if !ok {
		return "", false
	}
	number, word, ok := strings.Cut(rest, "_")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 0 || n >= maxModems || strconv.Itoa(n) != number {
		return "", false
	}
	path = fmt.Sprintf("modems[%d].%s", n, strings.ToLower(word))
	if _, ok := keyOf(path); !ok || word != strings.ToUpper(word) {
		return "", false
	}
	return path, true
}

// unknownVariable says what to call a variable instead.
func unknownVariable(name string, paths map[string]string) string {
	candidates := slices.Clone(clientVariables)
	for v := range paths {
		candidates = append(candidates, v)
	}
	for _, word := range children("modems[]") {
		candidates = append(candidates, variable("modems[0]."+word))
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
	if n, ok := modemIndex(path); ok {
		w.modems = max(w.modems, n+1)
	}
}

// checkHoles reports modems that were passed over: TETHERD_MODEMS_1_PORT without
// anything about the first.
func (w *written) checkHoles() {
	mentioned := make(map[int]bool)
	for path := range w.sections {
		if n, ok := modemIndex(path); ok {
			mentioned[n] = true
		}
	}
	for path := range w.values {
		if n, ok := modemIndex(path); ok {
			mentioned[n] = true
		}
	}
	for n := range w.modems {
		if !mentioned[n] {
			path := fmt.Sprintf("modems[%d]", n)
			w.problem(Source{Variable: variable(path + ".port")}, path, "modems count from 0 without gaps: set this one, too, or renumber the others")
		}
	}
}

// modemIndex returns n for modems[n].….
func modemIndex(path string) (int, bool) {
	rest, ok := strings.CutPrefix(path, "modems[")
	if !ok {
		return 0, false
	}
	number, _, _ := strings.Cut(rest, "]")
	n, err := strconv.Atoi(number)
	return n, err == nil
}
