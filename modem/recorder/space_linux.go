package recorder

import "golang.org/x/sys/unix"

// freeSpace returns how many octets a program without privileges may still write
// to the disk that dir lies on.
func freeSpace(dir string) (octets uint64, ok bool) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, false
	}
	return st.Bavail * uint64(st.Bsize), true
}
