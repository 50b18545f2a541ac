package config

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Source is where a value comes from. The zero value is the built-in default.
type Source struct {
	File     string // name of the configuration file; empty if it is not from one
	Line     int    // in File, from 1; 0 if not known
	Variable string // name of the environment variable; empty if it is not from one
}

func (s Source) String() string {
	switch {
	case s.Variable != "":
		return s.Variable
	case s.File == "":
		return "default"
	case s.Line == 0:
		return s.File
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Source Source
	Key    string // such as modems[0].pin; empty if no key is concerned
	Text   string // what is wrong and how to mend it
}

func (p Problem) Error() string {
	var parts []string
	if p.Source != (Source{}) {
		parts = append(parts, p.Source.String())
	}
	if p.Key != "" {
		parts = append(parts, p.Key)
	}
	return strings.Join(append(parts, p.Text), ": ")
}

// Problems is the error of [Parse]: everything that is wrong, one per line, in
// the order of the file.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted orders ps by place: lines of the file, the file as a whole, variables.
func (ps Problems) sorted() Problems {
	line := func(p Problem) int { return cmp.Or(p.Source.Line, math.MaxInt) }
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Source.Variable, b.Source.Variable),
			cmp.Compare(line(a), line(b)),
		)
	})
	return ps
}
