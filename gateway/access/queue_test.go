package access

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/crypto/bcrypt"
)

// hashed returns a hash of the lowest cost there is.
func hashed(t *testing.T, password string) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

// Somebody on the Internet, with ever so many addresses, does not keep out those in
// the house, and the other way round.
func TestSides(t *testing.T) {
	attack := map[string]string{"203.0.%d.1": "192.168.1.2", "2001:db8:%d::1": "fd00::2", "10.0.%d.1": "198.51.100.7"}
	for pattern, owner := range attack {
		synctest.Test(t, func(t *testing.T) {
			d := oneDoor(t, "secret", "", zerolog.Nop())
			for i := range nameFailures + 1 {
				d.guess(t, from(t, fmt.Sprintf(pattern, i)), fmt.Sprint(i))
			}
			if v := d.guess(t, from(t, fmt.Sprintf(pattern, 99)), "x"); !v.Name {
				t.Fatalf("%s: got %+v, want the name to have to wait", pattern, v)
			}
			if v, err := d.Admit(t.Context(), from(t, owner), "sms", "secret"); err != nil || !v.OK {
				t.Errorf("%s: got %+v, %v for %s, want it let in", pattern, v, err, owner)
			}
		})
	}
}

// However many guess at once, few wait to be judged, and those who bring the same
// password count as one.
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := oneDoor(t, "", hashed(t, "secret"), zerolog.Nop())
		q := &d.queues[1]
		q.check <- struct{}{} // somebody's guess is being checked
		var mu sync.Mutex
		got := make(map[string]int)
		var wg sync.WaitGroup
		admit := func(kind, addr, password string) {
			c := from(t, addr)
			wg.Go(func() {
				v, err := d.Admit(t.Context(), c, "sms", password)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got[fmt.Sprintf("%s %t", kind, v.Busy)]++
			})
			synctest.Wait()
		}
		for i := range 20 { // one client has no more waiting than it may fail at once
			admit("one", "203.0.113.1", fmt.Sprint("one", i))
		}
		for i := range 30 { // the same password counts once
			admit("same", fmt.Sprintf("203.0.114.%d", i), "same")
		}
		for i := range 100 {
			admit("many", fmt.Sprintf("203.0.115.%d", i), fmt.Sprint("many", i))
		}
		// Nobody in the house waits for them.
		if v, err := d.Admit(t.Context(), from(t, "192.168.1.2"), "sms", "secret"); err != nil || !v.OK {
			t.Errorf("got %+v, %v for somebody in the house, want it let in", v, err)
		}
		<-q.check
		wg.Wait()
		want := map[string]int{"one false": 10, "one true": 10, "same false": 30, "many false": maxWaiting - 11, "many true": 100 - (maxWaiting - 11)}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got busy %v, want %v", got, want)
		}
		if len(q.waiting) != 0 || len(q.of) != 0 {
			t.Errorf("%d credentials of %d clients still wait", len(q.waiting), len(q.of))
		}
	})
}

// Somebody with many addresses does not fill the log.
func TestWarningsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(strings.Builder)
		d := oneDoor(t, "secret", "", zerolog.New(log))
		for i := range 200 {
			for j := range clientFailures + 1 {
				if v, err := d.Admit(t.Context(), from(t, fmt.Sprintf("2001:db8:%x::1", i)), fmt.Sprint("user", i), fmt.Sprint(j)); err != nil || v.OK {
					t.Fatal(v, err)
				}
			}
		}
		if n := strings.Count(log.String(), "\n"); n != warnBurst {
			t.Errorf("got %d lines at once, want %d", n, warnBurst)
		}
	})
}

// Whose hash is quick to check is refused as slowly as somebody who does not exist.
func TestHashesOfSeveralCosts(t *testing.T) {
	slow, err := bcrypt.GenerateFromPassword([]byte("other"), 9) // 32 times the work
	if err != nil {
		t.Fatal(err)
	}
	var h hasher
	quick := []byte(hashed(t, "secret"))
	h.add(quick)
	h.add(slow)
	quickest := func(hash []byte, password string, want bool) time.Duration {
		least := time.Hour
		for range 3 {
			began := time.Now()
			if got := h.check(hash, []byte(password)); got != want {
				t.Fatalf("got %t for %q", got, password)
			}
			least = min(least, time.Since(began))
		}
		return least
	}
	nobody := quickest(nil, "x", false)
	for name, hash := range map[string][]byte{"quick": quick, "slow": slow} {
		if took := quickest(hash, "x", false); took < nobody/3 || took > 3*nobody {
			t.Errorf("%s: refused in %v, somebody who does not exist in %v", name, took, nobody)
		}
	}
	quickest(quick, "secret", true)
}
