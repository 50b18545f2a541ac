package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"tetherd/cmd/tetherd/config"
	"tetherd/modem/line"
	"tetherd/modem/recorder"
)

// bundle collects what helps to find a fault, without anything private.
type bundle struct {
	names   []string
	content map[string][]byte
	missing []string
}

func newBundle() *bundle { return &bundle{content: make(map[string][]byte)} }

// add adds a file. Numbers in it are masked.
func (b *bundle) add(name string, text []byte) {
	b.names = append(b.names, name)
	b.content[name] = []byte(line.MaskNumbers(string(text)))
}

// addJSON adds a value. Numbers in its strings are masked, plain ones stay.
func (b *bundle) addJSON(name string, v any) {
	text, err := json.Marshal(v)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		var any any
		if err = dec.Decode(&any); err == nil {
			text, err = json.MarshalIndent(masked(any), "", "  ")
		}
	}
	if err != nil {
		b.miss(name, err)
		return
	}
	b.names = append(b.names, name)
	b.content[name] = append(text, '\n')
}

// masked returns v, as decoded from JSON, with the numbers in its strings masked.
func masked(v any) any {
	switch v := v.(type) {
	case string:
		return line.MaskNumbers(v)
	case []any:
		for i := range v {
			v[i] = masked(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = masked(v[k])
		}
	}
	return v
}

// miss notes why something is not there.
func (b *bundle) miss(name string, err error) {
	b.missing = append(b.missing, name+": "+line.MaskNumbers(err.Error()))
}

// readme says what is in the bundle.
func (b *bundle) readme(at time.Time) string {
	var s strings.Builder
	fmt.Fprintf(&s, "tetherd support bundle of %s\n\n", at.Format(time.RFC3339))
	s.WriteString("Passwords, keys, PINs, texts of messages, telephone numbers and identities of SIMs\n" +
		"and modems are left out or masked: it can be attached to a bug report. Look\n" +
		"through it before you do; names of modems, paths of devices and error texts are\n" +
		"as they are.\n\nContents:\n")
	for _, name := range b.names {
		fmt.Fprintf(&s, "  %s\n", name)
	}
	if len(b.missing) > 0 {
		s.WriteString("\nMissing:\n")
		for _, m := range b.missing {
			fmt.Fprintf(&s, "  %s\n", m)
		}
	}
	return s.String()
}

// write writes the bundle as a compressed archive.
func (b *bundle) write(w io.Writer, at time.Time) error {
	folder := "tetherd-support-" + at.Format("20060102-150405")
	zip := gzip.NewWriter(w)
	archive := tar.NewWriter(zip)
	put := func(name string, text []byte) error {
		h := &tar.Header{Name: folder + "/" + name, Mode: 0o600, Size: int64(len(text)), ModTime: at, Format: tar.FormatPAX}
		if err := archive.WriteHeader(h); err != nil {
			return err
		}
		_, err := archive.Write(text)
		return err
	}
	err := put("README.txt", []byte(b.readme(at)))
	for _, name := range b.names {
		err = errors.Join(err, put(name, b.content[name]))
	}
	if err := errors.Join(err, archive.Close(), zip.Close()); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// collectMachine adds what can be told without a gateway that runs.
func (b *bundle) collectMachine(cfg *config.Config) {
	var v strings.Builder
	fmt.Fprintf(&v, "tetherd %s (built %s, %s)\n%s/%s, %d CPUs\n", versionString(), buildDate, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, file := range []string{"/proc/version", "/proc/device-tree/model", "/etc/debian_version"} {
		if text, err := os.ReadFile(file); err == nil {
			fmt.Fprintf(&v, "%s: %s\n", file, printable(strings.Trim(string(text), "\x00\n ")))
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		v.WriteString(strings.Join(strings.SplitAfterN(string(text), "\n", 4)[:3], ""))
	}
	b.add("machine.txt", []byte(v.String()))
	if cfg == nil {
		return
	}
	var printed bytes.Buffer
	if err := cfg.Print(&printed); err != nil {
		b.miss("config.txt", err)
	} else {
		b.add("config.txt", printed.Bytes())
	}
	info, err := os.Stat(filepath.Join(cfg.DataDir, databaseName))
	if err != nil {
		b.miss("store.txt", err)
	} else {
		b.addJSON("store.json", map[string]any{"bytes": info.Size(), "written": info.ModTime()})
	}
}

// collectGateway adds what a running gateway tells. It reports whether there is
// one.
func (b *bundle) collectGateway(ctx context.Context, conn connection) bool {
	h, err := conn.Health(ctx)
	if err != nil {
		b.miss("what a running gateway tells", conn.explain(err))
		return false
	}
	b.addJSON("health.json", h)
	ms, err := conn.Modems(ctx)
	if err != nil {
		b.miss("modems.json", conn.explain(err))
		return false
	}
	b.addJSON("modems.json", ms)
	if logs, err := conn.Logs(ctx, time.Now().Add(-7*24*time.Hour), time.Time{}); err != nil {
		b.miss("log.json", conn.explain(err))
	} else {
		b.addJSON("log.json", logs)
	}
	for _, m := range ms {
		name := "traces/" + m.ID + ".log"
		lines, err := conn.ModemTrace(ctx, m.ID, 0)
		if err != nil {
			b.miss(name, err)
			continue
		}
		var text strings.Builder
		for _, l := range lines {
			fmt.Fprintf(&text, "%s %s %s\n", l.At.Format("2006-01-02T15:04:05.000Z07:00"), l.Dir, printable(l.Text))
		}
		b.add(name, []byte(text.String()))
	}
	saved, err := conn.Recordings(ctx)
	if err != nil {
		b.miss("recordings", err)
	}
	for _, r := range saved {
		text, err := conn.Recording(ctx, r.Name)
		if err != nil {
			b.miss("recordings/"+r.Name, err)
			continue
		}
		b.add("recordings/"+r.Name, []byte(printableLines(text)))
	}
	return true
}

// collectRecordings adds the recordings on disk, for want of a gateway.
func (b *bundle) collectRecordings(dir string) {
	saved, err := recorder.List(dir)
	if err != nil {
		b.miss("recordings", err)
	}
	for _, r := range saved {
		text, err := recorder.Read(dir, r.Name)
		if err != nil {
			b.miss("recordings/"+r.Name, err)
			continue
		}
		b.add("recordings/"+r.Name, []byte(printableLines(string(text))))
	}
}
