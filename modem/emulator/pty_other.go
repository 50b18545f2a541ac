//go:build !linux

package emulator

import (
	"errors"
	"os"
)

// ptyPair is not available: the raw mode and the watch of the terminal are Linux's.
type ptyPair struct{ *os.File }

func openPTY(func()) (*ptyPair, error) { return nil, errors.ErrUnsupported }
