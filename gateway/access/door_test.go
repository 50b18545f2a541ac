package access

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"
)

// from returns a client by its address.
func from(t *testing.T, addr string) Client {
	t.Helper()
	return ClientAt(netip.MustParseAddr(addr))
}

// oneDoor returns a door with one account.
func oneDoor(t *testing.T, password, hash string, log zerolog.Logger) *Door {
	t.Helper()
	d, err := NewDoor([]Account{{Name: "sms", Password: password, PasswordHash: hash, Role: Admin}}, log)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// guess presents credentials of which the password is wrong.
func (d *Door) guess(t *testing.T, c Client, password string) Verdict {
	t.Helper()
	v, err := d.Admit(t.Context(), c, "sms", password)
	if err != nil || v.OK {
		t.Fatalf("guess %q: got %+v, %v, want it refused", password, v, err)
	}
	return v
}

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(strings.Builder)
		d := oneDoor(t, "secret", "", zerolog.New(log))
		bad, good := from(t, "192.0.2.1"), from(t, "192.0.2.2")
		enter := func(c Client) Verdict {
			v, err := d.Admit(t.Context(), c, "sms", "secret")
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		for i := range clientFailures {
			if v := d.guess(t, bad, fmt.Sprint(i)); v.Wait != 0 {
				t.Fatalf("guess %d has to wait %v, want only those after %d", i, v.Wait, clientFailures)
			}
		}
		if got, want := d.guess(t, bad, "one more").Wait, 6*time.Second; got != want {
			t.Errorf("got a wait of %v, want %v", got, want)
		}
		if v := enter(bad); v.OK || v.Wait == 0 {
			t.Errorf("got %+v: the password is told from wrong ones while its client has to wait", v)
		}
		if v := enter(good); !v.OK {
			t.Errorf("got %+v for another client, want it let in", v)
		}
		time.Sleep(6 * time.Second)
		if v := d.guess(t, bad, "after a while"); v.Wait != 0 {
			t.Errorf("got a wait of %v after having waited", v.Wait)
		}
		if v := d.guess(t, bad, "and again"); v.Wait == 0 {
			t.Error("more than one guess is allowed after waiting for one")
		}
		if n := strings.Count(log.String(), "too many failed logins"); n != 1 {
			t.Errorf("got %d warnings within a minute, want 1:\n%s", n, log)
		}
		time.Sleep(clientPeriod)
		if v := enter(bad); !v.OK {
			t.Errorf("got %+v with the right password after a minute, want it let in", v)
		}
	})
}

// A client that was not told of a new password repeats the old one for ever. That
// must not lock out the others behind its address.
func TestThrottleForgivesRepetition(t *testing.T) {
	d := oneDoor(t, "secret", "", zerolog.Nop())
	c := from(t, "127.0.0.1")
	for range 10 * clientFailures {
		if v := d.guess(t, c, "old password"); v.Wait != 0 {
			t.Fatalf("a repeated password has to wait %v", v.Wait)
		}
	}
	if v, err := d.Admit(t.Context(), c, "sms", "secret"); err != nil || !v.OK {
		t.Errorf("got %+v, %v for the right password, want it let in", v, err)
	}
}

// Guesses made at the same time are counted like those made one by one.
func TestThrottleCountsConcurrentGuesses(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, password, hash string }{{"password", "secret", ""}, {"hash", "", string(hash)}} {
		t.Run(tt.name, func(t *testing.T) {
			d := oneDoor(t, tt.password, tt.hash, zerolog.Nop())
			c := from(t, "2001:db8::1")
			var judged atomic.Int32
			var wg sync.WaitGroup
			for i := range 100 {
				wg.Go(func() {
					if v, err := d.Admit(t.Context(), c, "sms", fmt.Sprint(i)); err == nil && v.Wait == 0 {
						judged.Add(1)
					}
				})
			}
			wg.Wait()
			if got := judged.Load(); got != clientFailures {
				t.Errorf("got %d guesses judged, want %d", got, clientFailures)
			}
		})
	}
}

// Once a hashed password was found right, it is not checked again: a flood of
// guesses cannot keep it waiting.
func TestVerifiedCredentialsDoNotQueue(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	d := oneDoor(t, "", string(hash), zerolog.Nop())
	enter := func(addr string) {
		t.Helper()
		if v, err := d.Admit(t.Context(), from(t, addr), "sms", "secret"); err != nil || !v.OK {
			t.Errorf("got %+v, %v, want it let in", v, err)
		}
	}
	enter("192.0.2.1")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	entered := make(chan struct{})
	d.queues[1].check <- struct{}{} // somebody's guess is being checked, for ever
	go func() {
		defer close(entered)
		enter("192.0.2.2")
	}()
	select {
	case <-entered:
	case <-ctx.Done():
		t.Error("it waits for the check of a guess")
		<-d.queues[1].check
		<-entered
	}
	cancel()
	if v, err := d.Admit(ctx, from(t, "192.0.2.3"), "sms", "wrong"); err == nil {
		t.Errorf("got %+v for a guess whose client has gone, want an error", v)
	}
}

func TestThrottleIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := newThrottle[Client](clientFailures, clientPeriod)
		addr := func(i int) Client { return from(t, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)) }
		for i := range maxEntries + 500 {
			th.failed(addr(i), mac{byte(i)})
			time.Sleep(time.Millisecond)
		}
		if got := len(th.entries); got != maxEntries {
			t.Errorf("got %d clients remembered, want %d", got, maxEntries)
		}
		if th.entries[addr(499)] != nil || th.entries[addr(500)] == nil {
			t.Error("it was not the oldest that were forgotten")
		}
		time.Sleep(2 * clientPeriod)
		th.failed(addr(1<<20), mac{})
		if got := len(th.entries); got != 1 {
			t.Errorf("got %d clients remembered after a quiet time, want 1", got)
		}
	})
}
