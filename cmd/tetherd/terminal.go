package main

import (
	"os"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// isTerminal reports whether f is a terminal.
func isTerminal(f *os.File) bool {
	return term.IsTerminal(int(f.Fd()))
}

// hideInput keeps a terminal from showing what is typed, until restore is called. It
// is for before the prompt: term.ReadPassword would show what is typed ahead of it.
func hideInput(f *os.File) (restore func(), err error) {
	fd := int(f.Fd())
	old, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	quiet := *old
	quiet.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, setTermios, &quiet); err != nil {
		return nil, err
	}
	// If it fails now the terminal has gone, and nobody is left to tell.
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, old) }, nil
}
