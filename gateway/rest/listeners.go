package rest

import (
	"fmt"
	"sync"
	"time"

	"tetherd/gateway"
)

// How many requests may wait for events at a time: streams, and others.
const (
	maxListeners    = 256 // of all users
	maxOwnListeners = 64  // of one of them, so that nobody takes all
)

// listeners counts the requests that wait for events. It is safe for concurrent use; the
// zero value has none.
type listeners struct {
	mu   sync.Mutex // guards the two below
	all  int
	user map[string]int // without those who have none
}

// enter counts one of a user in, and returns what counts it out again.
func (l *listeners) enter(user string) (leave func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.user[user] >= maxOwnListeners:
		return nil, &gateway.Error{
			Code: gateway.TooSoon, After: 10 * time.Second,
			Message: fmt.Sprintf("this user listens for events %d times already, and no more is allowed: close some streams", maxOwnListeners),
		}
	case l.all >= maxListeners:
		return nil, &gateway.Error{
			Code:    gateway.Unavailable,
			Message: fmt.Sprintf("there are %d who listen for events already, and no more are allowed: close some streams, or ask GET /events without wait", maxListeners),
		}
	}
	if l.user == nil {
		l.user = make(map[string]int)
	}
	l.all++
	l.user[user]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all--
		if l.user[user]--; l.user[user] == 0 {
			delete(l.user, user)
		}
	}, nil
}
