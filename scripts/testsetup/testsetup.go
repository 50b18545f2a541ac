// Package testsetup tells tests what scripts/test-setup.sh found out.
package testsetup

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// Stated returns what the set-up of the tests found out under a name, in the module whose
// root is given: the path of a program, say, or why there is none.
func Stated(root, name string) (string, bool) {
	b, err := os.ReadFile(filepath.Join(root, ".cache", "test-setup", name))
	return string(bytes.TrimSpace(b)), err == nil
}

// Root returns the folder of go.mod, at or above the working directory.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod at or above the working directory")
		}
		dir = up
	}
}
