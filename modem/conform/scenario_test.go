package conform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
)

// moments at which a fault strikes.
const (
	beforeStart = iota // the modem is not set up yet
	whenIdle
	whenBusy // messages wait to be sent and are coming in
	whenSending
	moments
)

// cell runs one cell of the matrix and returns what was broken.
func cell(t *testing.T, pty bool, p Profile, f Fault, seed uint64) (broken []string) {
	dir := t.TempDir()
	body := func(t *testing.T) {
		r := newRig(t, dir, pty, p, f, seed)
		r.scenario()
		r.stop()
		r.stop = nil
		run := r.account()
		broken = run.Violations()
		r.close()
	}
	if pty {
		body(t)
	} else {
		synctest.Test(t, body)
	}
	return broken
}

// scenario is the life every modem has to stand.
func (r *rig) scenario() {
	r.t.Helper()
	l := r.limits()
	moment := r.rnd.IntN(moments)
	// What is under way when the fault strikes may suffer from it.
	safe := moment == whenIdle
	r.traffic("before", safe, moment == beforeStart)
	end := func() {}
	begin := func() {
		if e := r.fault.Begin(r.bench()); e != nil {
			end = e
		}
	}
	if moment == beforeStart {
		begin()
	}
	r.start()
	switch moment {
	case whenIdle:
		if r.until(l.ready, r.settled) < 0 {
			r.t.Errorf("nothing was settled within %v before the fault; status %+v", l.ready, r.modem.Status())
		}
	case whenBusy:
		if r.until(l.ready, r.ready) < 0 {
			r.t.Errorf("not ready within %v; status %+v", l.ready, r.modem.Status())
		}
		r.traffic("busy", false, false)
	case whenSending:
		if r.until(l.ready, func() bool { return len(r.network.Ledger()) > 0 }) < 0 && !r.profile.Mute {
			r.t.Errorf("nothing sent within %v; status %+v", l.ready, r.modem.Status())
		}
	}
	if moment != beforeStart {
		begin()
	}
	r.traffic("during", false, true)
	r.pass(min(r.fault.Lasts, l.lasts))
	end()
	r.recover()
	r.traffic("after", true, false)
	r.until(l.quiet, r.settled)
	r.pass(l.late) // reports that nobody waits for
	if r.until(l.quiet, r.settled) < 0 {
		r.t.Logf("not settled within %v; status %+v", l.quiet, r.modem.Status())
	}
	r.show()
}

func (r *rig) ready() bool { return r.modem.Status().State == gateway.ModemReady }

// traffic sends and delivers messages of one and of several parts. safe says that
// nothing stands in the way of the outgoing ones, risky that the line may lose
// incoming ones that the modem does not keep.
func (r *rig) traffic(when string, safe, risky bool) {
	r.t.Helper()
	p := invariant.Promise{
		Sent:   safe,
		Report: !r.profile.NoReports && (safe || !r.fault.NoReports),
	}
	risky = risky && r.profile.Direct
	r.deliver("one part "+when, risky)
	if !r.profile.Mute {
		r.submit("one part "+when, p)
		r.submit("several parts "+when+strings.Repeat(" and so on", 40)[:300], p)
	}
	r.deliver("several parts "+when+strings.Repeat(" and more 😀", 15), risky)
}

// recover measures how long it takes until a message is sent again.
func (r *rig) recover() {
	if r.profile.Mute {
		return
	}
	r.t.Helper()
	r.mu.Lock()
	to := fmt.Sprintf("+49170%07d", len(r.ids))
	r.mu.Unlock()
	r.submit("first after it", invariant.Promise{Sent: true, Report: !r.profile.NoReports})
	// A modem that is slow to answer is set up slowly, too, with some fifty commands.
	limit := r.fault.Limit + time.Duration(60+r.fault.Commands)*r.profile.CommandDelay
	took := r.until(2*limit, func() bool { return r.sentTo(to) || r.blocked() })
	if r.blocked() {
		r.unblock()
		took = r.until(2*limit, func() bool { return r.sentTo(to) })
	}
	r.run.Recoveries = append(r.run.Recoveries, invariant.Recovery{Fault: r.fault.Name, Took: took, Limit: limit})
}

// blocked reports whether the modem waits for its owner because the answer to a
// PIN got lost.
func (r *rig) blocked() bool {
	s := r.modem.Status()
	return s.State == gateway.ModemBlocked && strings.Contains(s.Reason, "PIN")
}

// unblock does what the owner has to do then.
func (r *rig) unblock() {
	r.t.Helper()
	for _, id := range []string{testICCID, testIMSI, "imei:" + testIMEI + ":any", "imei:" + testIMEI + ":unknown", "modem:test:any", "modem:test:unknown"} {
		for _, key := range []string{id, "refused:" + id} {
			if err := r.db.ClearPIN(r.t.Context(), key, testPIN); err != nil {
				r.t.Fatalf("clear PIN: %v", err)
			}
		}
	}
	r.recorder.Cleared()
	r.plug.out()
	r.plug.in()
}

// show compares what the gateway shows of the modem with the truth.
func (r *rig) show() {
	s := r.modem.Status()
	if s.State != gateway.ModemReady && !r.profile.Mute {
		r.t.Errorf("the modem ended as %s: %s", s.State, s.Reason)
		return
	}
	if r.fault.Garbles {
		return // nothing protects the digits of an answer
	}
	r.run.Shown = []invariant.Shown{
		{What: "the IMEI", Got: s.IMEI, Want: testIMEI},
		{What: "the SIM", Got: s.SIMID, Want: testICCID},
		{What: "the model", Got: squeeze(s.Model), Want: squeeze(r.profile.Model)},
		{What: "the manufacturer", Got: squeeze(s.Manufacturer), Want: squeeze(r.profile.Manufacturer)},
	}
	if s.SIMID == testIMSI && slices.Contains(r.profile.Lacks, "+CCID") {
		r.run.Shown[1].Want = testIMSI // it may not tell the other
	}
}

// squeeze leaves out what may be trimmed.
func squeeze(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '"' }), " ")
}

// bench returns what the fault works on.
func (r *rig) bench() *Bench {
	risky := r.profile.Direct
	return &Bench{
		Network: r.network, Modem: r.device, Number: ownNumber, Rand: r.rnd,
		Unplug: r.plug.out, Plug: r.plug.in, Cut: r.plug.cut,
		Deliver: func(text string) { r.deliver(text, risky) },
		Arrives: func(text string, copies int) { r.arrives(text, copies, risky) },
	}
}
