//go:build !linux && !darwin

package store

import "os"

// roomOn returns how many bytes may still be written to the disk of a folder. It is
// not known here.
func roomOn(string) (bytes int64, known bool) { return 0, false }

// likeFile gives the file at path the mode of another.
func likeFile(path, other string) error {
	want, err := os.Stat(other)
	if err != nil {
		return err
	}
	return os.Chmod(path, want.Mode().Perm())
}
