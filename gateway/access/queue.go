package access

import "time"

const (
	// maxWaiting is how many different credentials wait for the check of a hash: some
	// seconds' worth.
	maxWaiting = 64
	// busyWait is how long those are told to wait for whom there is no room.
	busyWait = 5 * time.Second
)

// queue holds those whose passwords have to be checked against a hash. Requests with the
// same credentials count as one: once it was checked all of them are known. A client has
// as many in it as it may fail at once. It is not safe for concurrent use but for check.
type queue struct {
	check   chan struct{}    // capacity 1: held while a hash is checked
	waiting map[mac]*waiting // by the credentials
	of      map[Client]int   // credentials that a client brought
}

// waiting are requests with the same credentials.
type waiting struct {
	n      int
	client Client // of the first
}

func newQueue() queue {
	return queue{check: make(chan struct{}, 1), waiting: make(map[mac]*waiting), of: make(map[Client]int)}
}

// enter reports whether there is room for l, which has to leave then.
func (q *queue) enter(l *login) bool {
	w := q.waiting[l.whole]
	if w == nil {
		if len(q.waiting) >= maxWaiting || q.of[l.client] >= clientFailures {
			return false
		}
		w = &waiting{client: l.client}
		q.waiting[l.whole] = w
		q.of[l.client]++
	}
	w.n++
	return true
}

// leave takes out l, which entered.
func (q *queue) leave(l *login) {
	w := q.waiting[l.whole]
	if w.n--; w.n > 0 {
		return
	}
	delete(q.waiting, l.whole)
	if q.of[w.client]--; q.of[w.client] == 0 {
		delete(q.of, w.client)
	}
}
