package browsertest

import (
	"errors"
	"os/exec"

	"tetherd/scripts/testsetup"
)

// programs are the names that the browser has in distributions of Linux.
var programs = [...]string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}

// Chromium returns the path of the browser, which the set-up of the tests looks for and
// installs. The error says why there is none.
func Chromium() (string, error) {
	root, err := testsetup.Root()
	if err != nil {
		return "", err
	}
	if path, ok := testsetup.Stated(root, "chromium"); ok {
		if path, err := exec.LookPath(path); err == nil {
			return path, nil
		}
	}
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if why, ok := testsetup.Stated(root, "chromium-missing"); ok {
		return "", errors.New(why)
	}
	return "", errors.New("Chromium is not installed: run scripts/test-setup.sh")
}
