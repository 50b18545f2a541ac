package gateway_test

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
	"tetherd/store"
)

// world is an engine on the real store with scripted modems, in a synctest
// bubble.
type world struct {
	t      *testing.T
	path   string
	boot   time.Time
	bootID string
	astray atomic.Bool  // the wall clock is not known to be right
	frozen atomic.Int64 // since boot, while the wall clock jumps; 0 if it does not
	jumped atomic.Int64 // how far it did
	floor  time.Time    // the wall clock is implausible before
	opts   gateway.Options
	wrap   func(gateway.Store) gateway.Store // nil: none
	modems []*fakeModem
	ledger *ledger
	dead   atomic.Bool  // nothing is stored
	nth    atomic.Int64 // incoming texts

	damaged bool      // the store is not checked at the end
	log     io.Writer // of the engine; nil for none

	db   *store.DB
	gw   *gateway.Gateway
	soft context.CancelFunc
	hard context.CancelFunc
	done chan error
}

// bubble runs body in a synctest bubble with a world of n modems that is closed,
// and its store checked, at the end.
func bubble(t *testing.T, n int, body func(w *world)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, path: filepath.Join(dir, "tetherd.db"), boot: time.Now().Add(-time.Minute), ledger: &ledger{}}
		for i := range n {
			w.modems = append(w.modems, newFakeModem(w, i+1))
		}
		body(w)
		w.stop()
		if !w.damaged {
			w.check()
		}
	})
}

// start opens the store and runs the engine.
func (w *world) start() {
	w.t.Helper()
	db, err := store.Open(w.path, store.Options{Clock: gateway.ClockSource{
		Boot:   func() (time.Duration, string) { return w.sinceBoot(), "boot" + w.bootID },
		Synced: func() bool { return !w.astray.Load() },
		Floor:  w.floor,
	}, InitialMmapSize: 1 << 20})
	if err != nil {
		w.t.Fatalf("open store: %v", err)
	}
	w.db = db
	o := w.opts
	o.Store, o.Log = mortal{db, &w.dead}, zerolog.Nop()
	if w.log != nil {
		o.Log = zerolog.New(w.log)
	}
	if w.wrap != nil {
		o.Store = w.wrap(o.Store)
	}
	gw, err := gateway.New(w.t.Context(), o)
	if err != nil {
		w.db.Close()
		w.db = nil
		return // a fault during the start: as if it had crashed
	}
	w.gw = gw
	for _, m := range w.modems {
		m.attach(gw)
		gw.Attach(m)
	}
	var soft, hard context.Context
	soft, w.soft = context.WithCancel(context.Background())
	hard, w.hard = context.WithCancel(context.Background())
	w.done = make(chan error, 1)
	go func() { w.done <- gw.Run(soft, hard) }()
}

// sinceBoot returns how long the machine has been up.
func (w *world) sinceBoot() time.Duration {
	if f := w.frozen.Load(); f != 0 {
		return time.Duration(f)
	}
	return time.Since(w.boot) - time.Duration(w.jumped.Load())
}

// jump sets the wall clock forward, as NTP does on a machine that has none of its
// own: no time passes since the boot.
func (w *world) jump(d time.Duration) {
	w.frozen.Store(int64(w.sinceBoot()))
	w.pass(d)
	w.jumped.Add(int64(d))
	w.frozen.Store(0)
	w.settle()
}

// stop ends the engine gently and closes the store. Stopping twice does no harm.
func (w *world) stop() {
	w.t.Helper()
	if w.db == nil {
		return
	}
	if w.gw != nil {
		w.soft()
		if err := <-w.done; err != nil && w.wrap == nil {
			w.t.Errorf("run: %v", err)
		}
		w.hard()
	}
	if err := w.db.Close(); err != nil {
		w.t.Errorf("close store: %v", err)
	}
	w.db, w.gw = nil, nil
}

// kill ends the engine hard: what modems have in hand is cut off.
func (w *world) kill() {
	w.t.Helper()
	w.hard()
	w.stop()
}

// crash ends the engine as a power cut would: nothing is stored from now on.
func (w *world) crash() {
	w.t.Helper()
	w.dead.Store(true)
	w.hard()
	w.soft()
	<-w.done
	w.dead.Store(false)
	if err := w.db.Close(); err != nil {
		w.t.Errorf("close store: %v", err)
	}
	w.db, w.gw = nil, nil
}

// stopFailed ends an engine whose store may have failed, even while it started.
func (w *world) stopFailed() {
	w.t.Helper()
	if w.gw == nil {
		w.db = nil
		return
	}
	w.crash()
}

// mortal is a store that takes nothing more once the world is dead.
type mortal struct {
	gateway.Store
	dead *atomic.Bool
}

func (s mortal) Commit(ctx context.Context, c gateway.Change) error {
	if s.dead.Load() {
		return gateway.ErrStoreFailed
	}
	return s.Store.Commit(ctx, c)
}

// check verifies the store's own consistency.
func (w *world) check() {
	w.t.Helper()
	db, err := store.Open(w.path, store.Options{Clock: gateway.ClockSource{
		Boot: func() (time.Duration, string) { return time.Since(w.boot), "boot" },
	}, InitialMmapSize: 1 << 20})
	if err != nil {
		w.t.Fatalf("open store: %v", err)
	}
	defer db.Close()
	if err := db.Check(w.t.Context()); err != nil {
		w.t.Errorf("check store: %v", err)
	}
}

// settle waits until nothing is left to do but waiting for time to pass.
func (w *world) settle() { synctest.Wait() }

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// submit takes a message on, and fails the test if the engine refuses it.
func (w *world) submit(s gateway.Submission) gateway.Message {
	w.t.Helper()
	if s.Text == "" {
		s.Text = "hello"
	}
	if s.Numbers == nil {
		s.Numbers = []string{"+4915110000001"}
	}
	m, err := w.gw.Submit(w.t.Context(), s)
	if err != nil {
		w.t.Fatalf("submit: %v", err)
	}
	return m
}

// message returns the stored message.
func (w *world) message(id string) gateway.Message {
	w.t.Helper()
	m, err := w.gw.Message(id)
	if err != nil {
		w.t.Fatalf("message %s: %v", id, err)
	}
	return m
}

// wantState fails the test unless the message is in the given state.
func (w *world) wantState(id string, want gateway.State) gateway.Message {
	w.t.Helper()
	m := w.message(id)
	if got := m.State(); got != want {
		w.t.Fatalf("message %s: got %s (%+v), want %s", id, got, m.Recipients, want)
	}
	return m
}

// subscribe registers a webhook for every event of the tests.
func (w *world) subscribe() {
	w.t.Helper()
	for _, e := range gateway.EventTypes {
		if _, err := w.gw.SaveEndpoint(w.t.Context(), gateway.Endpoint{ID: string(e), URL: "http://127.0.0.1/" + string(e), Events: []gateway.EventType{e}}); err != nil {
			w.t.Fatalf("subscribe: %v", err)
		}
	}
}

// events returns what waits to be delivered, in the order of the events.
func (w *world) events() []gateway.Event {
	w.t.Helper()
	posts := w.emissions()
	out := make([]gateway.Event, len(posts))
	for i, p := range posts {
		out[i] = p.event
	}
	return out
}

type emission struct {
	event    gateway.Event
	delivery gateway.Delivery
}

func (w *world) emissions() []emission {
	w.t.Helper()
	bySeq := make(map[uint64]emission)
	top := uint64(0)
	for _, ep := range w.gw.Endpoints() {
		ds, es, _, err := w.db.DueDeliveries(ep.Num, 1<<62, 1<<20, nil, nil)
		if err != nil {
			w.t.Fatalf("read deliveries: %v", err)
		}
		for i := range ds {
			bySeq[es[i].Seq] = emission{es[i], ds[i]}
			top = max(top, es[i].Seq)
		}
	}
	var out []emission
	for seq := uint64(0); seq <= top; seq++ {
		if e, ok := bySeq[seq]; ok {
			out = append(out, e)
		}
	}
	return out
}

// eventTypes returns the types of what waits to be delivered, joined.
func (w *world) eventTypes() string {
	w.t.Helper()
	var out []string
	for _, e := range w.events() {
		out = append(out, string(e.Type()))
	}
	return strings.Join(out, " ")
}

// ledger is what the network accepted.
type ledger struct {
	mu      sync.Mutex
	entries []invariant.Handed
}

func (l *ledger) add(o *gateway.Outgoing, seg int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, invariant.Handed{
		PDU: invariant.PDU{Message: o.MessageID, Recipient: o.To, Part: seg + 1}, At: time.Now(),
	})
}

func (l *ledger) all() []invariant.Handed {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]invariant.Handed(nil), l.entries...)
}

// texts returns "message/part" of every entry, joined.
func (l *ledger) parts() string {
	var out []string
	for _, h := range l.all() {
		out = append(out, fmt.Sprintf("%s/%d", h.Message, h.Part))
	}
	return strings.Join(out, " ")
}
