package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"tetherd/gateway/rest"
)

// collect adds numbers about the process and its files to the metrics.
func (d *daemon) collect(m *rest.Metrics) {
	m.Gauge("tetherd_build_info", "1, labelled with the version.").Sample(1, "version", versionString(), "go", runtime.Version())
	if fi, err := os.Stat(filepath.Join(d.cfg.DataDir, databaseName)); err == nil {
		m.Gauge("tetherd_store_bytes", "Size of the database file.").Sample(float64(fi.Size()))
	}
	failed := 0.0
	if d.store.Failed() != nil {
		failed = 1
	}
	m.Gauge("tetherd_store_failed", "1 if the store cannot be written any more.").Sample(failed)

	m.Gauge("process_start_time_seconds", "When the process was started, in Unix time.").Sample(float64(d.started.UnixMilli()) / 1000)
	if n, ok := residentBytes(); ok {
		m.Gauge("process_resident_memory_bytes", "Memory that the process occupies.").Sample(n)
	}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		m.Gauge("process_open_fds", "Open files.").Sample(float64(len(fds)))
	}
	m.Gauge("go_goroutines", "Goroutines.").Sample(float64(runtime.NumGoroutine()))
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	m.Gauge("go_memstats_heap_inuse_bytes", "Heap in use.").Sample(float64(mem.HeapInuse))
	m.Counter("go_gc_cycles_total", "Garbage collections.").Sample(float64(mem.NumGC))
}

// residentBytes reads the memory of this process; ok is false where the system
// does not tell.
func residentBytes() (n float64, ok bool) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	words := strings.Fields(string(b)) // proc(5): the second is the resident set in pages
	if len(words) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseFloat(words[1], 64)
	return pages * float64(os.Getpagesize()), err == nil
}
