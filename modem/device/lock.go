package device

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrLocked says that another instance has the device.
var ErrLocked = errors.New("device is locked by another instance")

// Lock is an flock on a file named after a device. The file stays when the lock is
// released: removing it would let two holders have locks on different files.
type Lock struct{ file *os.File }

// LockDir returns where lock files are: the system's directory if everyone may
// write there, as on Debian, else that for temporary files.
func LockDir() string {
	if unix.Access(systemLocks, unix.W_OK) == nil {
		return systemLocks
	}
	return os.TempDir()
}

const systemLocks = "/run/lock"

// lockName returns the name of a device's lock file.
func lockName(device string) string {
	return "tetherd" + strings.ReplaceAll(device, "/", "-") + ".lock"
}

// TakeLock takes the lock of a device for an owner, a name that [System.LockOwner]
// shows to others, or returns an error that is ErrLocked.
func TakeLock(dir, device, owner string) (*Lock, error) {
	name := filepath.Join(dir, lockName(device))
	const flags = unix.O_NOFOLLOW | unix.O_CLOEXEC
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|flags, 0o644)
	if errors.Is(err, fs.ErrPermission) {
		// In a sticky directory nobody may create over another user's file, but a
		// lock can be taken on a file that is open for reading only.
		f, err = os.OpenFile(name, os.O_RDONLY|flags, 0)
		owner = ""
	}
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close() // nothing was written
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = ErrLocked
		}
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	if owner != "" {
		// Only for people: the lock holds whether or not its owner is known. The
		// service's umask keeps its files from others, who may know this.
		_ = f.Chmod(0o644)
		if f.Truncate(0) == nil {
			_, _ = f.WriteAt([]byte(owner+"\n"), 0)
		}
	}
	return &Lock{f}, nil
}

// Release gives the device up.
func (l *Lock) Release() { _ = l.file.Close() } // which also unlocks it

// LockOwner returns the owner a device is locked for by an instance of this
// program, empty if it is not known; ok is false if the device is not locked. It
// takes no lock itself, so that it gets in nobody's way.
func (s System) LockOwner(device string) (owner string, ok bool) {
	for _, dir := range []string{strings.TrimPrefix(systemLocks, "/"), strings.TrimPrefix(os.TempDir(), "/")} {
		name := path.Join(dir, lockName(device))
		info, err := fs.Stat(s.FS, name)
		if err != nil {
			continue
		}
		st, isUnix := info.Sys().(*syscall.Stat_t)
		if isUnix && s.flocked(st.Ino) {
			owner, _, _ := strings.Cut(descriptor(s.text(name)), " ")
			return owner, true
		}
	}
	return "", false
}

// flocked tells whether a file is locked, by its inode. Lines of /proc/locks look
// like "1: FLOCK  ADVISORY  WRITE 1234 00:19:567 0 EOF" (proc_locks(5)).
func (s System) flocked(inode uint64) bool {
	want := fmt.Sprintf(":%d", inode)
	for line := range strings.Lines(s.text("proc/locks")) {
		f := strings.Fields(line)
		if len(f) > 5 && f[1] == "FLOCK" && strings.HasSuffix(f[5], want) {
			return true
		}
	}
	return false
}
