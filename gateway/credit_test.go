package gateway_test

import (
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tetherd/gateway"
)

// creditWorld has a modem whose operator tells a balance.
func creditWorld(w *world, answer func() (gateway.USSDAnswer, error)) {
	limit := 5.0
	w.opts.Balances = map[string]gateway.BalanceQuery{"modem1": {
		Code: "*100#", Every: 24 * time.Hour, Match: regexp.MustCompile(`is ([0-9.,]+) EUR`), Below: &limit,
	}}
	w.modems[0].ussd = func(gateway.USSDQuery) (gateway.USSDAnswer, error) { return answer() }
	w.start()
	w.subscribe()
}

func says(text string) (gateway.USSDAnswer, error) {
	return gateway.USSDAnswer{Text: text, Status: gateway.USSDDone}, nil
}

// The event comes once when the credit falls below the limit, and again only
// after it was above, also over restarts.
func TestBalanceLow(t *testing.T) {
	bubble(t, 1, func(w *world) {
		var text atomic.Value
		text.Store("Your balance is 12,50 EUR.")
		creditWorld(w, func() (gateway.USSDAnswer, error) { return says(text.Load().(string)) })
		day := func(say, want string) {
			w.t.Helper()
			text.Store(say)
			w.pass(24*time.Hour + 10*time.Second)
			if got := w.eventTypes(); got != want {
				w.t.Errorf("after %q: events %q, want %q", say, got, want)
			}
		}
		w.pass(2 * time.Minute)
		if b := w.gw.Modems()[0].Balance; b.Value != 12.5 || b.Low || b.Error != "" || b.At.IsZero() {
			w.t.Errorf("balance %+v", b)
		}
		day("Your balance is 5.00 EUR.", "")
		day("Your balance is 4.99 EUR.", "balance:low")
		day("Your balance is 3.00 EUR.", "balance:low")
		w.stop()
		w.start()
		if b := w.gw.Modems()[0].Balance; b.Value != 3 || !b.Low {
			w.t.Errorf("balance after a restart %+v", b)
		}
		if c := w.gw.Health().Checks["modem:1:balance"]; c.Status != gateway.Warn || !strings.Contains(c.Description, "top it up") {
			w.t.Errorf("check %+v", c)
		}
		day("Your balance is 2.00 EUR.", "balance:low")
		day("Your balance is 1,020.00 EUR.", "balance:low")
		if c := w.gw.Health().Checks["modem:1:balance"]; c.Status != gateway.Pass || c.ObservedValue != 1020 {
			w.t.Errorf("check %+v", c)
		}
		day("Your balance is 0.10 EUR.", "balance:low balance:low")
		p, ok := w.events()[1].Payload.(gateway.BalanceLow)
		if !ok || p.Balance != 0.1 || p.Limit != 5 || p.SIM != 1 || p.Text != "Your balance is 0.10 EUR." {
			w.t.Errorf("payload %+v", p)
		}
	})
}

// A question that fails is asked again soon, and says what is wrong.
func TestBalanceUnknown(t *testing.T) {
	bubble(t, 1, func(w *world) {
		var asked atomic.Int32
		refusal := &gateway.Error{Code: gateway.Conflict, Message: "the network did not answer in time: try again later"}
		creditWorld(w, func() (gateway.USSDAnswer, error) {
			switch asked.Add(1) {
			case 1:
				return gateway.USSDAnswer{}, refusal
			case 2:
				return says("Come into our shop!")
			}
			return says("It is 7 EUR")
		})
		w.pass(2 * time.Minute)
		if b := w.gw.Modems()[0].Balance; !strings.Contains(b.Error, "did not answer in time") || !b.At.IsZero() {
			w.t.Errorf("balance %+v", b)
		}
		w.pass(31 * time.Minute)
		if b := w.gw.Modems()[0].Balance; !strings.Contains(b.Error, "balance.match") || b.Text != "Come into our shop!" {
			w.t.Errorf("balance %+v", b)
		}
		if c := w.gw.Health().Checks["modem:1:balance"]; c.Status != gateway.Warn {
			w.t.Errorf("check %+v", c)
		}
		if b, err := w.gw.CheckBalance(w.t.Context(), "1"); err != nil || b.Value != 7 || b.Error != "" {
			w.t.Errorf("CheckBalance = %+v, %v", b, err)
		}
		if _, err := w.gw.CheckBalance(w.t.Context(), "1"); gateway.CodeOf(err) != gateway.TooSoon {
			w.t.Errorf("asked at once again: %v", err)
		}
		w.pass(12 * time.Hour)
		if n := asked.Load(); n != 3 {
			w.t.Errorf("asked %d times, want 3", n)
		}
		if _, err := w.gw.CheckBalance(w.t.Context(), "x"); gateway.CodeOf(err) != gateway.NotFound {
			w.t.Errorf("unknown modem: %v", err)
		}
	})
}

// Messages go first.
func TestBalanceWaitsForMessages(t *testing.T) {
	bubble(t, 1, func(w *world) {
		var asked atomic.Int32
		w.modems[0].radio = 5 * time.Minute
		creditWorld(w, func() (gateway.USSDAnswer, error) {
			asked.Add(1)
			return says("is 7 EUR")
		})
		w.pass(30 * time.Second)
		w.submit(gateway.Submission{Text: "hi", Numbers: []string{"+4915110000002"}})
		w.pass(4 * time.Minute)
		synctest.Wait()
		if asked.Load() != 0 {
			w.t.Error("asked while a message was on its way")
		}
		w.pass(3 * time.Minute)
		if n := asked.Load(); n != 1 {
			w.t.Errorf("asked %d times after it, want once", n)
		}
	})
}

// A modem that cannot be asked is asked as soon as it can.
func TestBalanceWaitsForModem(t *testing.T) {
	bubble(t, 1, func(w *world) {
		var asked atomic.Int32
		w.modems[0].set(gateway.ModemAbsent)
		creditWorld(w, func() (gateway.USSDAnswer, error) {
			asked.Add(1)
			return says("is 7 EUR")
		})
		w.pass(3*time.Hour + time.Second)
		if n := asked.Load(); n != 0 {
			w.t.Errorf("asked %d times without a modem", n)
		}
		w.modems[0].set(gateway.ModemReady)
		w.settle()
		if n := asked.Load(); n != 1 {
			w.t.Errorf("asked %d times at once when it is there, want once", n)
		}
	})
}

func TestNoBalanceConfigured(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		if _, err := w.gw.CheckBalance(w.t.Context(), "1"); gateway.CodeOf(err) != gateway.Invalid {
			w.t.Errorf("CheckBalance = %v", err)
		}
	})
}
