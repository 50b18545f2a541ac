package recorder

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Recorder records one modem. It is safe for concurrent use, and does nothing if
// it is nil.
type Recorder struct {
	name  string
	saver *Saver // nil: nothing is saved
	ring  ring

	mu      sync.Mutex // guards the rest
	reasons []string   // of failures that are to be saved
	since   time.Time  // of the first of them
	saved   uint64     // Seq of the newest entry on disk
}

// New returns a recorder that keeps what it is told in memory. Recorders that save
// failures come from Saver.Recorder.
func New(name string) *Recorder { return &Recorder{name: name} }

// Line records a line that was exchanged, which must be masked already.
func (r *Recorder) Line(dir byte, text string) {
	if r != nil {
		r.ring.add(dir, text)
	}
}

// Note records a remark, such as what the gateway is about to do.
func (r *Recorder) Note(text string) { r.Line('#', text) }

// Fail records that something went wrong, and has the time around it saved.
func (r *Recorder) Fail(reason string) {
	if r == nil {
		return
	}
	r.Note(reason)
	if r.saver == nil {
		return
	}
	r.mu.Lock()
	if len(r.reasons) == 0 {
		r.since = time.Now()
	}
	if len(r.reasons) < maxReasons {
		r.reasons = append(r.reasons, reason)
	}
	r.mu.Unlock()
	r.saver.wake()
}

// maxReasons bounds what is listed at the head of a saved recording.
const maxReasons = 20

// Entries returns what is recorded after the entry numbered seq, oldest first; 0
// returns all there is.
func (r *Recorder) Entries(seq uint64) []Entry {
	if r == nil {
		return nil
	}
	return r.ring.since(seq)
}

// due returns how long it is until a failure is to be saved; ok is false if there
// is none.
func (r *Recorder) due(now time.Time) (wait time.Duration, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.reasons) == 0 {
		return 0, false
	}
	return r.since.Add(after).Sub(now), true
}

// take returns what is to be saved of the failures so far.
func (r *Recorder) take() (reasons []string, began time.Time, entries []Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reasons, began = r.reasons, r.since
	r.reasons = nil
	from := began.Add(-before)
	for _, e := range r.ring.since(r.saved) {
		if !e.At.Before(from) {
			entries = append(entries, e)
		}
	}
	if n := len(entries); n > 0 {
		r.saved = entries[n-1].Seq
	}
	return reasons, began, entries
}

// Format writes entries for people, a line each.
func Format(w io.Writer, entries []Entry) error {
	for _, e := range entries {
		if _, err := fmt.Fprintf(w, "%s %c %s\n", e.At.Format("2006-01-02T15:04:05.000Z07:00"), e.Dir, printable(e.Text)); err != nil {
			return err
		}
	}
	return nil
}

// printable replaces what could confuse a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(s, "·"))
}
