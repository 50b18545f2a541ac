package modem

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// oddities are ways in which modems differ, each on its own.
func oddities() []emulator.Profile {
	odd := func(name string, change func(p *emulator.Profile)) emulator.Profile {
		p := emulator.Generic()
		p.Name = name
		change(&p)
		return p
	}
	usable := slices.DeleteFunc(emulator.Profiles(), func(p emulator.Profile) bool {
		return p.SubmitFinal != "" || p.Formats != nil // cannot send, or knows no PDUs
	})
	return append(usable, []emulator.Profile{
		odd("one octet at a time", func(p *emulator.Profile) { p.ChunkSize = 1 }),
		odd("slow", func(p *emulator.Profile) { p.CommandDelay = 700 * time.Millisecond }),
		odd("very slow", func(p *emulator.Profile) { p.CommandDelay = 2500 * time.Millisecond }),
		odd("late to start", func(p *emulator.Profile) {
			p.BootDelay, p.SIMDelay, p.RegisterDelay = 5*time.Second, 20*time.Second, 40*time.Second
		}),
		odd("deaf at first", func(p *emulator.Profile) { p.SwallowLines = 5 }),
		odd("SM only", func(p *emulator.Profile) { p.Stores = []string{"SM"} }),
		odd("own storage for reports", func(p *emulator.Profile) {
			p.Stores, p.ReportStore, p.CNMI[3] = []string{"SM", "ME", "SR"}, "SR", []int{0, 2}
		}),
		odd("short +CPMS", func(p *emulator.Profile) { p.ShortCPMS = true }),
		odd("indices from 0", func(p *emulator.Profile) { p.FirstZero = true }),
		odd("no notification", func(p *emulator.Profile) { p.CNMI[0], p.CNMI[1] = []int{0}, []int{0} }),
		odd("routes everything", func(p *emulator.Profile) { p.CNMI[1] = []int{2} }),
		odd("bfr 1", func(p *emulator.Profile) { p.CNMI[4] = []int{1} }),
		odd("no +CNMI ds 1", func(p *emulator.Profile) {
			p.CNMITest, p.CNMI[3] = "+CNMI: (0-3),(0-3),(0,2,3),(0-2),(0,1)", []int{0, 2}
		}),
		odd("no reference", func(p *emulator.Profile) { p.OmitReference = true }),
		odd("padded reference", func(p *emulator.Profile) { p.ReferenceFormat = "%03d" }),
		odd("prompt alone", func(p *emulator.Profile) { p.Prompt = ">" }),
		odd("prompt after CR", func(p *emulator.Profile) { p.Prompt = "\r> " }),
		odd("two prompts", func(p *emulator.Profile) { p.Prompt = "\r\n> \r\n> " }),
		odd("early refusal", func(p *emulator.Profile) { p.RefuseEarly = true }),
		odd("+CPIN? without OK", func(p *emulator.Profile) { p.BarePIN = true }),
		odd("OK to an escape", func(p *emulator.Profile) { p.EscapeOK = true }),
		odd("CR alone", func(p *emulator.Profile) { p.LineHead, p.LineTail = "\r", "\r" }),
		odd("LF alone", func(p *emulator.Profile) { p.LineHead, p.LineTail = "\n", "\n" }),
		odd("CR CR LF", func(p *emulator.Profile) { p.LineTail = "\r\r\n" }),
		odd("errors always in words", func(p *emulator.Profile) { p.Unknown = "COMMAND NOT SUPPORT" }),
		odd("noisy", func(p *emulator.Profile) {
			p.Noise = []emulator.Noise{{Every: 10 * time.Millisecond, Line: "^RSSI:18"}, {Every: 33 * time.Millisecond, Line: "+CREG: 1"}}
		}),
	}...)
}

// Every modem sends, receives, reports, and ends with an empty storage.
func TestConformance(t *testing.T) {
	for _, profile := range oddities() {
		t.Run(profile.Name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile, PIN: "1234"}, modem: Options{PIN: "1234"}})
				r.deliver("waiting")
				r.awaitState(gateway.ModemReady)
				if _, err := r.sendWith(t.Context(), gateway.Outgoing{To: "+4915229999999", DeliveryReport: true}, "hello"); err != nil {
					t.Fatalf("Send: %v", err)
				}
				r.deliver("later")
				if diff := cmp.Diff([]string{"waiting", "later"}, texts(r.inbox.awaitFragments(t, 2))); diff != "" {
					t.Errorf("texts (-want +got):\n%s", diff)
				}
				if got := r.inbox.awaitReports(t, 1); got[0].Outcome != gateway.WasDelivered {
					t.Errorf("report = %+v", got[0])
				}
				r.network.SetRule(peerNumber, emulator.Rule{Code: 38})
				_, err := r.send(peerNumber, "hello")
				if got := fault(t, err); got.Code != "CMS 38" {
					t.Errorf("refused Send = %v", err)
				}
				r.awaitEmpty()
				if got := r.device.PINAttempts(); got != 1 {
					t.Errorf("%d attempts at the PIN, want 1", got)
				}
				if got := r.device.BytesDuringSubmit(); len(got) > 0 {
					t.Errorf("written while submitting: %q", got)
				}
			})
		})
	}
}

// Octets get lost, and lines come in between. No message is lost, none is sent
// twice without being known as doubtful, and none leaves the SIM untaken.
func TestLossyPort(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{})
				var mu sync.Mutex
				rnd := rand.New(rand.NewPCG(seed, 1))
				lossy := true
				r.device.Fault(emulator.Fault{At: emulator.OnWrite, Times: -1, Mangle: func(b []byte) []byte {
					mu.Lock()
					defer mu.Unlock()
					if !lossy || rnd.IntN(6) > 0 || len(b) == 0 {
						return b
					}
					out := bytes.Clone(b)
					at := rnd.IntN(len(out))
					if rnd.IntN(2) == 0 {
						return append(append(out[:at:at], "\r\n^NOISE: 1\r\n"...), out[at:]...)
					}
					return append(out[:at], out[min(at+1+rnd.IntN(8), len(out)):]...)
				}})
				known := map[string]int{} // copies that may have left, by text
				for i := range 10 {
					r.deliver(fmt.Sprint("in ", i))
					text := fmt.Sprint("out ", i)
					for {
						r.awaitState(gateway.ModemReady)
						_, err := r.send(peerNumber, text)
						f := fault(t, err)
						if err == nil || f.Fate == gateway.Unknown {
							known[text]++
							break
						}
						if f.Fate == gateway.Rejected && f.Action == gateway.Fail {
							t.Fatalf("Send: %v", err)
						}
						time.Sleep(time.Second)
					}
				}
				mu.Lock()
				lossy = false
				mu.Unlock()
				r.awaitEmpty()
				got, want := map[string]bool{}, map[string]bool{}
				for _, text := range texts(r.inbox.awaitFragments(t, 10)) {
					got[text] = true
				}
				for i := range 10 {
					want[fmt.Sprint("in ", i)] = true
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("received (-want +got):\n%s", diff)
				}
				sent := map[string]int{}
				for _, s := range r.network.Ledger() {
					sent[s.Text]++
				}
				for text, n := range sent {
					if n > known[text] {
						t.Errorf("%q was sent %d times, of which %d are known", text, n, known[text])
					}
				}
			})
		})
	}
}
