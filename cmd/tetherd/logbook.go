package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/store"
)

const (
	// bookInterval is how often the log is stored: a crash loses what was logged
	// since. Storing each line would wear the disk.
	bookInterval = 5 * time.Second
	// bookSize is how many lines may wait to be stored. A storm of more is cut, and
	// the log says by how much.
	bookSize = 1000
)

// logbook keeps what is logged at level info and above, for users of the API. It is
// safe for concurrent use.
type logbook struct {
	mu      sync.Mutex // guards the rest
	lines   []bookLine // to be stored; at most bookSize
	dropped int        // lines that there was no room for
}

// bookLine is a line as zerolog wrote it.
type bookLine struct {
	at    time.Time
	level zerolog.Level
	text  []byte // JSON
}

// WriteLevel implements zerolog.LevelWriter. It never fails or blocks.
func (b *logbook) WriteLevel(level zerolog.Level, p []byte) (int, error) {
	if level < zerolog.InfoLevel {
		return len(p), nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.lines) >= bookSize {
		b.dropped++
	} else {
		b.lines = append(b.lines, bookLine{time.Now(), level, bytes.Clone(p)})
	}
	return len(p), nil
}

// Write implements io.Writer.
func (b *logbook) Write(p []byte) (int, error) { return b.WriteLevel(zerolog.InfoLevel, p) }

// run stores what is logged until ctx ends, and then once more.
func (b *logbook) run(ctx context.Context, db *store.DB) error {
	tick := time.NewTicker(bookInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			b.flush(ctx, db)
		case <-ctx.Done():
			b.flush(context.WithoutCancel(ctx), db)
			return nil
		}
	}
}

// flush stores what waits. What cannot be stored is given up: to log that would
// make more of it, and the store says itself why it cannot be written.
func (b *logbook) flush(ctx context.Context, db *store.DB) {
	_ = db.AppendLog(ctx, b.take())
}

// take returns what waits as entries.
func (b *logbook) take() []gateway.LogEntry {
	b.mu.Lock()
	lines, dropped := b.lines, b.dropped
	b.lines, b.dropped = nil, 0
	b.mu.Unlock()
	entries := make([]gateway.LogEntry, 0, len(lines)+1)
	for _, l := range lines {
		entries = append(entries, l.entry())
	}
	if dropped > 0 {
		entries = append(entries, gateway.LogEntry{
			At: time.Now(), Level: gateway.LogWarn, Module: "log", Message: "so much was logged that some of it is not kept here",
			Context: json.RawMessage(`{"lines":` + strconv.Itoa(dropped) + `}`),
		})
	}
	return entries
}

// entry returns the line as users see it. Numbers, which are not logged on purpose,
// are masked wherever an error brings them in.
func (l *bookLine) entry() gateway.LogEntry {
	e := gateway.LogEntry{At: l.at, Level: levelOf(l.level)}
	dec := json.NewDecoder(bytes.NewReader(l.text))
	dec.UseNumber()
	fields := make(map[string]any)
	if dec.Decode(&fields) != nil {
		return e // zerolog writes JSON
	}
	masked(fields)
	cut := func(name string) string {
		s, _ := fields[name].(string)
		delete(fields, name)
		return s
	}
	e.Message, e.Module = cut(zerolog.MessageFieldName), cmp.Or(cut("part"), "gateway")
	cut(zerolog.LevelFieldName)
	cut(zerolog.TimestampFieldName)
	if len(fields) > 0 {
		e.Context, _ = json.Marshal(fields) // of what was decoded
	}
	return bounded(e)
}

// bounded returns e shortened to what the store takes.
func bounded(e gateway.LogEntry) gateway.LogEntry {
	const most = store.MaxLogEntry / 2 // the names around it, and characters that are escaped, take room
	if len(e.Message)+len(e.Module) > most/4 {
		e.Message, e.Module = strings.ToValidUTF8(e.Message[:min(len(e.Message), most/8)], ""), strings.ToValidUTF8(e.Module[:min(len(e.Module), most/8)], "")
	}
	if len(e.Context) > most {
		e.Context = json.RawMessage(`{"omitted":"too long: see the log of the daemon"}`)
	}
	return e
}

// levelOf returns the level that users see.
func levelOf(l zerolog.Level) gateway.LogLevel {
	switch {
	case l >= zerolog.ErrorLevel && l <= zerolog.PanicLevel:
		return gateway.LogError
	case l == zerolog.WarnLevel:
		return gateway.LogWarn
	case l < zerolog.InfoLevel:
		return gateway.LogDebug
	}
	return gateway.LogInfo
}
