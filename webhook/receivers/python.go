package receivers

import (
	"os/exec"
	"path/filepath"
	"testing"

	"tetherd/scripts/testsetup"
)

// StartPython starts the receivers in Python. It skips the test if Python 3.9 or
// later is not there.
func StartPython(t testing.TB) *Host {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("receivers in Python are not tried: python3 is not installed")
	}
	if exec.Command(python, "-c", "import sys; sys.exit(sys.version_info < (3, 9))").Run() != nil {
		t.Skipf("receivers in Python are not tried: %s does not run or is older than 3.9", python)
	}
	root, err := testsetup.Root()
	if err != nil {
		t.Fatal(err)
	}
	return newHost(t, start(t, filepath.Join(root, folder, "python"), python, "server.py"))
}
