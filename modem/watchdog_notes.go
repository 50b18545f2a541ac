package modem

import (
	"errors"
	"time"

	"tetherd/gateway"
)

// count changes counters.
func (d *watchdog) count(f func(c *gateway.ModemCounters)) {
	d.mu.Lock()
	f(&d.record.Counters)
	d.dirty = true
	d.mu.Unlock()
}

// step counts a step that is taken within a session.
func (d *watchdog) step(s gateway.RecoveryStep, reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.record.Counters.Steps[s]++
	d.dirty = true
	if s > gateway.StepResync {
		d.record.Ladder.take(time.Now(), s, reason, false)
	}
}

// sign takes a sign of a weak supply.
func (d *watchdog) sign(kind signKind) {
	d.mu.Lock()
	now := time.Now()
	p := &d.record.Power
	before := p.problem(now).Reason
	p.see(now, kind)
	after := p.problem(now).Reason
	d.dirty = true
	d.mu.Unlock()
	if after != before {
		d.log.Warn().Stringer("sign", kind).Str("reason", after).Msg("power problem suspected")
		if d.changed != nil {
			d.changed()
		}
	}
}

// lost counts an end of the port, or a restart of the modem, that nobody asked
// for.
func (d *watchdog) lost(kind signKind) {
	now := time.Now()
	d.mu.Lock()
	c := &d.record.Counters
	if kind == signReboot {
		c.Reboots++
	} else {
		c.PortLosses++
	}
	brownOut := !d.committed.IsZero() && now.Sub(d.committed) <= brownOutWithin
	if brownOut {
		c.BrownOuts++
		d.committed = time.Time{} // a PDU is to blame once
	}
	d.mu.Unlock()
	d.sign(kind)
	if brownOut {
		d.sign(signBrownOut)
	}
}

// identify remembers what the modem is and where.
func (d *watchdog) identify(manufacturer, model string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := &d.record; manufacturer != "" && (r.Manufacturer != manufacturer || r.Model != model) {
		r.Manufacturer, r.Model = manufacturer, model
		d.dirty = true
	}
}

// place remembers the USB device the modem is on; "" if it is on none.
func (d *watchdog) place(usb string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dirty = d.dirty || d.record.USB != usb
	d.record.USB = usb
}

// snapshot returns a copy of the record.
func (d *watchdog) snapshot() record {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.record
}

// commit notes that a PDU is complete whose answer may take limit.
func (d *watchdog) commit(limit time.Duration) {
	d.mu.Lock()
	d.committed = time.Now()
	d.quiet = d.committed.Add(limit + doubtGrace)
	d.mu.Unlock()
}

// sent notes what became of a PDU.
func (d *watchdog) sent(fault *gateway.SendError) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := &d.record.Counters
	switch {
	case fault == nil:
		c.SentOK++
	case fault.Fate == gateway.Unknown:
		c.SentUnknown++
	default:
		c.SentFailed++
	}
	d.dirty = true
	if fault == nil || fault.Fate != gateway.Unknown {
		d.quiet, d.unheard = time.Time{}, 0
		return
	}
	if errors.Is(fault.Err, errTimeout) {
		d.unheard++
	}
}

// idle tells that the modem takes PDUs and answers none.
func (d *watchdog) idle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.unheard >= idleEnough
}

// heard notes that a message, or a report, was taken in.
func (d *watchdog) heard(report bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dirty = true
	if report {
		d.record.Counters.Reports++
		return
	}
	d.record.Counters.Received++
	d.hearing.heard(time.Now())
}

// deaf returns what to do about a silence that is too long for a session that
// serves since then.
func (d *watchdog) deaf(since time.Time) (gateway.RecoveryStep, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if now.Before(d.quiet) {
		return 0, false
	}
	return d.hearing.remedy(now, since)
}

// mayCycle tells whether the radio may be switched off now.
func (d *watchdog) mayCycle() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !time.Now().Before(d.quiet)
}
