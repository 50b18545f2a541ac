package access

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// maxCost bounds the cost of hashes: a small computer takes ten seconds or so, in which
// nobody else who is not known yet can log in.
const maxCost = 15

// Account is somebody who can log in.
type Account struct {
	Name string
	// Password, or PasswordHash, the hash of bcrypt, "$2a$…". Exactly one of them
	// must be given.
	Password, PasswordHash string
	Role                   Role
}

// check refuses an account that nobody could use, or anybody.
func (a *Account) check() error {
	switch {
	case a.Name == "":
		return errors.New("the user name is empty")
	case strings.Contains(a.Name, ":"):
		return errors.New("the user name contains a colon, which basic authentication cannot transmit")
	case a.Password == "" && a.PasswordHash == "":
		return errors.New("neither a password nor a password hash is given")
	case a.Password != "" && a.PasswordHash != "":
		return errors.New("both a password and a password hash are given")
	case a.Role.Scope() == 0:
		return fmt.Errorf("there is no role %q", string(a.Role))
	}
	if a.PasswordHash != "" {
		cost, err := bcrypt.Cost([]byte(a.PasswordHash))
		switch {
		case err != nil:
			return fmt.Errorf("read password hash: %w", err)
		case cost > maxCost:
			return fmt.Errorf("the password hash has cost %d, and logging in would take minutes: use at most %d", cost, maxCost)
		}
	}
	return nil
}

// Principal is who makes a request.
type Principal struct {
	User   string
	Rights Scope  // of the user
	Scope  Scope  // what this request may do: Rights, or of them what its token holds
	Token  string // ID of the token that it came with; empty if it came with a password
}

// Admin reports whether the user may do everything, if not with this request.
func (p *Principal) Admin() bool { return p.Rights.Holds(All) }
