package conform

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
	"tetherd/modem"
	"tetherd/modem/emulator"
	"tetherd/store"
)

const (
	ownNumber  = "+4915110000001"
	peerNumber = "+4917099999999"
	testIMEI   = "861111000000013"
	testICCID  = "89490200001234567890"
	testIMSI   = "262010000000001"
	testPIN    = "1234"
)

// rig is the real driver, engine and store with one emulated modem.
type rig struct {
	t       testing.TB
	pty     bool // real time and a terminal
	profile Profile
	fault   Fault
	rnd     *rand.Rand

	network  *emulator.Network
	device   *emulator.Modem
	plug     plug
	recorder *Recorder
	db       *store.DB
	gw       *gateway.Gateway
	modem    *modem.Modem
	stop     func()        // ends driver and engine and waits for both
	wake     chan struct{} // capacity 1: something happened; read by until

	mu       sync.Mutex // guards the rest
	run      invariant.Run
	ids      map[string]string // message by number
	wanted   []string          // messages of which a report must come
	observed map[string]uint64 // Rev by message
	durable  map[gateway.FragmentKey]time.Time
	sims     map[string]bool      // what the driver took for the identity of the SIM
	reports  map[string]time.Time // by TPDU
	waits    int                  // texts that must be in the inbox
	taken    int                  // texts that are
}

// limits of time, in fake and in real time.
type limits struct {
	result, grace, sweep, ready, quiet, late, tick, lasts time.Duration
}

func (r *rig) limits() limits {
	if r.pty {
		return limits{
			result: 3 * time.Second, grace: 3 * time.Second, sweep: 3 * time.Second, ready: time.Minute,
			quiet: 3 * time.Minute, late: time.Second, tick: 50 * time.Millisecond, lasts: 8 * time.Second,
		}
	}
	return limits{
		result: 180 * time.Second, grace: 120 * time.Second, sweep: 45 * time.Second, ready: 10 * time.Minute,
		quiet: 3 * time.Hour, late: time.Minute, tick: time.Second, lasts: time.Hour,
	}
}

func newRig(t testing.TB, dir string, pty bool, p Profile, f Fault, seed uint64) *rig {
	t.Helper()
	r := &rig{
		t: t, pty: pty, profile: p, fault: f, rnd: rand.New(rand.NewPCG(seed, hash(p.Name+"/"+f.Name))),
		recorder: &Recorder{}, wake: make(chan struct{}, 1),
		ids: make(map[string]string), observed: make(map[string]uint64),
		sims: make(map[string]bool), durable: make(map[gateway.FragmentKey]time.Time), reports: make(map[string]time.Time),
	}
	radio := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	delay := func(least, most time.Duration) func() time.Duration {
		return func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return least + time.Duration(radio.Int64N(int64(most-least)))
		}
	}
	unit := time.Second
	if pty {
		unit = 50 * time.Millisecond
	}
	r.network = emulator.NewNetwork(emulator.NetworkOptions{
		Seed: int64(seed), SubmitDelay: delay(unit, 5*unit), ReportDelay: delay(unit/10, 8*unit), DeliverDelay: delay(0, unit),
	})
	r.network.OnSubmit(func(emulator.Submission) { kick(r.wake) })
	o := emulator.ModemOptions{Profile: p.Profile, Number: ownNumber, IMEI: testIMEI, ICCID: testICCID, IMSI: testIMSI, PIN: testPIN}
	if pty {
		o.Transcript = r.recorder.Emulator
	}
	r.device = emulator.NewModem(r.network, o)
	if pty {
		r.plug = newPtyPlug(t, r.device, dir)
	} else {
		r.plug = &pipePlug{device: r.device, recorder: r.recorder, present: true}
	}
	r.open(filepath.Join(dir, "tetherd.db"))
	return r
}

// open makes store, engine and driver. Nothing runs yet.
func (r *rig) open(path string) {
	r.t.Helper()
	booted, l := time.Now().Add(-time.Minute), r.limits()
	var err error
	r.db, err = store.Open(path, store.Options{InitialMmapSize: 4 << 20, Clock: gateway.ClockSource{
		Boot:   func() (time.Duration, string) { return time.Since(booted), "boot" },
		Synced: func() bool { return true },
	}})
	if err != nil {
		r.t.Fatalf("open store: %v", err)
	}
	r.db.OnCommit(r.committed)
	log := newLog(r.t)
	r.run.Resends = r.rnd.IntN(3) > 0
	policy := gateway.FailUnknown
	if r.run.Resends {
		policy = gateway.ResendUnknown
	}
	r.gw, err = gateway.New(r.t.Context(), gateway.Options{
		Store: r.db, UnknownGrace: l.grace, OnUnknown: policy, Log: log,
	})
	if err != nil {
		r.t.Fatalf("New: %v", err)
	}
	for _, e := range gateway.EventTypes {
		if _, err := r.gw.SaveEndpoint(r.t.Context(), gateway.Endpoint{ID: string(e), URL: "http://127.0.0.1/", Events: []gateway.EventType{e}}); err != nil {
			r.t.Fatalf("subscribe: %v", err)
		}
	}
	r.run.Subscribed = []gateway.EventType{gateway.EventReceived, gateway.EventSent, gateway.EventDelivered, gateway.EventFailed}
	mo := modem.Options{
		Name: "test", Slot: 1, PIN: testPIN, ResultTimeout: l.result, SweepInterval: l.sweep,
		Inbox: witness{r}, Journal: r.db, Log: log,
		Changed: func() { r.gw.Kick(); kick(r.wake) },
	}
	r.plug.options(&mo)
	if r.modem, err = modem.New(mo); err != nil {
		r.t.Fatalf("New: %v", err)
	}
	r.gw.Attach(r.modem)
}

// start runs driver and engine.
func (r *rig) start() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	var tasks sync.WaitGroup
	tasks.Go(func() {
		if err := r.modem.Run(ctx); err != nil {
			r.t.Errorf("modem: %v", err)
		}
	})
	tasks.Go(func() {
		if err := r.gw.Run(ctx, ctx); err != nil {
			r.t.Errorf("engine: %v", err)
		}
	})
	r.stop = func() { cancel(); tasks.Wait() }
}

// close ends everything and checks the store. It may be called once.
func (r *rig) close() {
	r.t.Helper()
	if r.stop != nil {
		r.stop()
	}
	r.plug.close()
	r.network.Close()
	if err := r.db.Check(context.WithoutCancel(r.t.Context())); err != nil {
		r.t.Errorf("check store: %v", err)
	}
	if err := r.db.Close(); err != nil {
		r.t.Errorf("close store: %v", err)
	}
}

// until waits for a condition, and returns how long that took, or a negative
// duration if it did not come true within the limit.
func (r *rig) until(limit time.Duration, ok func() bool) time.Duration {
	begun := time.Now()
	end := time.NewTimer(limit)
	defer end.Stop()
	tick := time.NewTicker(r.limits().tick)
	defer tick.Stop()
	for !ok() {
		select {
		case <-r.wake:
		case <-tick.C:
		case <-end.C:
			return -1
		}
	}
	return time.Since(begun)
}

// pass lets time pass.
func (r *rig) pass(d time.Duration) { r.until(d, func() bool { return false }) }

func kick(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// hash turns a name into a number for a generator.
func hash(s string) (h uint64) {
	for i := range len(s) {
		h = h*1099511628211 + uint64(s[i])
	}
	return h
}

// newLog returns a log that is shown if the test fails and TRACE is set.
func newLog(t testing.TB) zerolog.Logger {
	level := logLevel()
	if level == zerolog.Disabled {
		return zerolog.Nop()
	}
	return zerolog.New(zerolog.NewTestWriter(t)).Level(level).With().Timestamp().Logger()
}
