package recorder

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// What is saved around a failure, and how much of it.
const (
	before   = time.Minute
	after    = 30 * time.Second
	maxFiles = 50
	maxTotal = 16 << 20 // octets of all files
	minFree  = 64 << 20 // octets the disk has to have left
)

// Saver writes recordings of failures to a folder. Its methods are safe for
// concurrent use.
type Saver struct {
	dir  string
	log  zerolog.Logger
	kick chan struct{} // capacity 1; written by Fail, read by Run

	mu        sync.Mutex // guards the rest
	recorders []*Recorder
}

// NewSaver returns a saver that writes below dir, which is made when needed.
func NewSaver(dir string, log zerolog.Logger) *Saver {
	return &Saver{dir: dir, log: log, kick: make(chan struct{}, 1)}
}

// Recorder returns a recorder for the modem with the given name, which must be fit
// for the name of a file.
func (s *Saver) Recorder(name string) *Recorder {
	r := &Recorder{name: name, saver: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recorders = append(s.recorders, r)
	return r
}

func (s *Saver) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// Run saves failures until ctx ends, then what is left of them, and returns nil.
func (s *Saver) Run(ctx context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			s.save(func(time.Duration) bool { return true })
			return nil
		case <-s.kick:
		case <-timer.C:
		}
		timer.Reset(s.save(func(wait time.Duration) bool { return wait <= 0 }))
	}
}

// save writes the failures that are ready and returns how long the next one takes.
func (s *Saver) save(ready func(wait time.Duration) bool) (next time.Duration) {
	s.mu.Lock()
	recorders := slices.Clone(s.recorders)
	s.mu.Unlock()
	next = time.Hour
	now := time.Now()
	for _, r := range recorders {
		wait, ok := r.due(now)
		switch {
		case !ok:
		case !ready(wait):
			next = min(next, wait)
		default:
			if err := s.write(r); err != nil {
				s.log.Warn().Err(err).Str("modem", r.name).Msg("cannot save the recording of a failure")
			}
		}
	}
	return max(next, time.Millisecond)
}

// errFull is why nothing is written to a disk that is nearly full.
var errFull = errors.New("the disk is nearly full")

func (s *Saver) write(r *Recorder) error {
	reasons, began, entries := r.take()
	if len(entries) == 0 {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if free, ok := freeSpace(s.dir); ok && free < minFree {
		return errFull
	}
	name := fmt.Sprintf("%s-%s.log", r.name, began.UTC().Format(nameLayout))
	f, err := os.OpenFile(filepath.Join(s.dir, name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("create file: %w", err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "modem %s, %s\n", r.name, began.Format(time.RFC3339))
	for _, reason := range reasons {
		fmt.Fprintf(w, "  %s\n", printable(reason))
	}
	fmt.Fprintln(w)
	if err := errors.Join(Format(w, entries), w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return s.prune()
}

// Saved lists the saved recordings, newest first.
func (s *Saver) Saved() ([]Recording, error) { return List(s.dir) }

// Read returns the saved recording with the given name, or an error that is
// fs.ErrNotExist.
func (s *Saver) Read(name string) ([]byte, error) { return Read(s.dir, name) }

// Lines returns what is recorded of a modem after the entry numbered seq.
func (s *Saver) Lines(modem string, seq uint64) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.recorders {
		if r.name == modem {
			return r.Entries(seq)
		}
	}
	return nil
}

// Recording is a saved recording.
type Recording struct {
	Name string // of the file
	Size int64
	At   time.Time // of the failure
}

// nameLayout is how the name of a file tells the time of the failure.
const nameLayout = "20060102T150405.000Z"

// List lists the recordings in a folder, newest first; none if there is no folder.
func List(dir string) ([]Recording, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	var out []Recording
	for _, e := range entries {
		stem, _ := strings.CutSuffix(e.Name(), ".log")
		at, err := time.Parse(nameLayout, stem[strings.LastIndexByte(stem, '-')+1:])
		if err != nil {
			continue // none of ours
		}
		if info, err := e.Info(); err == nil { // else it is gone meanwhile
			out = append(out, Recording{e.Name(), info.Size(), at})
		}
	}
	slices.SortFunc(out, func(a, b Recording) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(b.Name, a.Name)
	})
	return out, nil
}

// Read returns a recording in a folder by its name, or an error that is
// fs.ErrNotExist.
func Read(dir, name string) ([]byte, error) {
	saved, err := List(dir)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(saved, func(r Recording) bool { return r.Name == name }) {
		return nil, fmt.Errorf("read recording %q: %w", name, fs.ErrNotExist) // whatever path it may be
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	return b, nil
}

// prune removes the oldest recordings beyond the bounds.
func (s *Saver) prune() error {
	saved, err := s.Saved()
	if err != nil {
		return err
	}
	total := int64(0)
	var errs []error
	for i, r := range saved {
		if total += r.Size; i >= maxFiles || total > maxTotal {
			errs = append(errs, os.Remove(filepath.Join(s.dir, r.Name)))
		}
	}
	return errors.Join(errs...)
}
