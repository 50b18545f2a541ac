package config

import (
	"encoding/json"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// resetCommand is the one key whose value is a program with its arguments.
const resetCommand = "modems[].reset_command"

// mostArguments bounds a command, its program included.
const mostArguments = 64

// arguments writes a list of words so that blanks within them are kept.
func arguments(v *yaml.Node) string {
	words := make([]string, len(v.Content))
	for i, n := range v.Content {
		words[i] = resolve(n).Value
	}
	b, err := json.Marshal(words)
	if err != nil { // strings always can be
		return ""
	}
	return string(b)
}

// command returns a program with its arguments. Written in one line, blanks
// separate them, unless it is a list as JSON has it.
func (b *builder) command(path string) []string {
	v, ok := b.values[path]
	if !ok {
		return nil
	}
	const how = "write the full path of a program and its arguments in brackets, such as [/usr/sbin/uhubctl, -a, cycle]"
	words := strings.Fields(v.text)
	if strings.HasPrefix(v.text, "[") {
		words = nil
		if json.Unmarshal([]byte(v.text), &words) != nil {
			b.bad(path, v, "is not a command: "+how)
			return nil
		}
	}
	switch {
	case len(words) == 0 || len(words) > mostArguments || strings.Contains(strings.Join(words, ""), "\x00"):
		b.bad(path, v, "is not a command: "+how)
	case !filepath.IsAbs(words[0]):
		b.bad(path, v, "does not begin with the full path of a program: "+how)
	default:
		return words
	}
	return nil
}
