package access

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"
)

func TestAccounts(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("of-b"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDoor([]Account{
		{Name: "a", Password: "of-a", Role: Admin},
		{Name: "b", PasswordHash: string(hash), Role: Sender},
		{Name: "c", Password: "of-c", Role: Reader},
	}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time from memory
		for i, tt := range []struct {
			user, password string
			role           Role // empty: refused
		}{
			{"a", "of-a", Admin},
			{"b", "of-b", Sender},
			{"c", "of-c", Reader},
			{"a", "of-b", ""},
			{"a", "of-c", ""},
			{"b", "of-a", ""},
			{"c", "of-b", ""}, // for c a hash is checked that is not its own
			{"d", "of-b", ""},
			{"", "", ""},
			{"a", "", ""},
		} {
			v, err := d.Admit(t.Context(), from(t, fmt.Sprintf("192.0.2.%d", i)), tt.user, tt.password)
			if err != nil || v.OK != (tt.role != "") || v.Who.Scope != tt.role.Scope() || v.OK && v.Who.User != tt.user || v.Wait != 0 {
				t.Errorf("%s with %s: got %+v, %v, want role %q", tt.user, tt.password, v, err, tt.role)
			}
		}
	}
	for _, tt := range []struct {
		want     string
		accounts []Account
	}{
		{"no account", nil},
		{`two accounts have the name "x"`, []Account{{Name: "x", Password: "1", Role: Admin}, {Name: "x", Password: "2", Role: Reader}}},
		{`no role "boss"`, []Account{{Name: "x", Password: "1", Role: "boss"}}},
	} {
		if _, err := NewDoor(tt.accounts, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}

// Somebody who guesses the password of one user from many addresses is slowed down,
// and nobody else.
func TestThrottleByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(strings.Builder)
		d, err := NewDoor([]Account{
			{Name: "sms", Password: "secret", Role: Admin}, {Name: "app", Password: "secret", Role: Sender},
		}, zerolog.New(log))
		if err != nil {
			t.Fatal(err)
		}
		enter := func(addr, user string) Verdict {
			t.Helper()
			v, err := d.Admit(t.Context(), from(t, addr), user, "secret")
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if v := enter("192.0.2.1", "sms"); !v.OK {
			t.Fatal(v)
		}
		for i := range nameFailures {
			if v := d.guess(t, from(t, fmt.Sprintf("10.0.%d.1", i)), fmt.Sprint(i)); v.Wait != 0 {
				t.Fatalf("guess %d has to wait %v", i, v.Wait)
			}
		}
		if v := d.guess(t, from(t, "10.1.1.1"), "one more"); v.Wait == 0 || !v.Name {
			t.Errorf("got %+v for one more guess, want it to wait", v)
		}
		if v := enter("10.1.1.2", "sms"); v.OK {
			t.Error("the password is told from wrong ones while the name has to wait")
		}
		if v := enter("192.0.2.1", "sms"); !v.OK {
			t.Errorf("got %+v from an address known before, want it let in", v)
		}
		if v := enter("10.1.1.1", "app"); !v.OK {
			t.Errorf("got %+v for another user, want it let in", v)
		}
		if n := strings.Count(log.String(), `"user":"sms"`); n != 1 {
			t.Errorf("got %d warnings, want 1:\n%s", n, log)
		}
		time.Sleep(namePeriod)
		if v := enter("10.1.1.2", "sms"); !v.OK {
			t.Errorf("got %+v after a while, want it let in", v)
		}
	})
}

// Who makes up names, ever so many, gets no more guesses at one that exists.
func TestMadeUpNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := oneDoor(t, "secret", "", zerolog.Nop())
		for i := range nameFailures {
			d.guess(t, from(t, fmt.Sprintf("10.0.%d.1", i)), fmt.Sprint(i))
		}
		for i := range 2 * maxEntries {
			addr := from(t, fmt.Sprintf("10.%d.%d.2", 1+i>>8, i&255))
			if v, err := d.Admit(t.Context(), addr, fmt.Sprint("user", i), "x"); err != nil || v.OK || v.Wait != 0 {
				t.Fatal(v, err)
			}
		}
		if v := d.guess(t, from(t, "10.200.0.1"), "one more"); v.Wait == 0 {
			t.Error("the guesses at the one that exists were forgotten")
		}
		if n := len(d.strangers.entries); n != maxEntries {
			t.Errorf("got %d made-up names remembered, want %d", n, maxEntries)
		}
	})
}

func TestFamiliarIsBounded(t *testing.T) {
	d := oneDoor(t, "secret", "", zerolog.Nop())
	for i := range 2 * maxFamiliar {
		for range 2 {
			if v, err := d.Admit(t.Context(), from(t, fmt.Sprintf("10.0.%d.1", i)), "sms", "secret"); err != nil || !v.OK {
				t.Fatal(v, err)
			}
		}
	}
	for _, r := range d.accounts {
		if len(r.familiar) != maxFamiliar || r.familiar[0] != from(t, fmt.Sprintf("10.0.%d.1", maxFamiliar)) {
			t.Errorf("got %d addresses from %v on, want the latest %d", len(r.familiar), r.familiar[0], maxFamiliar)
		}
	}
}
