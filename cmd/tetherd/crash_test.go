package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
	"tetherd/modem/emulator"
	"tetherd/store"
)

// crashRounds is how often the daemon is killed; CRASH_ROUNDS in
// the environment overrides it.
const crashRounds = 20

// The daemon is killed with SIGKILL at random moments while it sends and
// receives. Nothing that was promised is lost, and nothing is doubled that the
// store knew to have left.
func TestCrash(t *testing.T) {
	rounds := crashRounds
	if s := os.Getenv("CRASH_ROUNDS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("CRASH_ROUNDS: %v", err)
		}
		rounds = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := newCrasher(t, seed)
	for round := range rounds {
		c.round(round)
	}
	c.finish()
	t.Logf("%d messages promised, %d PDUs in the network, %d of them doubled, %d texts came in, %d webhooks received",
		len(c.run.Promises), len(c.run.Ledger), c.doubled(), len(c.run.Inbox), len(c.run.Posts))
	if v := c.run.Violations(); len(v) > 0 {
		t.Errorf("broken promises:\n%s", strings.Join(v, "\n"))
	}
	if len(c.run.Promises) < rounds || len(c.run.Inbox) < rounds {
		t.Errorf("%d messages out and %d in are too few to show anything", len(c.run.Promises), len(c.run.Inbox))
	}
}

// crasher keeps the account of a crash test.
type crasher struct {
	*rig
	rnd *rand.Rand
	run invariant.Run

	mu       sync.Mutex
	next     int               // number of the next message
	messages map[string]string // number → message ID
	promises map[string]invariant.Promise
}

func newCrasher(t *testing.T, seed uint64) *crasher {
	rnd := rand.New(rand.NewPCG(seed, 0))
	var mu sync.Mutex
	delay := func(limit time.Duration) func() time.Duration {
		return func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return time.Duration(rnd.Int64N(int64(limit)))
		}
	}
	r := newRig(t, 1, emulator.NetworkOptions{
		Seed: int64(seed), SubmitDelay: delay(60 * time.Millisecond), ReportDelay: delay(50 * time.Millisecond),
	})
	r.settings = "send:\n  unknown_grace: 2s\n"
	c := &crasher{
		rig: r, rnd: rand.New(rand.NewPCG(seed, 1)),
		messages: make(map[string]string), promises: make(map[string]invariant.Promise),
	}
	c.run.Resends = true
	c.run.Subscribed = []gateway.EventType{gateway.EventReceived, gateway.EventSent, gateway.EventFailed}
	r.start()
	r.subscribe(allEvents...)
	r.terminate()
	return c
}

// round runs the daemon, gives it work from both sides and kills it.
func (c *crasher) round(round int) {
	c.start()
	if c.rnd.IntN(4) > 0 {
		c.ready() // in one round of four it is killed while it brings up the modem
	}
	stop := make(chan struct{})
	var feeders sync.WaitGroup
	for range 2 {
		feeders.Go(func() { c.feed(round, stop) })
	}
	feeders.Go(func() { c.deliver(round, stop) })
	<-time.After(time.Duration(c.rnd.Int64N(int64(600 * time.Millisecond))))
	c.kill()
	close(stop)
	feeders.Wait()
	c.reopen()
}

// feed submits messages until the daemon is gone.
func (c *crasher) feed(round int, stop <-chan struct{}) {
	for {
		c.mu.Lock()
		n := c.next
		c.next++
		c.mu.Unlock()
		to := fmt.Sprintf("+49170%07d", n)
		id := fmt.Sprintf("r%d-%d", round, n)
		body, parts := "message "+id, 1
		if n%5 == 0 {
			body, parts = "long message "+id+strings.Repeat(" and so on", 40), 3
			body = body[:400]
		}
		c.mu.Lock()
		c.messages[to] = id
		c.mu.Unlock()
		if _, err := c.send(text(id, to, body)); err == nil {
			c.mu.Lock()
			c.promises[id] = invariant.Promise{Message: id, Recipients: []string{to}, Parts: parts}
			c.mu.Unlock()
		}
		select {
		case <-stop:
			return
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// deliver sends texts to the modem.
func (c *crasher) deliver(round int, stop <-chan struct{}) {
	for n := 0; ; n++ {
		body := fmt.Sprintf("incoming %d of round %d", n, round)
		if n%3 == 0 {
			body += strings.Repeat(" and more 😀", 15)
		}
		if err := c.network.DeliverText("+4917099999999", c.sticks[0].number, body); err != nil {
			c.t.Errorf("deliver: %v", err)
			return
		}
		c.mu.Lock()
		c.run.Arrivals = append(c.run.Arrivals, invariant.Arrival{Text: body, Copies: 1})
		c.mu.Unlock()
		select {
		case <-stop:
			return
		case <-time.After(80 * time.Millisecond):
		}
	}
}

// reopen looks at what the store holds after the kill.
func (c *crasher) reopen() { c.look(&c.run) }

// look adds what the store holds to the account. The daemon must not run.
func (r *rig) look(run *invariant.Run) {
	r.t.Helper()
	db, err := store.Open(filepath.Join(r.data(), "tetherd.db"), store.Options{
		Clock: gateway.ClockSource{Boot: func() (time.Duration, string) { return 0, "" }},
	})
	if err != nil {
		r.t.Fatalf("open the store after a kill: %v", err)
	}
	defer db.Close()
	if err := db.Check(r.t.Context()); err != nil {
		r.t.Fatalf("store after a kill: %v", err)
	}
	ms, _, err := db.Messages(gateway.MessageQuery{Limit: 1 << 20})
	if err != nil {
		r.t.Fatalf("read messages after a kill: %v", err)
	}
	known := invariant.Reopening{At: time.Now(), Accepted: make(map[invariant.PDU]bool)}
	for i := range ms {
		run.Observations = append(run.Observations, invariant.Observe(&ms[i]))
		for _, to := range ms[i].Recipients {
			for p := range to.Parts {
				if to.Parts[p].Fate == gateway.Accepted {
					known.Accepted[invariant.PDU{Message: ms[i].ID, Recipient: to.Number, Part: p + 1}] = true
				}
			}
		}
	}
	run.Reopenings = append(run.Reopenings, known)
}

// finish lets everything come to its end and fills in the account.
func (c *crasher) finish() {
	c.start()
	c.ready()
	c.until("every message to end", 3*time.Minute, func() bool {
		for _, state := range []string{"Pending", "Processed"} {
			var left []message
			if _, err := c.call("GET", "/messages?limit=1&state="+state, nil, &left); err != nil || len(left) > 0 {
				return false
			}
		}
		return true
	})
	c.until("every text to be in the inbox", time.Minute, func() bool { return len(c.inbox()) >= len(c.run.Arrivals) })
	c.run.Inbox = c.inbox()
	want := 0
	for range c.promises {
		want++
	}
	c.until("every webhook", time.Minute, func() bool {
		return len(c.distinct("sms:sent")) >= want && len(c.distinct("sms:received")) >= len(c.run.Arrivals)
	})
	c.terminate()
	c.reopen()
	for _, p := range c.promises {
		c.run.Promises = append(c.run.Promises, p)
	}
	for _, s := range c.network.Ledger() {
		c.run.Ledger = append(c.run.Ledger, invariant.Handed{
			PDU: invariant.PDU{Message: c.messages[s.To], Recipient: s.To, Part: s.Part}, At: s.At,
			Modem: s.Modem, MR: int(s.MR), Ref: s.Ref, Total: s.Total,
		})
	}
	c.run.Posts = c.receiver.seen()
	for _, rec := range c.network.Inbound() {
		if rec.Deleted.IsZero() && !rec.Direct {
			c.run.Held = append(c.run.Held, invariant.Held{What: fmt.Sprintf("TPDU %d", rec.Seq)})
		}
	}
	for _, s := range c.sticks {
		c.run.PUKs += s.PUKAttempts()
	}
}

// distinct returns the delivery IDs received of an event.
func (c *crasher) distinct(event string) map[string]bool {
	ids := make(map[string]bool)
	for _, p := range c.receiver.all() {
		if p.Event == event {
			ids[p.ID] = true
		}
	}
	return ids
}

func (c *crasher) doubled() (n int) {
	seen := make(map[invariant.PDU]bool)
	for _, h := range c.run.Ledger {
		if seen[h.PDU] {
			n++
		}
		seen[h.PDU] = true
	}
	return n
}
