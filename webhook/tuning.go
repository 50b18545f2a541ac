package webhook

import "time"

// Tuning is what of the [Options] can be changed while the worker runs.
type Tuning struct {
	// SigningKey signs for webhooks without a secret of their own. Empty: what is sent
	// to them is not signed.
	SigningKey string
	// Retries is how many attempts may follow a failed first one. Default 14.
	Retries int
	// PingInterval is the time between two system:ping events; the first is sent at
	// the start. Default 0: none.
	PingInterval time.Duration
}

// Tune has t hold from now on: for the next attempt of each delivery, and for pings at
// once, the first of another interval being sent now. It never blocks.
func (w *Worker) Tune(t Tuning) {
	setDefault(&t.Retries, defaultRetries)
	w.tuning.Store(&t)
	w.wake()
}

// wake has the scheduler look for what changed.
func (w *Worker) wake() {
	select {
	case w.kick <- struct{}{}:
	default:
	}
}
