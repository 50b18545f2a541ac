package modem

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/modem/emulator"
	"tetherd/store"
)

// engine is the real engine on the real store.
type engine struct {
	t  *testing.T
	gw *gateway.Gateway
	db *store.DB

	mu     sync.Mutex
	events []gateway.Event
	log    bytes.Buffer
	stop   func()
}

// newEngine opens the store at path. It must be called in a synctest bubble.
func newEngine(t *testing.T, path string, o gateway.Options) *engine {
	t.Helper()
	e := &engine{t: t}
	boot := time.Now().Add(-time.Minute)
	var err error
	e.db, err = store.Open(path, store.Options{Clock: gateway.ClockSource{
		Boot:   func() (time.Duration, string) { return time.Since(boot), "boot" },
		Synced: func() bool { return true },
	}, InitialMmapSize: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	e.db.OnCommit(func(c gateway.Change) {
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, em := range c.Emissions {
			e.events = append(e.events, em.Event)
		}
	})
	o.Store, o.Log = e.db, zerolog.New(zerolog.SyncWriter(&e.log))
	if e.gw, err = gateway.New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return e
}

// run runs the engine with a modem until the test ends.
func (e *engine) run(m *Modem) {
	e.gw.Attach(m)
	for _, ev := range []gateway.EventType{gateway.EventSent, gateway.EventFailed} {
		if _, err := e.gw.SaveEndpoint(e.t.Context(), gateway.Endpoint{ID: string(ev), URL: "http://127.0.0.1/", Events: []gateway.EventType{ev}}); err != nil {
			e.t.Fatal(err)
		}
	}
	soft, cancel := context.WithCancel(context.Background())
	hard, end := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.gw.Run(soft, hard) }()
	e.stop = sync.OnceFunc(func() {
		end()
		cancel()
		if err := <-done; err != nil {
			e.t.Errorf("run engine: %v", err)
		}
		if err := e.db.Close(); err != nil {
			e.t.Errorf("close store: %v", err)
		}
	})
}

// withEngine runs body with an engine and a modem.
func withEngine(t *testing.T, o rigOptions, g gateway.Options, body func(e *engine, r *rig)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tetherd.db")
	pipe(t, func(t *testing.T, w world) {
		e := newEngine(t, path, g)
		o.engine = e
		r := newRig(t, w, o)
		r.awaitState(gateway.ModemReady)
		body(e, r)
		e.stop()
	})
}

func (e *engine) submit(text string, report bool) string {
	e.t.Helper()
	m, err := e.gw.Submit(e.t.Context(), gateway.Submission{Text: text, Numbers: []string{peerNumber}, DeliveryReport: report})
	if err != nil {
		e.t.Fatal(err)
	}
	return m.ID
}

func (e *engine) recipient(id string) gateway.Recipient {
	e.t.Helper()
	m, err := e.gw.Message(id)
	if err != nil {
		e.t.Fatal(err)
	}
	return m.Recipients[0]
}

// marks returns the marks of a possible duplicate in the events that say what
// became of messages.
func (e *engine) marks() (marks []bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.events {
		switch p := ev.Payload.(type) {
		case gateway.MessageSent:
			marks = append(marks, p.PossibleDuplicate)
		case gateway.MessageFailed:
			marks = append(marks, p.PossibleDuplicate)
		}
	}
	return marks
}

// parts returns what the network has, as "part/total" with a space between.
func parts(r *rig) string {
	var out []string
	for _, s := range r.network.Ledger() {
		out = append(out, fmt.Sprint(s.Part, "/", s.Total))
	}
	return strings.Join(out, " ")
}

// Whatever is lost at whatever moment, and whichever way the owner wants it: a
// message is sent, or its failure is told, no part is doubled without a mark, and
// the parts of one message share their reference.
func TestUnknownOutcomes(t *testing.T) {
	points := []struct {
		name string
		at   emulator.Point
		open bool // it is unknown whether the part left
		left bool // it has
	}{
		{"command received", emulator.AfterCMGS, false, false},
		{"prompt written", emulator.AfterPrompt, false, false},
		{"PDU begun", emulator.MidPDU, false, false},
		{"PDU complete", emulator.AfterCtrlZ, true, false},
		{"PDU submitted", emulator.AfterSubmit, true, true},
		{"reference written", emulator.AfterMR, false, true},
	}
	texts := []struct {
		name, text, want, doubled, cut string
		skip                           int // parts before the one that is struck
	}{
		{"single", "hello", "1/1", "1/1 1/1", "", 0},
		{"first of three", strings.Repeat("x", 400), "1/3 2/3 3/3", "1/3 1/3 2/3 3/3", "", 0},
		{"second of three", strings.Repeat("x", 400), "1/3 2/3 3/3", "1/3 2/3 2/3 3/3", "1/3", 1},
		{"last of three", strings.Repeat("x", 400), "1/3 2/3 3/3", "1/3 2/3 3/3 3/3", "1/3 2/3", 2},
	}
	actions := []struct {
		name string
		do   emulator.Action
	}{{"port closed", emulator.ClosePort}, {"restart", emulator.Reboot}, {"answer dropped", emulator.DropAnswer}}
	for _, p := range points {
		for _, a := range actions {
			for _, tt := range texts {
				for _, policy := range []gateway.UnknownPolicy{gateway.ResendUnknown, gateway.FailUnknown} {
					for _, report := range []bool{false, true} {
						name := fmt.Sprintf("%s/%s/%s/%s/report %v", p.name, a.name, tt.name, policy, report)
						t.Run(name, func(t *testing.T) {
							profile := emulator.Generic()
							profile.BootLines, profile.BootDelay = []string{"RDY"}, 5*time.Second
							o := rigOptions{
								device:  emulator.ModemOptions{Profile: profile},
								network: emulator.NetworkOptions{ReportDelay: func() time.Duration { return 30 * time.Second }}, // when the port is back
							}
							withEngine(t, o, gateway.Options{OnUnknown: policy}, func(e *engine, r *rig) {
								r.device.Fault(emulator.Fault{At: p.at, Skip: tt.skip, Do: a.do})
								id := e.submit(tt.text, report)
								time.Sleep(30 * time.Minute)
								synctest.Wait()
								got := e.recipient(id)
								state, sent, mark := gateway.Sent, tt.want, false
								// Before the Ctrl-Z the line may not know yet that the modem is gone: then
								// nothing left, but that is not known.
								doubtful := p.open || (p.at == emulator.AfterPrompt || p.at == emulator.MidPDU) && (got.PossibleDuplicate || got.State == gateway.Failed)
								switch proven := report && p.left; {
								case doubtful && !proven && policy == gateway.ResendUnknown:
									mark = true
									if p.left {
										sent = tt.doubled
									}
								case doubtful && !proven:
									state, sent = gateway.Failed, tt.cut
									if p.left {
										sent = strings.TrimSpace(tt.cut + " " + strings.Fields(tt.want)[tt.skip])
									}
								}
								if report && state == gateway.Sent {
									state = gateway.Delivered
								}
								if got.State != state || got.PossibleDuplicate != mark {
									t.Errorf("%s, possible duplicate %v; want %s, %v (%s)", got.State, got.PossibleDuplicate, state, mark, got.Error)
								}
								if got := parts(r); got != sent {
									t.Errorf("network has %q, want %q", got, sent)
								}
								if diff := cmp.Diff([]bool{mark}, e.marks()); diff != "" {
									t.Errorf("marks in events (-want +got):\n%s", diff)
								}
								if logged := strings.Contains(e.log.String(), "possible duplicate"); logged != mark {
									t.Errorf("mark in the log: %v, want %v", logged, mark)
								}
								for _, s := range r.network.Ledger() {
									if s.Ref != r.network.Ledger()[0].Ref {
										t.Error("parts with different references")
									}
								}
							})
						})
					}
				}
			}
		}
	}
}

// Modems that do not tell the reference still get their messages delivered, as
// long as a report can be about one message only.
func TestNamelessReports(t *testing.T) {
	profile := emulator.Generic()
	profile.OmitReference = true
	withEngine(t, rigOptions{device: emulator.ModemOptions{Profile: profile}}, gateway.Options{}, func(e *engine, r *rig) {
		for _, text := range []string{"alone", strings.Repeat("x", 400)} {
			id := e.submit(text, true)
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			if got := e.recipient(id); got.State != gateway.Delivered || got.Parts[0].MR < 0 {
				t.Errorf("%d parts: %s, reference %d; want delivered, known by now", len(got.Parts), got.State, got.Parts[0].MR)
			}
		}
		// Two at once cannot be told apart.
		r.network.SetRule(peerNumber, emulator.Rule{NoReport: true, Times: 1})
		first, second := e.submit("first", true), e.submit("second", true)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		for _, id := range []string{first, second} {
			if got := e.recipient(id).State; got != gateway.Sent {
				t.Errorf("one of two is %s, want sent", got)
			}
		}
		// Later ones can.
		third := e.submit("third", true)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got := e.recipient(third).State; got != gateway.Delivered {
			t.Errorf("third is %s, want delivered", got)
		}
	})
}
