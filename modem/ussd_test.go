package modem

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// menu is a dialogue of two steps.
var menu = emulator.Dialogue{Text: "1 Credit\n2 Help", Replies: map[string]emulator.Dialogue{"1": {Text: "Your credit is 3.50 EUR"}}}

func reply(text string, s gateway.USSDStatus) gateway.USSDAnswer {
	return gateway.USSDAnswer{Text: text, Status: s}
}

// Every family answers a code, goes through a menu, and sends and receives messages
// afterwards.
func TestUSSD(t *testing.T) {
	for _, profile := range emulator.Profiles() {
		if profile.Name == "motorola-text" || profile.Name == "samsung-galaxy" {
			continue // not for messages at all
		}
		t.Run(profile.Name, func(t *testing.T) {
			pipe(t, func(t *testing.T, w world) {
				r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Profile: profile}})
				r.device.SetUSSD("*100#", emulator.Dialogue{Text: "Your balance is 12.34 EUR", Delay: 5 * time.Second})
				r.device.SetUSSD("*101#", menu)
				r.awaitState(gateway.ModemReady)
				for _, tt := range []struct {
					q    gateway.USSDQuery
					want gateway.USSDAnswer
				}{
					{gateway.USSDQuery{Code: "*100#"}, reply("Your balance is 12.34 EUR", gateway.USSDDone)},
					{gateway.USSDQuery{Code: "*101#"}, reply("1 Credit\n2 Help", gateway.USSDReplyNeeded)},
					{gateway.USSDQuery{Reply: "1"}, reply("Your credit is 3.50 EUR", gateway.USSDDone)},
					{gateway.USSDQuery{Code: "*999#"}, reply("", gateway.USSDUnsupported)},
				} {
					got, err := r.modem.USSD(t.Context(), tt.q)
					if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
						t.Errorf("USSD %+v: %v (-want +got):\n%s", tt.q, err, diff)
					}
				}
				r.sendPatiently(peerNumber, "after")
				r.deliver("in")
				r.inbox.awaitFragments(t, 1)
				if got := r.modem.Status().Counters.Sessions; got != 1 {
					t.Errorf("%d sessions, want 1", got)
				}
			})
		})
	}
}

func TestUSSDRefused(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.device.SetUSSD("*100#", emulator.Dialogue{Text: "3 EUR"})
		r.device.SetUSSD("*1#", emulator.Dialogue{Silent: true})
		want := func(q gateway.USSDQuery, code gateway.Code, text string) {
			t.Helper()
			_, err := r.modem.USSD(t.Context(), q)
			if gateway.CodeOf(err) != code || err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("USSD %+v: %v, want %s with %q", q, err, code, text)
			}
		}
		want(gateway.USSDQuery{Code: "*100#"}, gateway.Conflict, "the modem is not set up")
		r.awaitState(gateway.ModemReady)
		want(gateway.USSDQuery{Reply: "1"}, gateway.Conflict, "no USSD session is open")
		want(gateway.USSDQuery{Code: "*1#"}, gateway.Conflict, "did not answer in time")
		want(gateway.USSDQuery{Code: "*100#\",15\r\nAT+CMGD=1,4"}, gateway.Invalid, "quotes or control characters")
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CUSD=1", Times: 2, Final: "+CME ERROR: 100"})
		want(gateway.USSDQuery{Code: "*100#"}, gateway.Conflict, "over LTE without fallback")
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CUSD=1", Final: "+CME ERROR: 30"})
		want(gateway.USSDQuery{Code: "*100#"}, gateway.Conflict, "no network")
		// A session that was left open elsewhere is ended.
		r.device.Fault(emulator.Fault{At: emulator.OnCommand, Command: "+CUSD=1", Final: "+CME ERROR: 258"})
		if got, err := r.modem.USSD(t.Context(), gateway.USSDQuery{Code: "*100#"}); err != nil || got != reply("3 EUR", gateway.USSDDone) {
			t.Errorf("after a session left open: %+v, %v", got, err)
		}
		// The modem goes away while the network thinks.
		r.device.Fault(emulator.Fault{At: emulator.AfterFinal, Command: "+CUSD=1", Do: emulator.ClosePort})
		want(gateway.USSDQuery{Code: "*1#"}, gateway.Conflict, "lost")
	})
}

// While a menu is open messages wait, for a minute at most.
func TestUSSDHoldsMessages(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.device.SetUSSD("*101#", menu)
		r.awaitState(gateway.ModemReady)
		if _, err := r.modem.USSD(t.Context(), gateway.USSDQuery{Code: "*101#"}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		sent := make(chan error, 1)
		go func() {
			_, err := r.send(peerNumber, "patience")
			sent <- err
		}()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if n := len(r.network.Ledger()); n != 0 {
			t.Errorf("%d messages were sent while the menu was open", n)
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < ussdPatient || took > ussdPatient+10*time.Second {
			t.Errorf("the message waited %v, want %v", took, ussdPatient)
		}
		if _, err := r.modem.USSD(t.Context(), gateway.USSDQuery{Reply: "1"}); gateway.CodeOf(err) != gateway.Conflict {
			t.Errorf("reply after the end: %v", err)
		}
	})
}

// A caller that goes away does not keep the modem.
func TestUSSDCallerLeaves(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{})
		r.device.SetUSSD("*1#", emulator.Dialogue{Silent: true})
		r.awaitState(gateway.ModemReady)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := r.modem.USSD(ctx, gateway.USSDQuery{Code: "*1#"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("USSD = %v", err)
		}
		began := time.Now()
		r.sendPatiently(peerNumber, "next")
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the next message took %v", took)
		}
	})
}

func TestParseCUSD(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want gateway.USSDAnswer
	}{
		{`+CUSD: 0,"3 EUR",15`, reply("3 EUR", gateway.USSDDone)},
		{`+CUSD:1,"1 Credit` + "\n" + `2 Help",15`, reply("1 Credit\n2 Help", gateway.USSDReplyNeeded)},
		{`+CUSD: 0,"say ""hi"", he said",15`, reply(`say ""hi"", he said`, gateway.USSDDone)},
		{`+CUSD: 0,"cut off`, reply("cut off", gateway.USSDDone)},
		{`+CUSD: 0,no quotes,15`, reply("no quotes", gateway.USSDDone)},
		{`+CUSD: 0,no quotes`, reply("no quotes", gateway.USSDDone)},
		{`+CUSD: 2`, reply("", gateway.USSDTerminated)},
		{`+CUSD: 3`, reply("", gateway.USSDElsewhere)},
		{`+CUSD: 5`, reply("", gateway.USSDTimeout)},
		{`+CUSD: 77,"x"`, reply("x", gateway.USSDDone)},
		{`+CUSD: 0,"041704340440",72`, reply("Здр", gateway.USSDDone)},
		{`+CUSD:`, reply("", gateway.USSDDone)},
	} {
		if diff := cmp.Diff(tt.want, parseCUSD(tt.in)); diff != "" {
			t.Errorf("parseCUSD(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}
