package conform

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/rs/zerolog"
)

// seed returns SEED of the environment, or 1.
func seed(t testing.TB) uint64 {
	t.Helper()
	s := os.Getenv("SEED")
	if s == "" {
		return 1
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("SEED: %v", err)
	}
	return n
}

// full reports whether every cell is wanted.
func full() bool { return os.Getenv("CONFORMANCE") == "full" }

func logLevel() zerolog.Level {
	switch os.Getenv("TRACE") {
	case "":
		return zerolog.Disabled
	case "1":
		return zerolog.DebugLevel
	}
	return zerolog.TraceLevel
}

// Every modem stands every fault, over a pipe and in fake time.
func TestMatrix(t *testing.T) {
	cells := matrix(func(pair) bool { return true })
	if !full() {
		cells = sample(cells, true, seed(t))
	}
	runCells(t, false, cells)
}

// Real time over a pty: every family of modems with every class of faults.
func TestTerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute of real time")
	}
	cells := matrix(func(c pair) bool {
		// A modem that stalls for longer than a result may take finds behind a PDU what was
		// written when its time was over: on a pty that looks as if it had been disturbed.
		stalls := strings.HasPrefix(c.fault.Name, "stalled")
		return !c.fault.Slow && !c.profile.Slow && !stalls && c.profile.Family
	})
	runCells(t, true, sample(cells, false, seed(t)))
}

// matrix returns every cell that is wanted.
func matrix(want func(c pair) bool) []pair {
	var out []pair
	for _, p := range Profiles() {
		for _, f := range append([]Fault{Sound()}, Faults()...) {
			if p.Direct && f.Garbles {
				continue // what is handed over once and garbled, nothing can mend
			}
			if c := (pair{p, f}); want(c) && (f.Suits == nil || f.Suits(p)) {
				out = append(out, c)
			}
		}
	}
	return out
}

// pair is a cell of the matrix.
type pair struct {
	profile Profile
	fault   Fault
}

// sample returns cells in which every profile occurs with every class of faults,
// and if all is set, every fault, in as many cells as that takes.
func sample(cells []pair, all bool, seed uint64) []pair {
	rnd := rand.New(rand.NewPCG(seed, 2))
	cells = slices.Clone(cells)
	rnd.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
	type met struct {
		profile string
		class   Class
	}
	faults, mets := make(map[string]bool), make(map[met]bool)
	var out []pair
	take := func(want func(c pair) bool) {
		for _, c := range cells {
			if want(c) {
				faults[c.fault.Name], mets[met{c.profile.Name, c.fault.Class}] = true, true
				out = append(out, c)
			}
		}
	}
	unmet := func(c pair) bool { return !mets[met{c.profile.Name, c.fault.Class}] }
	take(func(c pair) bool { return !faults[c.fault.Name] && unmet(c) })
	take(func(c pair) bool { return all && !faults[c.fault.Name] || unmet(c) })
	return out
}

// terminals is how many cells run at a time where time is real.
const terminals = 40

// runCells runs cells as subtests and prints the table.
func runCells(t *testing.T, pty bool, cells []pair) {
	if t.Failed() {
		return
	}
	s := seed(t)
	var mu sync.Mutex
	passed, failed := make(map[string]int), make(map[string][]string)
	// Modems in real time mostly wait, so many more than there are processors run
	// side by side.
	atOnce := 1
	if pty {
		atOnce = terminals
	}
	slots := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	t.Run("cell", func(t *testing.T) {
		defer running.Wait()
		run := func(c pair) {
			t.Run(c.profile.Name+"/"+c.fault.Name, func(t *testing.T) {
				if !pty {
					t.Parallel()
				}
				defer func() {
					mu.Lock()
					defer mu.Unlock()
					if t.Failed() {
						failed[c.profile.Name] = append(failed[c.profile.Name], t.Name())
					} else {
						passed[c.profile.Name]++
					}
				}()
				if broken := cell(t, pty, c.profile, c.fault, s); len(broken) > 0 {
					t.Errorf("broken promises:\n%s", strings.Join(broken, "\n"))
				}
			})
		}
		for _, c := range cells {
			slots <- struct{}{}
			running.Go(func() {
				defer func() { <-slots }()
				run(c)
			})
		}
	})
	var b strings.Builder
	table(&b, passed, failed, s)
	if full() || t.Failed() || testing.Verbose() {
		t.Log("\n" + b.String())
	}
}

// table prints profile × pass, and how to run again what failed.
func table(w io.Writer, passed map[string]int, failed map[string][]string, seed uint64) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "profile\tcells\tpassed\tfailed")
	var again []string
	total, ok := 0, 0
	for _, p := range Profiles() {
		n, bad := passed[p.Name], failed[p.Name]
		if n+len(bad) == 0 {
			continue
		}
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\n", p.Name, n+len(bad), n, len(bad))
		total, ok, again = total+n+len(bad), ok+n, append(again, bad...)
	}
	fmt.Fprintf(tw, "all\t%d\t%d\t%d\n", total, ok, total-ok)
	tw.Flush()
	for _, name := range again {
		parts := strings.Split(name, "/")
		for i := range parts {
			parts[i] = "^" + strings.NewReplacer("+", `\+`, "?", `\?`).Replace(parts[i]) + "$"
		}
		fmt.Fprintf(w, "again: CONFORMANCE=full SEED=%d go test ./modem/conform -run '%s'\n", seed, strings.Join(parts, "/"))
	}
}
