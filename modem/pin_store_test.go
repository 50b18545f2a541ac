package modem

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/modem/emulator"
	"tetherd/store"
)

// diskJournal is a real store that is closed and opened again, and fails when told to.
type diskJournal struct {
	t    *testing.T
	path string

	mu     sync.Mutex
	db     *store.DB
	before int // writes that fail and are not stored
	after  int // writes that are stored and said to have failed
}

func newDiskJournal(t *testing.T) *diskJournal {
	t.Helper()
	j := &diskJournal{t: t, path: filepath.Join(t.TempDir(), "test.db")}
	j.open()
	t.Cleanup(func() { j.close() })
	return j
}

func (j *diskJournal) open() {
	j.t.Helper()
	begun := time.Now()
	db, err := store.Open(j.path, store.Options{
		Clock: gateway.ClockSource{Boot: func() (time.Duration, string) { return time.Since(begun), "boot" }}, Log: zerolog.Nop(),
	})
	if err != nil {
		j.t.Fatalf("open store: %v", err)
	}
	j.db = db
}

func (j *diskJournal) close() {
	if err := j.db.Close(); err != nil {
		j.t.Errorf("close store: %v", err)
	}
}

// reopen is what a restart of the gateway does.
func (j *diskJournal) reopen() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.close()
	j.open()
}

// fail makes the next write fail, with or without having been stored.
func (j *diskJournal) fail(stored bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if stored {
		j.after++
	} else {
		j.before++
	}
}

// write runs a write with the failures that are due.
func (j *diskJournal) write(f func() error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.before > 0 {
		j.before--
		return errors.New("disk full")
	}
	err := f()
	if j.after > 0 {
		j.after--
		return errors.New("power lost")
	}
	return err
}

func (j *diskJournal) PINTried(sim, pin string) (bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.db.PINTried(sim, pin)
}

func (j *diskJournal) RecordPIN(ctx context.Context, sim, pin string) error {
	return j.write(func() error { return j.db.RecordPIN(ctx, sim, pin) })
}

func (j *diskJournal) ClearPIN(ctx context.Context, sim, pin string) error {
	return j.write(func() error { return j.db.ClearPIN(ctx, sim, pin) })
}

func (j *diskJournal) Watchdog(modem string) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.db.Watchdog(modem)
}

func (j *diskJournal) RecordWatchdog(ctx context.Context, modem string, b []byte) error {
	return j.write(func() error { return j.db.RecordWatchdog(ctx, modem, b) })
}

// Whatever happens around it, a PIN that was not accepted is entered once: one SIM goes
// through 1,000 restarts of the gateway and the modem, unplugs, failures of the disk and
// answers that are lost, 99 others go through 20 of them, and all are unlocked by their
// owner's phone in between.
func TestPINOnceWhatever(t *testing.T) {
	const sims = 50
	for _, pin := range []string{"4321", "1234"} {
		for seed := range uint64(sims) {
			t.Run(fmt.Sprintf("%s/%d", pin, seed), func(t *testing.T) {
				pipe(t, func(t *testing.T, w world) {
					j := newDiskJournal(t)
					r := newRig(t, w, rigOptions{
						unborn: true, device: emulator.ModemOptions{PIN: "1234"}, modem: Options{PIN: pin}, disk: j,
					})
					rnd := rand.New(rand.NewPCG(seed, 3))
					accepted, events := 0, 20
					if seed == 0 && pin != "1234" {
						events = 1000
					}
					for range events {
						r.misfortune(rnd, j)
						r.plug.in()
						s := r.await("an end", func(s gateway.ModemStatus) bool {
							return s.State == gateway.ModemReady || s.State == gateway.ModemBlocked
						})
						if s.State == gateway.ModemReady {
							accepted++
						}
					}
					most := 1
					if pin == "1234" {
						most = accepted + 1 // each acceptance allows for another attempt
					}
					if got := r.device.PINAttempts(); got > most {
						t.Errorf("%d attempts, want at most %d", got, most)
					}
					if got := r.device.PUKAttempts(); got != 0 {
						t.Errorf("%d attempts at the PUK", got)
					}
				})
			})
		}
	}
}

// misfortune is something that happens to a modem, its SIM or the gateway.
func (r *rig) misfortune(rnd *rand.Rand, j *diskJournal) {
	entry := emulator.Fault{At: emulator.OnCommand, Command: "+CPIN="}
	if rnd.IntN(2) == 0 {
		entry.At = emulator.BeforeFinal // the SIM has it
	}
	switch rnd.IntN(10) {
	case 0:
		j.fail(false)
	case 1:
		j.fail(true)
	case 2:
		entry.Do = emulator.DropAnswer
		r.device.Fault(entry)
	case 3:
		entry.Do = emulator.ClosePort
		r.device.Fault(entry)
	case 4:
		entry.Do = emulator.Reboot
		r.device.Fault(entry)
	case 5: // the SIM does not tell who it is
		for _, cmd := range genericCards {
			r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: cmd, Final: "ERROR"})
		}
	case 6, 7:
		r.stop()
		j.reopen()
		r.restart()
	case 8:
		r.device.Reset()
	case 9:
		r.plug.out()
		r.awaitState(gateway.ModemAbsent)
	}
	if rnd.IntN(3) == 0 {
		r.device.Reset()
	}
	time.Sleep(time.Duration(rnd.IntN(120)) * time.Second)
}

// A PIN that the SIM refused is not entered again after somebody else unlocked the SIM,
// one whose fate is not known is.
func TestPINUnlockedOtherwise(t *testing.T) {
	for _, tt := range []struct {
		name, pin string
		lost      bool
		attempts  int
	}{
		{"refused", "4321", false, 1},
		{"accepted, answer lost", "1234", true, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{unborn: true, device: emulator.ModemOptions{PIN: "1234"}, modem: Options{PIN: tt.pin}})
				if tt.lost {
					r.device.Fault(emulator.Fault{At: emulator.BeforeFinal, Command: "+CPIN=", Do: emulator.Reboot})
				}
				r.plug.in()
				r.awaitState(gateway.ModemBlocked)
				r.stop()
				r.command(`AT+CPIN="1234"`, "")
				r.restart()
				r.awaitState(gateway.ModemReady)
				before := r.device.PINAttempts()
				r.device.Reset()
				want := gateway.ModemReady
				if tt.attempts == 1 {
					want = gateway.ModemBlocked
				}
				time.Sleep(10 * time.Minute)
				r.awaitState(want)
				if got := r.device.PINAttempts() - before; got != tt.attempts-1 {
					t.Errorf("%d attempts after the SIM was unlocked otherwise, want %d", got, tt.attempts-1)
				}
			})
		})
	}
}
