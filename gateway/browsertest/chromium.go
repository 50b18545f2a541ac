package browsertest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// programs are the names that the browser has in distributions of Linux.
var programs = [...]string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}

// Chromium returns the path of the browser, which the set-up of the tests looks for and
// installs. The error says why there is none.
func Chromium() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	if path, ok := stated(root, "chromium"); ok {
		if path, err := exec.LookPath(path); err == nil {
			return path, nil
		}
	}
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if why, ok := stated(root, "chromium-missing"); ok {
		return "", errors.New(why)
	}
	return "", errors.New("Chromium is not installed: run scripts/test-setup.sh")
}

// stated returns what the set-up of the tests found out under a name.
func stated(root, name string) (string, bool) {
	b, err := os.ReadFile(filepath.Join(root, ".cache", "test-setup", name))
	return string(bytes.TrimSpace(b)), err == nil
}

// moduleRoot returns the folder of go.mod, at or above the working directory.
func moduleRoot() (string, error) {
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
