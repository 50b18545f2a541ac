package emulator

import (
	"fmt"
	"sync"
	"time"
)

// DefaultTranscript is how many entries a Transcript keeps if it is not told.
const DefaultTranscript = 1000

// maxEntry bounds one entry of a Transcript, in octets.
const maxEntry = 1024

// Transcript keeps the last of what passed between a host and a modem. Its Record fits
// ModemOptions.Transcript. It is safe for concurrent use.
type Transcript struct {
	mu   sync.Mutex
	most int
	ring []TranscriptEntry
	next int // the oldest, once the ring is full
}

// TranscriptEntry is one command line, PDU or write.
type TranscriptEntry struct {
	At   time.Time
	Dir  byte   // '>' from the host to the modem, '<' back
	Text string // cut after a KiB
}

// NewTranscript keeps the last most entries; 0 is DefaultTranscript.
func NewTranscript(most int) *Transcript {
	if most <= 0 {
		most = DefaultTranscript
	}
	return &Transcript{most: most}
}

// Record adds an entry.
func (t *Transcript) Record(dir byte, line []byte) {
	e := TranscriptEntry{At: time.Now(), Dir: dir, Text: string(line[:min(len(line), maxEntry)])}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ring) < t.most {
		t.ring = append(t.ring, e)
		return
	}
	t.ring[t.next] = e
	t.next = (t.next + 1) % t.most
}

// Entries returns what is kept, oldest first.
func (t *Transcript) Entries() []TranscriptEntry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append(append([]TranscriptEntry(nil), t.ring[t.next:]...), t.ring[:t.next]...)
}

// String is the entry in one line.
func (e TranscriptEntry) String() string {
	return fmt.Sprintf("%s %c %q", e.At.Format("15:04:05.000"), e.Dir, e.Text)
}
