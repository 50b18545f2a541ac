package gateway

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// Quota is how many SMS a user may send in any minute, hour and 24 hours: one is
// counted for each recipient when its message is accepted. Zero is no limit.
type Quota struct{ PerMinute, PerHour, PerDay int }

// quotaPage is how many messages are read at once when quotas are restored.
const quotaPage = 5000

// quotas know what users with limits sent. What was counted is found again, after a
// restart, in the messages that are kept. It is safe for concurrent use.
type quotas struct {
	mu    sync.Mutex        // guards the usages
	users map[string]*usage // read-only after loadQuotas
}

// usage is what one user sent lately.
type usage struct {
	entries []spending // oldest first
	first   int        // number of entries[0]; they are numbered from 0 on
	windows []window
}

// spending is one message.
type spending struct {
	at Tick
	n  int // recipients
}

// window is a limit, with what counts towards it.
type window struct {
	name   string // with its article
	length time.Duration
	limit  int
	head   int // number of the oldest entry in it
	sum    int // of the entries in it
}

func newUsage(q Quota) *usage {
	u := &usage{}
	for _, w := range []window{
		{name: "a minute", length: time.Minute, limit: q.PerMinute},
		{name: "an hour", length: time.Hour, limit: q.PerHour},
		{name: "a day", length: 24 * time.Hour, limit: q.PerDay},
	} {
		if w.limit > 0 {
			u.windows = append(u.windows, w)
		}
	}
	return u
}

// advance takes what is too old out of the windows.
func (u *usage) advance(now Tick) {
	oldest := u.first + len(u.entries)
	for i := range u.windows {
		w := &u.windows[i]
		for ; w.head < u.first+len(u.entries); w.head++ {
			e := u.entries[w.head-u.first]
			if e.at.Until(now) < w.length {
				break
			}
			w.sum -= e.n
		}
		oldest = min(oldest, w.head)
	}
	if n := oldest - u.first; n > 0 && n >= len(u.entries)/2 {
		u.entries = slices.Delete(u.entries, 0, n)
		u.first = oldest
	}
}

// add counts n recipients and returns the number of the entry.
func (u *usage) add(at Tick, n int) int {
	u.entries = append(u.entries, spending{at, n})
	for i := range u.windows {
		u.windows[i].sum += n
	}
	return u.first + len(u.entries) - 1
}

// refund takes an entry back.
func (u *usage) refund(number int) {
	if number < u.first {
		return // too old to count
	}
	e := &u.entries[number-u.first]
	for i := range u.windows {
		if w := &u.windows[i]; number >= w.head {
			w.sum -= e.n
		}
	}
	e.n = 0
}

// check refuses n recipients for which there is no room.
func (u *usage) check(user string, n int, now Tick) error {
	for i := range u.windows {
		if w := &u.windows[i]; n > w.limit {
			return &Error{Code: Invalid, Field: "phoneNumbers", Message: fmt.Sprintf(
				"there are %d recipients, and user %s may send %d SMS %s: send to fewer at a time", n, user, w.limit, w.name)}
		}
	}
	var full *window
	var wait time.Duration
	for i := range u.windows {
		w := &u.windows[i]
		if d := u.wait(w, n, now); d > wait {
			full, wait = w, d
		}
	}
	if full == nil {
		return nil
	}
	return &Error{
		Code: TooSoon, After: wait,
		Message: fmt.Sprintf("user %s may send %d SMS %s and has sent %d: try again in %d s",
			user, full.limit, full.name, full.sum, int(math.Ceil(wait.Seconds()))),
	}
}

// wait returns how long it takes until n fit into a window.
func (u *usage) wait(w *window, n int, now Tick) (d time.Duration) {
	excess := w.sum + n - w.limit
	for i := w.head - u.first; excess > 0; i++ {
		e := u.entries[i]
		excess -= e.n
		d = w.length - e.at.Until(now)
	}
	return d
}

// take counts n recipients of a message of user, or refuses it. refund takes that
// back if the message is not accepted after all.
func (q *quotas) take(user string, n int, now Tick) (refund func(), err error) {
	u := q.users[user]
	if u == nil {
		return func() {}, nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	u.advance(now)
	if err := u.check(user, n, now); err != nil {
		return nil, err
	}
	number := u.add(now, n)
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		u.refund(number)
	}, nil
}

// loadQuotas counts what users with limits sent in the last 24 hours.
func (g *Gateway) loadQuotas(limits map[string]Quota) error {
	g.quotas.users = make(map[string]*usage)
	for user, limit := range limits {
		if u := newUsage(limit); len(u.windows) > 0 {
			g.quotas.users[user] = u
		}
	}
	if len(g.quotas.users) == 0 {
		return nil
	}
	now := g.clock.Now()
	found := make(map[string][]spending) // newest first
	q := MessageQuery{From: g.now().Add(-24 * time.Hour), Limit: quotaPage}
	for {
		ms, _, err := g.store.Messages(q)
		if err != nil {
			return fmt.Errorf("read what users sent: %w", err)
		}
		for i := range ms {
			if m := &ms[i]; g.quotas.users[m.User] != nil {
				found[m.User] = append(found[m.User], spending{min(g.tickOf(m.CreatedAt), now), len(m.Recipients)})
			}
		}
		if len(ms) < quotaPage {
			break
		}
		q.Offset += quotaPage
	}
	for user, entries := range found {
		for _, e := range slices.Backward(entries) {
			g.quotas.users[user].add(e.at, e.n)
		}
	}
	return nil
}
