package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/bcrypt"
)

// hashCost is the work factor of password hashes: about 0.3 s on a Raspberry Pi 3.
const hashCost = 10

func (c *cli) hashPasswordCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "hash-password",
		Short: "Read a password and print its hash, for password_hash",
		Long: `Read a password from the terminal, or one line of standard input, and print its
bcrypt hash for password_hash in the configuration, of auth or of a user. The daemon then does not
need to know the password.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			password, err := c.readPassword()
			if err != nil {
				return err
			}
			switch {
			case password == "":
				return errors.New("the password is empty: write one line to standard input")
			case len(password) > 72:
				return errors.New("the password is longer than 72 bytes, which is all that bcrypt looks at: choose a shorter one")
			}
			hash, err := bcrypt.GenerateFromPassword([]byte(password), hashCost)
			if err != nil {
				return fmt.Errorf("hash password: %w", err)
			}
			_, err = fmt.Fprintf(c.stdout, "%s\n", hash)
			return err
		},
	}
}

// readPassword reads a line, unseen if it comes from a terminal.
func (c *cli) readPassword() (string, error) {
	f, ok := c.stdin.(*os.File)
	if !ok || !isTerminal(f) {
		return readLine(c.stdin)
	}
	ask := func(prompt string) (string, error) {
		restore, err := hideInput(f)
		if err != nil {
			return "", fmt.Errorf("hide input: %w", err)
		}
		defer restore()
		fmt.Fprint(c.stderr, prompt)
		defer fmt.Fprintln(c.stderr)
		return readLine(f)
	}
	first, err := ask("Password: ")
	if err != nil {
		return "", err
	}
	second, err := ask("The same again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords differ: start over")
	}
	return first, nil
}

// readLine reads up to the end of a line or of the input.
func readLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
