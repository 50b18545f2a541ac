package conform

import (
	"context"
	"fmt"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
	"tetherd/gateway/sms"
)

// witness is the engine as the driver sees it. It notes when a report was stored.
type witness struct{ r *rig }

func (w witness) Receive(ctx context.Context, f gateway.Fragment) error {
	w.r.mu.Lock()
	w.r.sims[f.SIMID] = true
	w.r.mu.Unlock()
	return w.r.gw.Receive(ctx, f)
}

func (w witness) Call(ctx context.Context, c gateway.Call) error { return w.r.gw.Call(ctx, c) }

func (w witness) Report(ctx context.Context, rep gateway.Report) error {
	err := w.r.gw.Report(ctx, rep)
	if err == nil {
		w.r.mu.Lock()
		defer w.r.mu.Unlock()
		if key := string(rep.TPDU); w.r.reports[key].IsZero() {
			w.r.reports[key] = time.Now()
		}
	}
	return err
}

// committed observes the store.
func (r *rig) committed(c gateway.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for _, k := range c.Seen {
		r.durable[k] = now
	}
	for i := range c.Messages {
		r.run.Observations = append(r.run.Observations, invariant.Observe(&c.Messages[i]))
	}
	r.taken += len(c.Inbound)
	kick(r.wake)
}

// submit takes a text on.
func (r *rig) submit(text string, p invariant.Promise) {
	r.t.Helper()
	r.mu.Lock()
	n := len(r.ids)
	to := fmt.Sprintf("+49170%07d", n)
	p.Message = fmt.Sprintf("m%d", n)
	r.ids[to] = p.Message
	r.mu.Unlock()
	priority := int8(0)
	if p.Sent {
		priority = 1 // before what waits for a retry
	}
	m, err := r.gw.Submit(r.t.Context(), gateway.Submission{
		ID: p.Message, Text: text, Numbers: []string{to}, DeliveryReport: true, Priority: priority,
	})
	if err != nil {
		r.t.Fatalf("submit: %v", err)
	}
	measured, err := sms.Split(text, 20)
	if err != nil {
		r.t.Fatal(err)
	}
	p.Recipients, p.Parts = []string{m.Recipients[0].Number}, len(measured)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run.Promises = append(r.run.Promises, p)
	if p.Report {
		r.wanted = append(r.wanted, p.Message)
	}
}

// deliver sends a text to the SIM.
func (r *rig) deliver(text string, atRisk bool) {
	r.t.Helper()
	if err := r.network.DeliverText(peerNumber, ownNumber, text); err != nil {
		r.t.Fatalf("deliver: %v", err)
	}
	r.arrives(text, 1, atRisk)
}

func (r *rig) arrives(text string, copies int, atRisk bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.run.Arrivals = append(r.run.Arrivals, invariant.Arrival{Text: text, Copies: copies, AtRisk: atRisk})
	if !atRisk {
		r.waits += copies
	}
}

// sentTo reports whether the network has a message for a number.
func (r *rig) sentTo(to string) bool {
	for _, s := range r.network.Ledger() {
		if s.To == to {
			return true
		}
	}
	return false
}

// settled reports whether nothing is left to happen.
func (r *rig) settled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken < r.waits || r.network.Waiting(ownNumber) > 0 || len(r.device.Stored()) > 0 {
		return false
	}
	end := make(map[string]invariant.Observation)
	for _, o := range r.run.Observations {
		end[o.Message] = o
	}
	for _, o := range end {
		for _, s := range o.States {
			if s != gateway.Sent && !s.Final() {
				return false
			}
		}
	}
	for _, id := range r.wanted {
		for _, s := range end[id].States {
			if s == gateway.Sent {
				return false
			}
		}
	}
	return true
}

// account completes the run with what outsiders saw. Nothing may run any more but
// the store.
func (r *rig) account() *invariant.Run {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	run := &r.run
	for _, s := range r.network.Ledger() {
		run.Ledger = append(run.Ledger, invariant.Handed{
			PDU:   invariant.PDU{Message: r.ids[s.To], Recipient: s.To, Part: s.Part},
			At:    s.At,
			Modem: s.Modem, MR: int(s.MR), Ref: s.Ref, Total: s.Total,
		})
	}
	in, _, err := r.gw.InboundMessages(gateway.InboundQuery{Limit: 1 << 20})
	if err != nil {
		r.t.Fatalf("read inbox: %v", err)
	}
	for i := range in {
		run.Inbox = append(run.Inbox, in[i].Text)
	}
	r.posts()
	r.held()
	run.PUKs = r.device.PUKAttempts()
	if b := r.device.BytesDuringSubmit(); r.pty && len(b) > 0 { // a pipe's recorder sees all of it
		r.t.Errorf("M10: %q was written while the network had a PDU", b)
	}
	quiet := r.limits().result
	if r.pty || r.fault.Garbles {
		// Nobody sees when the driver opens the terminal anew, or what it takes for a
		// result among garbage.
		quiet = 0
	}
	run.Transcripts = append(run.Transcripts, invariant.Transcript{
		Modem: r.profile.Name, SIM: testICCID, Lines: r.recorder.Lines(), Quiet: quiet, Restarts: restarts(r.profile),
	})
	if r.fault.Garbles || r.profile.OmitReference {
		// Nothing protects the digits of a reference; one that was never given is
		// guessed, from a report, as that of any part of its message.
		for i := range run.Observations {
			run.Observations[i].MRs = nil
		}
	}
	return run
}

// posts makes the account of the webhooks from what is stored for them.
func (r *rig) posts() {
	for _, ep := range r.gw.Endpoints() {
		ds, es, _, err := r.db.DueDeliveries(ep.Num, 1<<62, 1<<20, nil, nil)
		if err != nil {
			r.t.Fatalf("read deliveries: %v", err)
		}
		for i := range ds {
			if p, ok := invariant.NewPost(ds[i].ID, &es[i]); ok {
				r.run.Posts = append(r.run.Posts, p)
			}
		}
	}
}

// held makes the account of what was in the modem's storages.
func (r *rig) held() {
	for _, rec := range r.network.Inbound() {
		if rec.Direct {
			continue
		}
		h := invariant.Held{What: fmt.Sprintf("TPDU %d in %s %d", rec.Seq, rec.Mem, rec.Index), Deleted: rec.Deleted}
		if rec.Report {
			h.What = "report, " + h.What
			h.Durable = r.reports[string(rec.TPDU)]
		} else {
			for id := range r.sims { // the ICCID, the IMSI where that cannot be read
				f := gateway.Fragment{SIMID: id, TPDU: rec.TPDU}
				if at := r.durable[f.Key()]; !at.IsZero() {
					h.Durable = at
				}
			}
		}
		r.run.Held = append(r.run.Held, h)
	}
}

// restarts are lines by which a modem says that it started anew.
func restarts(p Profile) []string {
	out := []string{"RDY", "+CFUN: 1", "+CPIN:", "UNDER-VOLTAGE POWER DOWN"}
	return append(out, p.BootLines...)
}
