package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"tetherd/cmd/tetherd/config"
)

// newLogger returns the daemon's log on w: for people on a terminal, as JSON
// elsewhere, and without times of its own in the journal, which has them. What is
// logged at level info and above goes to book, too, whatever the level of w; nil
// for none.
func newLogger(o config.Log, w io.Writer, journalStream string, book *logbook) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(o.Level)
	if err != nil {
		return zerolog.Nop(), fmt.Errorf("log level: %w", err)
	}
	f, isFile := w.(*os.File)
	stamp := true
	console := o.Format == "console" || o.Format == "auto" && isFile && isTerminal(f)
	switch {
	case console:
		w = zerolog.ConsoleWriter{Out: w, NoColor: !isFile || !isTerminal(f), TimeFormat: time.TimeOnly}
	case isFile && isJournal(f, journalStream):
		w, stamp = journal{w}, false
	}
	if book != nil {
		w, level = alsoTo(w, level, book), min(level, zerolog.InfoLevel)
	}
	log := zerolog.New(w).Level(level)
	if stamp {
		log = log.With().Timestamp().Logger()
	}
	return log, nil
}

// alsoTo returns a writer to w, of lines of a level at least, and to book.
func alsoTo(w io.Writer, level zerolog.Level, book *logbook) io.Writer {
	lw, ok := w.(zerolog.LevelWriter)
	if !ok {
		lw = zerolog.LevelWriterAdapter{Writer: w}
	}
	return zerolog.MultiLevelWriter(&zerolog.FilteredLevelWriter{Writer: lw, Level: level}, book)
}

// isJournal reports whether f leads to systemd's journal: then JOURNAL_STREAM
// names its device and inode. The variable alone proves nothing, children inherit
// it.
func isJournal(f *os.File, journalStream string) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && journalStream == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}

// journal puts the priority in front of each line, in the notation of
// sd-daemon(3), so that "journalctl -p warning" works.
type journal struct{ w io.Writer }

// WriteLevel implements zerolog.LevelWriter.
func (j journal) WriteLevel(level zerolog.Level, p []byte) (int, error) {
	priority := "<6>"
	switch level {
	case zerolog.DebugLevel, zerolog.TraceLevel:
		priority = "<7>"
	case zerolog.WarnLevel:
		priority = "<4>"
	case zerolog.ErrorLevel, zerolog.FatalLevel, zerolog.PanicLevel:
		priority = "<3>"
	}
	if _, err := j.w.Write(append([]byte(priority), p...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Write implements io.Writer.
func (j journal) Write(p []byte) (int, error) { return j.WriteLevel(zerolog.InfoLevel, p) }

// httpLog takes what net/http has to say: clients that broke off, and receivers of
// webhooks that say what they were not asked for.
type httpLog struct{ log zerolog.Logger }

// Write implements io.Writer.
func (h httpLog) Write(p []byte) (int, error) {
	h.log.Debug().Str("detail", strings.TrimSpace(string(p))).Msg("net/http")
	return len(p), nil
}
