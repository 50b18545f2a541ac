//go:build linux || darwin

package store

import (
	"math"
	"os"
	"syscall"
)

// roomOn returns how many bytes this process may still write to the disk of a
// folder.
func roomOn(dir string) (bytes int64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	room := float64(s.Bavail) * float64(s.Bsize)
	return int64(min(room, math.MaxInt64/2)), true
}

// likeFile gives the file at path the owner and mode of another, which matters when
// somebody else than the daemon's user compacts the store.
func likeFile(path, other string) error {
	want, err := os.Stat(other)
	if err != nil {
		return err
	}
	is, err := os.Stat(path)
	if err != nil {
		return err
	}
	w, ok1 := want.Sys().(*syscall.Stat_t)
	i, ok2 := is.Sys().(*syscall.Stat_t)
	if ok1 && ok2 && (w.Uid != i.Uid || w.Gid != i.Gid) {
		if err := os.Chown(path, int(w.Uid), int(w.Gid)); err != nil {
			return err
		}
	}
	return os.Chmod(path, want.Mode().Perm())
}
