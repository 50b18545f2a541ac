package config

import (
	"fmt"
	"io/fs"
	"slices"
)

// fewCharacters is how long a password is that is guessed sooner or later, however slow
// the gateway makes that.
const fewCharacters = 8

// Cautions says what is valid and a risk all the same, and what to do. Stat is
// [os.Stat], or stands for it.
func (c *Config) Cautions(stat func(name string) (fs.FileInfo, error)) (out []string) {
	files := slices.Clone(c.secretFiles)
	if c.TLS.KeyFile != "" {
		files = append(files, c.TLS.KeyFile)
	}
	slices.Sort(files)
	for _, file := range slices.Compact(files) {
		if info, err := stat(file); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o007 != 0 {
			out = append(out, fmt.Sprintf("everybody on this machine can read the secrets in %s: chmod o= %s", file, file))
		}
	}
	if loopback(c.Listen) {
		return out
	}
	short := func(path, password string) {
		if password != "" && len(password) < fewCharacters {
			out = append(out, fmt.Sprintf("%s has fewer than %d characters, and others can reach listen %s: choose a longer one", path, fewCharacters, c.Listen))
		}
	}
	short("auth.password", c.Auth.Password)
	for i, u := range c.Users {
		short(fmt.Sprintf("users[%d].password", i), u.Password)
	}
	return out
}
