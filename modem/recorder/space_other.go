//go:build !linux

package recorder

// freeSpace is not known here.
func freeSpace(string) (octets uint64, ok bool) { return 0, false }
