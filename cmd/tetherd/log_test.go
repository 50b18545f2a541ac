package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tetherd/cmd/tetherd/config"
)

func TestLogFormats(t *testing.T) {
	tests := []struct {
		name   string
		format string
		want   func(line string) bool
	}{
		{"auto without a terminal is JSON with a time", "auto", func(s string) bool {
			return strings.HasPrefix(s, `{"level":"warn","n":1,"time":"`) && strings.HasSuffix(s, `","message":"hello"}`+"\n")
		}},
		{"console without colours", "console", func(s string) bool {
			return strings.HasSuffix(s, " WRN hello n=1\n")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			log, err := newLogger(config.Log{Level: "warn", Format: tt.format}, &b, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			log.Info().Msg("below the level")
			log.Warn().Int("n", 1).Msg("hello")
			if !tt.want(b.String()) {
				t.Errorf("logged %q", b.String())
			}
		})
	}
	if _, err := newLogger(config.Log{Level: "loud"}, &bytes.Buffer{}, "", nil); err == nil {
		t.Error("an unknown level was accepted")
	}
}

// TestLogInJournal logs to a file that JOURNAL_STREAM names: lines carry a
// priority and no time.
func TestLogInJournal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	st := info.Sys().(*syscall.Stat_t)
	for _, tt := range []struct {
		stream string
		want   string
	}{
		{fmt.Sprintf("%d:%d", st.Dev, st.Ino), `<6>{"level":"info","message":"a"}` + "\n" + `<4>{"level":"warn","message":"b"}` + "\n" + `<3>{"level":"error","message":"c"}` + "\n"},
		{"1:2", `{"level":"info","time":"`}, // inherited, but leading elsewhere
	} {
		if err := f.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
		log, err := newLogger(config.Log{Level: "info", Format: "auto"}, f, tt.stream, nil)
		if err != nil {
			t.Fatal(err)
		}
		log.Debug().Msg("below the level")
		log.Info().Msg("a")
		log.Warn().Msg("b")
		log.Error().Msg("c")
		got, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(got), tt.want) {
			t.Errorf("JOURNAL_STREAM=%s: logged %q, want %q", tt.stream, got, tt.want)
		}
	}
}
