package main_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"tetherd/gateway/invariant"
)

// sample notes what the daemon takes of the machine.
func (s *soak) sample(int) {
	u := invariant.Usage{Goroutines: s.goroutines()}
	pid := strconv.Itoa(s.cmd.Process.Pid)
	if fds, err := os.ReadDir(filepath.Join("/proc", pid, "fd")); err == nil {
		u.Files = len(fds)
	}
	if b, err := os.ReadFile(filepath.Join("/proc", pid, "status")); err == nil {
		for line := range strings.Lines(string(b)) {
			// The store is mapped into memory, and not counted: it may grow.
			if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
				kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
				u.Memory = kib << 10
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.Usage = append(s.account.Usage, u)
}

// goroutines returns the number of them in the daemon, 0 if it does not say.
func (s *soak) goroutines() int {
	req, err := http.NewRequest(http.MethodGet, "http://"+s.addr+"/metrics", nil)
	if err != nil {
		return 0
	}
	req.SetBasicAuth(rigUser, rigPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "go_goroutines "); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(rest))
			return n
		}
	}
	return 0
}

// progress prints how far it is.
func (s *soak) progress(after time.Duration) {
	ledger := len(s.network.Ledger())
	s.mu.Lock()
	defer s.mu.Unlock()
	var u invariant.Usage
	if n := len(s.account.Usage); n > 0 {
		u = s.account.Usage[n-1]
	}
	s.t.Logf("%v: %d submitted, %d PDUs in the network, %d texts came, %d webhooks, %d faults over, %d under way; %d goroutines, %d files, %d MiB",
		after.Round(time.Second), len(s.promises), ledger, len(s.account.Arrivals), len(s.receiver.all()), len(s.account.Recoveries), len(s.faulty), u.Goroutines, u.Files, u.Memory>>20)
}

// finish lets everything come to its end and completes the account.
func (s *soak) finish() {
	s.until("every message to end", 15*time.Minute, func() bool {
		for _, state := range []string{"Pending", "Processed"} {
			var left []message
			if _, err := s.call("GET", "/messages?limit=1&state="+state, nil, &left); err != nil || len(left) > 0 {
				return false
			}
		}
		return true
	})
	arrivals := 0
	for _, a := range s.account.Arrivals {
		arrivals += a.Copies
	}
	deadline := time.Now().Add(2 * time.Minute)
	s.until("every webhook", 3*time.Minute, func() bool {
		return s.ended() && len(s.receiver.about("sms:received")) >= arrivals || time.Now().After(deadline)
	})
	// Reports that nobody waits for are still under way.
	emptied := func() bool {
		for _, rec := range s.network.Inbound() {
			if rec.Deleted.IsZero() && !rec.Direct || time.Since(rec.Stored) < 3*time.Second {
				return false
			}
		}
		return true
	}
	deadline = time.Now().Add(3 * time.Minute)
	s.until("the storages to be empty", 4*time.Minute, func() bool { return emptied() || time.Now().After(deadline) })
	s.account.Inbox = s.inbox()
	s.terminate()
	s.look(&s.account)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account.Promises = s.promises
	for i := range s.account.Observations {
		s.account.Observations[i].MRs = nil // lines lost octets, and a reference has no check sum
	}
	for _, sub := range s.network.Ledger() {
		s.account.Ledger = append(s.account.Ledger, invariant.Handed{
			PDU: invariant.PDU{Message: s.ids[sub.To], Recipient: sub.To, Part: sub.Part}, At: sub.At,
			Modem: sub.Modem, MR: int(sub.MR), Ref: sub.Ref, Total: sub.Total,
		})
	}
	s.account.Posts = s.receiver.seen()
	for _, rec := range s.network.Inbound() {
		if rec.Deleted.IsZero() && !rec.Direct {
			s.account.Held = append(s.account.Held, invariant.Held{What: fmt.Sprintf("TPDU %d of %s in %s %d", rec.Seq, rec.To, rec.Mem, rec.Index)})
		}
	}
	for i, st := range s.sticks {
		s.account.PUKs += st.PUKAttempts()
		s.account.Transcripts = append(s.account.Transcripts, invariant.Transcript{
			Modem: st.Name(), SIM: st.number, Lines: s.recorders[i].Lines(),
		})
	}
}

// ended reports whether each message that ended was told of.
func (s *soak) ended() bool {
	told := make(map[string]bool)
	for _, e := range []string{"sms:sent", "sms:failed"} {
		for id := range s.receiver.about(e) {
			told[id] = true
		}
	}
	return len(told) >= len(s.promises)
}

// about returns the messages that an event was received of.
func (r *receiver) about(event string) map[string]bool {
	out := make(map[string]bool)
	for _, p := range r.all() {
		if p.Event == event {
			out[p.Payload.MessageID] = true
		}
	}
	return out
}

// report prints recoveries by class of fault, and what the machine was asked for.
func (s *soak) report() {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault class\tcount\trecovery p50\tmax")
	for _, class := range slices.Sorted(maps.Keys(s.took)) {
		d := slices.Sorted(slices.Values(s.took[class]))
		fmt.Fprintf(w, "%s\t%d\t%v\t%v\n", class, len(d), d[len(d)/2].Round(time.Millisecond), d[len(d)-1].Round(time.Millisecond))
	}
	w.Flush()
	slowest := slices.SortedFunc(slices.Values(s.account.Recoveries), func(a, b invariant.Recovery) int { return int(b.Took - a.Took) })
	for _, r := range slowest[:min(5, len(slowest))] {
		fmt.Fprintf(&b, "slow: %v after %s\n", r.Took.Round(time.Millisecond), r.Fault)
	}
	quarter := len(s.account.Usage) / 4
	for i := range 4 {
		if part := s.account.Usage[i*quarter : (i+1)*quarter]; len(part) > 0 {
			u := part[len(part)/2]
			fmt.Fprintf(&b, "quarter %d: %d goroutines, %d files, %.1f MiB\n", i+1, u.Goroutines, u.Files, float64(u.Memory)/(1<<20))
		}
	}
	doubled := make(map[invariant.PDU]int)
	for _, h := range s.account.Ledger {
		doubled[h.PDU]++
	}
	twice := 0
	for _, n := range doubled {
		if n > 1 {
			twice++
		}
	}
	fmt.Fprintf(&b, "%d messages, %d PDUs, %d of them more than once; %d texts came in; %d webhooks\n",
		len(s.account.Promises), len(s.account.Ledger), twice, len(s.account.Inbox), len(s.account.Posts))
	s.t.Log("\n" + b.String())
}
