package modem

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// errLocked says that another instance has the device.
var errLocked = errors.New("device is locked by another instance")

// deviceLock is an flock on a file named after a device. The file stays when it
// is released: removing it would let two holders have locks on different files.
type deviceLock struct{ file *os.File }

// lockDir is where the lock files are: the system's directory if everyone may
// write there, as on Debian, else that for temporary files.
func lockDir() string {
	const system = "/run/lock"
	if unix.Access(system, unix.W_OK) == nil {
		return system
	}
	return os.TempDir()
}

// lockDevice takes the lock of a device, or returns errLocked.
func lockDevice(dir, device string) (*deviceLock, error) {
	name := filepath.Join(dir, "tetherd"+strings.ReplaceAll(device, "/", "-")+".lock")
	const flags = unix.O_NOFOLLOW | unix.O_CLOEXEC
	f, err := os.OpenFile(name, os.O_RDONLY|os.O_CREATE|flags, 0o644)
	if errors.Is(err, fs.ErrPermission) {
		// In a sticky directory nobody may create over another user's file, but a
		// lock can be taken on a file that is open for reading only.
		f, err = os.OpenFile(name, os.O_RDONLY|flags, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close() // nothing was written
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	return &deviceLock{f}, nil
}

func (l *deviceLock) release() { _ = l.file.Close() } // which also unlocks it

// users names the programs that have a device open, as far as /proc shows them.
func users(device string) string {
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is well-formed
	seen := map[string]bool{}
	var out []string
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || target != device {
			continue
		}
		pid := strings.Split(link, "/")[2]
		if pid == strconv.Itoa(os.Getpid()) || seen[pid] {
			continue
		}
		seen[pid] = true
		comm, _ := os.ReadFile("/proc/" + pid + "/comm") // it may be gone by now
		out = append(out, fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(comm)), pid))
	}
	if len(out) == 0 {
		return "another program"
	}
	return strings.Join(out, ", ")
}
