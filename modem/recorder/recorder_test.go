package recorder

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
)

func lines(entries []Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, string(e.Dir)+e.Text)
	}
	return out
}

func TestEntries(t *testing.T) {
	r := New("office")
	r.Line('>', "AT")
	r.Line('<', "OK")
	r.Note("ready")
	if diff := cmp.Diff([]string{">AT", "<OK", "#ready"}, lines(r.Entries(0))); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"#ready"}, lines(r.Entries(2))); diff != "" {
		t.Errorf("entries after 2 (-want +got):\n%s", diff)
	}
	if got := r.Entries(3); got != nil {
		t.Errorf("entries after the last = %v", got)
	}
}

// A ring keeps the newest, in order, and lines of bounded length.
func TestRingIsBounded(t *testing.T) {
	r := New("office")
	for i := range maxEntries + 10 {
		r.Line('<', fmt.Sprint(i, strings.Repeat("x", 1000)))
	}
	got := r.Entries(0)
	if len(got) != maxEntries || got[0].Seq != 11 || got[len(got)-1].Seq != maxEntries+10 {
		t.Fatalf("%d entries from %d to %d", len(got), got[0].Seq, got[len(got)-1].Seq)
	}
	for i, e := range got {
		if e.Seq != uint64(i+11) || len(e.Text) > maxText+len("…") {
			t.Fatalf("entry %d has number %d and %d octets", i, e.Seq, len(e.Text))
		}
	}
}

func TestNilRecords(t *testing.T) {
	var r *Recorder
	r.Line('>', "AT")
	r.Note("ready")
	r.Fail("lost")
	if got := r.Entries(0); got != nil {
		t.Errorf("entries = %v", got)
	}
}

// run runs a saver in a bubble for as long as f does.
func run(t *testing.T, f func(s *Saver, dir string)) {
	dir := filepath.Join(t.TempDir(), "traces")
	synctest.Test(t, func(t *testing.T) {
		s := NewSaver(dir, zerolog.Nop())
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		f(s, dir)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	saved, err := List(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range saved {
		b, err := os.ReadFile(filepath.Join(dir, r.Name))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

// The minute before a failure and half a minute after it are saved, once, with
// what went wrong meanwhile.
func TestFailureIsSaved(t *testing.T) {
	run(t, func(s *Saver, dir string) {
		r, other := s.Recorder("office"), s.Recorder("van")
		other.Note("not of interest")
		r.Note("too long ago")
		time.Sleep(61 * time.Second)
		r.Note("before")
		time.Sleep(59 * time.Second)
		r.Fail("sending failed: CMS 38")
		time.Sleep(10 * time.Second)
		r.Fail("port lost")
		time.Sleep(19 * time.Second)
		r.Note("after")
		synctest.Wait()
		if got := files(t, dir); len(got) != 0 {
			t.Errorf("saved too early: %q", got)
		}
		time.Sleep(2 * time.Second)
		r.Note("later")
		synctest.Wait()
		got := files(t, dir)
		if len(got) != 1 {
			t.Fatalf("%d files, want 1: %q", len(got), got)
		}
		head, body, _ := strings.Cut(got[0], "\n\n")
		if want := "modem office, 2000-01-01T00:02:00Z\n  sending failed: CMS 38\n  port lost"; head != want {
			t.Errorf("head %q, want %q", head, want)
		}
		want := "2000-01-01T00:01:01.000Z # before\n2000-01-01T00:02:00.000Z # sending failed: CMS 38\n" +
			"2000-01-01T00:02:10.000Z # port lost\n2000-01-01T00:02:29.000Z # after\n"
		if diff := cmp.Diff(want, body); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	})
}

// A second failure soon after does not repeat what is on disk.
func TestNothingIsSavedTwice(t *testing.T) {
	run(t, func(s *Saver, dir string) {
		r := s.Recorder("office")
		r.Fail("first")
		time.Sleep(31 * time.Second)
		r.Fail("second")
		time.Sleep(31 * time.Second)
		synctest.Wait()
		all := strings.Join(files(t, dir), "")
		for _, s := range []string{"# first\n", "# second\n"} {
			if n := strings.Count(all, s); n != 1 {
				t.Errorf("%q is saved %d times:\n%s", s, n, all)
			}
		}
	})
}

// What is pending when the gateway stops is saved then.
func TestStopSaves(t *testing.T) {
	var where string
	run(t, func(s *Saver, dir string) {
		where = dir
		s.Recorder("office").Fail("stopping")
	})
	if got := files(t, where); len(got) != 1 || !strings.Contains(got[0], "# stopping\n") {
		t.Errorf("files %q", got)
	}
	info, err := os.Stat(where)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
}

// The oldest recordings go, other files stay.
func TestFilesAreBounded(t *testing.T) {
	run(t, func(s *Saver, dir string) {
		r := s.Recorder("office")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for i := range maxFiles + 3 {
			r.Fail(fmt.Sprint("failure ", i))
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		got := files(t, dir)
		if len(got) != maxFiles {
			t.Errorf("%d files, want %d", len(got), maxFiles)
		}
		all := strings.Join(got, "")
		if strings.Contains(all, "# failure 0\n") || !strings.Contains(all, fmt.Sprintf("# failure %d\n", maxFiles+2)) {
			t.Error("not the oldest went")
		}
		if _, err := os.Stat(filepath.Join(dir, "notes.txt")); err != nil {
			t.Error(err)
		}
	})
}

func TestFormat(t *testing.T) {
	var b strings.Builder
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	if err := Format(&b, []Entry{{1, at, '<', "a\x1b[31m\xff\u0085b"}}); err != nil {
		t.Fatal(err)
	}
	if want := "2026-01-02T03:04:05.006Z < a·[31m··b\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func BenchmarkLine(b *testing.B) {
	r := New("office")
	b.ReportAllocs()
	for b.Loop() {
		r.Line('>', "AT+CMGS=24")
	}
}
