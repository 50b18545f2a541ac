package gateway_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tetherd/gateway"
)

// fakeModem answers as its script says. Its SIM asks for and gets reports when
// reports is set.
type fakeModem struct {
	w    *world
	slot int

	queries []gateway.USSDQuery                                 // guarded by mu
	ussd    func(gateway.USSDQuery) (gateway.USSDAnswer, error) // guarded by mu; nil answers everything

	mu     sync.Mutex
	gw     *gateway.Gateway
	status gateway.ModemStatus
	mr     int
	sends  []gateway.Outgoing
	radio  time.Duration                                  // of one PDU
	script func(o *gateway.Outgoing, seg, nth int) answer // nil: accept everything
	nth    int                                            // PDUs handed over so far
	sweeps atomic.Int64
}

// answer is what becomes of one PDU.
type answer struct {
	fault   *gateway.SendError // nil: accepted
	lost    bool               // accepted by the network, but fault is told
	noMR    bool
	early   bool // the delivery report comes before the answer
	reports []byte
}

func newFakeModem(w *world, slot int) *fakeModem {
	m := &fakeModem{w: w, slot: slot}
	m.status = gateway.ModemStatus{
		Modem: m.ID(), State: gateway.ModemReady, SIMID: fmt.Sprintf("sim%d", slot),
		Number: fmt.Sprintf("+4915199999%03d", slot), Since: time.Now(), Signal: 20, Registration: 1,
	}
	return m
}

func (m *fakeModem) attach(gw *gateway.Gateway) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gw = gw
}

func (m *fakeModem) ID() string { return fmt.Sprintf("modem%d", m.slot) }

func (m *fakeModem) Status() gateway.ModemStatus {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status
}

// set changes the modem's state and tells the engine.
func (m *fakeModem) set(s gateway.ModemState) { m.fault(s, "") }

// fault changes the modem's state, says why, and tells the engine.
func (m *fakeModem) fault(s gateway.ModemState, reason string) {
	m.mu.Lock()
	m.status.State, m.status.Reason, m.status.Since = s, reason, time.Now()
	gw := m.gw
	m.mu.Unlock()
	if gw != nil {
		gw.Kick()
	}
}

func (m *fakeModem) Send(ctx context.Context, o gateway.Outgoing, sent func(gateway.SentPart) error) error {
	m.mu.Lock()
	m.sends = append(m.sends, o)
	m.mu.Unlock()
	for seg := o.From; seg < len(o.Segments); seg++ {
		if err := m.one(ctx, &o, seg, sent); err != nil {
			return err
		}
	}
	return nil
}

func (m *fakeModem) one(ctx context.Context, o *gateway.Outgoing, seg int, sent func(gateway.SentPart) error) error {
	m.mu.Lock()
	var a answer
	if m.script != nil {
		a = m.script(o, seg, m.nth)
	}
	m.nth++
	radio := m.radio
	accepted := a.fault == nil || a.lost
	mr := m.mr
	if accepted {
		m.mr = (m.mr + 1) % 256
		m.w.ledger.add(o, seg)
	}
	m.mu.Unlock()
	if radio > 0 {
		select {
		case <-time.After(radio):
		case <-ctx.Done():
			return &gateway.SendError{Fate: gateway.Unknown, Text: "stopped", Err: ctx.Err()}
		}
	}
	if a.early {
		m.report(mr, o.To, a.reports...)
	}
	if a.fault != nil {
		return a.fault
	}
	part := gateway.SentPart{Index: seg, MR: mr, Evidence: fmt.Sprintf("+CMGS: %d", mr)}
	if a.noMR {
		part.MR, part.Evidence = -1, "OK"
	}
	if err := sent(part); err != nil {
		return err
	}
	if !a.early {
		m.report(mr, o.To, a.reports...)
	}
	return nil
}

// report gives delivery reports with the given TP-ST to the engine.
func (m *fakeModem) report(mr int, to string, st ...byte) {
	m.mu.Lock()
	gw, sim := m.gw, m.status.SIMID
	m.mu.Unlock()
	for _, s := range st {
		now := time.Now()
		r := gateway.Report{
			SIMID: sim, Modem: m.ID(), MR: mr, Recipient: to, Status: s, Text: "as scripted",
			SCTS: now, Discharge: now, At: now,
			TPDU: fmt.Appendf(nil, "%d %s %d %d", mr, to, s, now.UnixNano()),
		}
		switch {
		case s >= 0x40:
			r.Outcome = gateway.WasNot
		case s < 0x20:
			r.Outcome = gateway.WasDelivered
		}
		if err := gw.Report(context.Background(), r); err != nil && m.w.wrap == nil {
			m.w.t.Errorf("report: %v", err)
		}
	}
}

// outgoing returns what the engine asked the modem to send.
func (m *fakeModem) outgoing() []gateway.Outgoing {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]gateway.Outgoing(nil), m.sends...)
}

func rejected(action gateway.Action) *gateway.SendError {
	return &gateway.SendError{Fate: gateway.Rejected, Action: action, Code: "CMS 38", Text: "network out of order", Evidence: "+CMS ERROR: 38"}
}

func unknown() *gateway.SendError {
	return &gateway.SendError{Fate: gateway.Unknown, Text: "no answer"}
}

func notSent() *gateway.SendError {
	return &gateway.SendError{Fate: gateway.NotSent, Action: gateway.Wait, Text: "the port is gone"}
}

func (m *fakeModem) Restart(context.Context, gateway.RecoveryStep) error { return nil }

func (m *fakeModem) PurgeStored(context.Context) (int, error) { return 0, nil }

// USSD answers as the test said.
func (m *fakeModem) USSD(_ context.Context, q gateway.USSDQuery) (gateway.USSDAnswer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queries = append(m.queries, q)
	if m.ussd == nil {
		return gateway.USSDAnswer{Text: "answer to " + q.Code + q.Reply, Status: gateway.USSDDone}, nil
	}
	return m.ussd(q)
}

// Sweep counts that it was asked for.
func (m *fakeModem) Sweep(ctx context.Context) error {
	m.sweeps.Add(1)
	if m.slot == 1 {
		<-ctx.Done() // never answers
		return ctx.Err()
	}
	return nil
}
