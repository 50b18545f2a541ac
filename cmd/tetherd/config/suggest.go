package config

import (
	"fmt"
	"strings"
)

// unknownKey says what to write instead of a name that is not known in a
// section ("" being the top of the file).
func unknownKey(section, name string) string {
	siblings := children(section)
	if near := nearest(name, siblings); near != "" {
		return fmt.Sprintf("unknown key: did you mean %q?", near)
	}
	for _, k := range keys {
		if lastName(k.path) == name {
			return fmt.Sprintf("unknown key here: did you mean %s?", strings.ReplaceAll(k.path, "[]", "[0]"))
		}
	}
	return "unknown key: known here are " + strings.Join(siblings, ", ")
}

// nearest returns the candidate that name is most likely a misspelling of, or
// "" if none is close.
func nearest(name string, candidates []string) string {
	best, bestDistance := "", max(2, len(name)/4)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), c); d < bestDistance && d < len(c) {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is the number of single-byte insertions, deletions, replacements and
// swaps of neighbours that turn a into b.
func distance(a, b string) int {
	older, old := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := old[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, old[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
		older, old = old, row
	}
	return old[len(b)]
}
