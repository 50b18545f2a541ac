package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tetherd/store"
)

// pinJournal opens what remembers attempts at PINs: that of the configured gateway, or
// where there is none, one of this user's own.
func (c *cli) pinJournal(o clientOptions) (*store.DB, error) {
	file, err := c.configFile(o.config)
	if err != nil {
		return nil, err
	}
	path := ""
	if file != "" || c.configured() || o.demo {
		cfg, err := c.clientConfig(o)
		if err != nil {
			return nil, err
		}
		path = filepath.Join(cfg.DataDir, databaseName)
		// A database made here would be in the way of the gateway's user.
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			path = ""
		}
	}
	if path == "" {
		demo, err := c.demoDir("")
		if err != nil {
			return nil, err
		}
		path = filepath.Join(filepath.Dir(demo), "probe", databaseName)
	}
	db, err := store.Open(path, store.Options{Clock: clockSource(builtAt())})
	if err != nil {
		return nil, fmt.Errorf("the PIN is not entered, as the attempt could not be remembered: %w\n(is the gateway running? Stop it, or set pin of this modem in its configuration)", err)
	}
	return db, nil
}

// readPIN asks for a PIN at a terminal, else reads it from standard input.
func (c *cli) readPIN() (string, error) {
	fmt.Fprintln(c.stderr, "The PIN is entered once. A wrong one uses up one of three attempts, after which the SIM is blocked.")
	if f, ok := c.stdin.(*os.File); ok && isTerminal(f) {
		restore, err := hideInput(f)
		if err != nil {
			return "", fmt.Errorf("hide input: %w", err)
		}
		defer restore()
		defer fmt.Fprintln(c.stderr)
		fmt.Fprint(c.stderr, "PIN: ")
	}
	pin, err := readLine(c.stdin)
	if err != nil {
		return "", err
	}
	if pin == "" {
		return "", usagef("there is no PIN on standard input: write it there, or set pin of this modem in the configuration")
	}
	return pin, nil
}
