package receivers

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tetherd/scripts/testsetup"
)

// folder is where the programs lie, seen from the module's root.
const folder = "webhook/receivers/testdata"

// Node returns the path of Node, which the set-up of the tests looks for and
// installs. The error says why there is none.
func Node() (string, error) {
	root, err := testsetup.Root()
	if err != nil {
		return "", err
	}
	if path, ok := testsetup.Stated(root, "node"); ok {
		if _, err := exec.LookPath(path); err == nil {
			return path, nil
		}
	}
	for _, name := range []string{"node", "nodejs"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if why, ok := testsetup.Stated(root, "missing"); ok {
		return "", errors.New(why)
	}
	return "", errors.New("Node is not installed: run scripts/test-setup.sh")
}

// StartNode starts the receivers in Node. It skips the test if Node or the packages
// are not there.
func StartNode(t testing.TB) *Host {
	t.Helper()
	node, dir, err := nodeWithPackages()
	if err != nil {
		t.Skipf("receivers in Node are not tried: %v", err)
	}
	return newHost(t, start(t, dir, node, "server.js"))
}

// nodeWithPackages returns the path of Node and the folder of its program, the
// packages for which are installed.
func nodeWithPackages() (node, dir string, err error) {
	node, err = Node()
	if err != nil {
		return "", "", err
	}
	root, err := testsetup.Root()
	if err != nil {
		return "", "", err
	}
	dir = filepath.Join(root, folder, "node")
	locked, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return "", "", err
	}
	installed, err := os.ReadFile(filepath.Join(dir, "node_modules", ".installed"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", err
	}
	if bytes.Equal(locked, installed) {
		return node, dir, nil
	}
	if why, ok := testsetup.Stated(root, "missing"); ok {
		return "", "", errors.New(why)
	}
	return "", "", fmt.Errorf("the packages of %s are not installed: run scripts/test-setup.sh", folder)
}
