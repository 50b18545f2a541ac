package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
	"tetherd/modem/conform"
	"tetherd/modem/emulator"
)

// Rates and limits of the soak.
const (
	soakModems    = 8
	soakSubmit    = 100 * time.Millisecond // between messages
	soakDeliver   = 250 * time.Millisecond // between texts that come in
	soakFaults    = 4                      // at most at a time, on as many modems
	soakFaultGap  = 5 * time.Second        // at most, between faults
	soakFaultMost = 40 * time.Second       // of one fault: a SIM that is pulled comes back by then
	soakRecovery  = 5 * time.Minute
	soakSample    = 5 * time.Second
	soakProgress  = 30 * time.Second
)

// The daemon runs for long with eight modems, messages both ways all the time,
// and faults that a seed draws. Nothing may be lost or doubled unmarked, and
// nothing may grow. SOAK is how long, SEED repeats the faults of a run.
func TestSoak(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("runs for long: make soak")
	}
	length, err := time.ParseDuration(os.Getenv("SOAK"))
	if err != nil {
		t.Fatalf("SOAK: %v", err)
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("SEED"); s != "" {
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("SEED: %v", err)
		}
	}
	t.Logf("SEED=%d SOAK=%v", seed, length)
	s := newSoak(t, seed)
	s.run(length)
	s.finish()
	s.report()
	if v := s.account.Violations(); len(v) > 0 {
		t.Errorf("broken promises:\n%s", strings.Join(v[:min(len(v), 100)], "\n"))
	}
}

// soak keeps the account of a soak.
type soak struct {
	*rig
	seed      uint64
	recorders []*conform.Recorder
	account   invariant.Run

	mu       sync.Mutex // guards the rest
	ids      map[string]string
	promises []invariant.Promise
	latest   []time.Time                // when each modem's latest message was accepted
	sent     chan struct{}              // closed and replaced at each
	took     map[string][]time.Duration // recoveries by class of fault
	faulty   map[int]bool
}

func newSoak(t *testing.T, seed uint64) *soak {
	s := &soak{
		seed: seed, ids: make(map[string]string), latest: make([]time.Time, soakModems),
		sent: make(chan struct{}), took: make(map[string][]time.Duration), faulty: make(map[int]bool),
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	delay := func(least, most time.Duration) func() time.Duration {
		return func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return least + time.Duration(rnd.Int64N(int64(most-least)))
		}
	}
	s.rig = newRig(t, soakModems, emulator.NetworkOptions{
		Seed: int64(seed), SubmitDelay: delay(50*time.Millisecond, 300*time.Millisecond), ReportDelay: delay(50*time.Millisecond, time.Second),
	}, func(i int, o *emulator.ModemOptions) {
		r := &conform.Recorder{Most: 1 << 15}
		s.recorders = append(s.recorders, r)
		o.Profile, o.PIN, o.Transcript = families()[i%len(families())], "", r.Emulator
	})
	s.settings = "send:\n  result_timeout: 5s\n  unknown_grace: 3s\n  attempts: 3\n"
	s.network.OnSubmit(func(sub emulator.Submission) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, st := range s.sticks {
			if st.Name() == sub.Modem {
				s.latest[i] = sub.At
			}
		}
		close(s.sent)
		s.sent = make(chan struct{})
	})
	s.account.Resends = true
	s.account.Subscribed = []gateway.EventType{gateway.EventReceived, gateway.EventSent, gateway.EventFailed}
	return s
}

// families are the profiles of the modems, in turn.
func families() []emulator.Profile {
	return []emulator.Profile{
		emulator.Generic(), emulator.HuaweiStick(), emulator.SIM800(), emulator.QuectelEC25(),
		emulator.SIM7600(), emulator.UBlox(), emulator.Telit(), emulator.ZTE(),
	}
}

// run gives the daemon work and trouble.
func (s *soak) run(length time.Duration) {
	s.start()
	s.subscribe(allEvents...)
	s.ready()
	// Work goes on until the modems have recovered from the last fault.
	stop, over := make(chan struct{}), make(chan struct{})
	timer := time.AfterFunc(length, func() { close(over) })
	defer timer.Stop()
	var tasks sync.WaitGroup
	defer tasks.Wait()
	tasks.Go(func() { s.every(stop, soakSubmit, s.submitOne) })
	tasks.Go(func() { s.every(stop, soakDeliver, s.deliverOne) })
	tasks.Go(func() { s.every(stop, soakSample, s.sample) })
	begun := time.Now()
	tasks.Go(func() { s.every(stop, soakProgress, func(int) { s.progress(time.Since(begun)) }) })
	s.trouble(over)
	close(stop)
}

// every calls f again and again until stop, with the number of the call.
func (s *soak) every(stop <-chan struct{}, d time.Duration, f func(n int)) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-tick.C:
			f(n)
		}
	}
}

func (s *soak) submitOne(n int) {
	id, to, body, parts := fmt.Sprintf("s%d", n), fmt.Sprintf("+49170%07d", n), fmt.Sprintf("message %d", n), 1
	if n%7 == 0 {
		body, parts = (body + strings.Repeat(" and so on", 40))[:400], 3
	}
	s.mu.Lock()
	s.ids[to] = id
	s.mu.Unlock()
	if _, err := s.send(text(id, to, body)); err != nil {
		s.t.Errorf("submit %s: %v", id, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.promises = append(s.promises, invariant.Promise{Message: id, Recipients: []string{to}, Parts: parts})
}

func (s *soak) deliverOne(n int) {
	body := fmt.Sprintf("incoming %d", n)
	if n%5 == 0 {
		body += strings.Repeat(" and more 😀", 15)
	}
	s.deliver(s.sticks[n%len(s.sticks)], body)
}

func (s *soak) deliver(to *stick, body string) {
	if err := s.network.DeliverText("+4917099999999", to.number, body); err != nil {
		s.t.Errorf("deliver: %v", err)
		return
	}
	s.arrives(body, 1)
}

func (s *soak) arrives(body string, copies int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.Arrivals = append(s.account.Arrivals, invariant.Arrival{Text: body, Copies: copies})
}

// trouble begins faults until stop, and waits for the end of all.
func (s *soak) trouble(stop <-chan struct{}) {
	rnd := rand.New(rand.NewPCG(s.seed, 2))
	var faults []conform.Fault
	for _, f := range conform.Faults() {
		// What a modem hands over and keeps no copy of is lost with the line.
		if !f.Slow && !strings.HasPrefix(f.Name, "F59") {
			faults = append(faults, f)
		}
	}
	slots := make(chan struct{}, soakFaults)
	var running sync.WaitGroup
	defer running.Wait()
	for {
		f, i, gap := faults[rnd.IntN(len(faults))], rnd.IntN(len(s.sticks)), time.Duration(rnd.Int64N(int64(soakFaultGap)))
		seed := rnd.Uint64()
		select {
		case <-stop:
			return
		case <-time.After(gap):
		}
		s.mu.Lock()
		busy := s.faulty[i] || len(slots) == cap(slots) || f.Suits != nil
		if !busy {
			s.faulty[i] = true
		}
		s.mu.Unlock()
		if busy {
			continue
		}
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			s.strike(f, i, seed)
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.faulty, i)
		})
	}
}

// strike lets a fault happen to a modem and measures the recovery.
func (s *soak) strike(f conform.Fault, i int, seed uint64) {
	st := s.sticks[i]
	end := f.Begin(&conform.Bench{
		Network: s.network, Modem: st.Modem, Number: st.number, Rand: rand.New(rand.NewPCG(seed, 0)),
		Unplug: st.port.Unplug, Plug: func() {
			if err := st.port.Plug(); err != nil {
				s.t.Errorf("plug %s: %v", st.Name(), err)
			}
		},
		Cut:     func(time.Duration) {}, // the port comes back by itself
		Deliver: func(text string) { s.deliver(st, fmt.Sprintf("%x %s", seed, text)) },
		Arrives: s.arrives,
	})
	<-time.After(min(f.Lasts, soakFaultMost))
	if end != nil {
		end()
	}
	begun := time.Now()
	took := s.await(i, begun)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took[string(f.Class)] = append(s.took[string(f.Class)], took)
	s.account.Recoveries = append(s.account.Recoveries, invariant.Recovery{
		Fault: fmt.Sprintf("%s of %s (%s) at %s", f.Name, st.Name(), families()[i%len(families())].Name, begun.Format(time.TimeOnly)), Took: took, Limit: soakRecovery,
	})
}

// await waits until a modem has sent a message after begun, and returns how long
// that took, negative if it did not within twice the limit.
func (s *soak) await(i int, begun time.Time) time.Duration {
	limit := time.NewTimer(2 * soakRecovery)
	defer limit.Stop()
	for {
		s.mu.Lock()
		at, next := s.latest[i], s.sent
		s.mu.Unlock()
		if at.After(begun) {
			return at.Sub(begun)
		}
		select {
		case <-next:
		case <-limit.C:
			return -1
		}
	}
}
