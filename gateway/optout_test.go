package gateway_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

const somebody = "+4917012345678"

func optOutWorld(w *world) {
	w.opts.Region = "DE"
	w.opts.OptOut = &gateway.OptOutRules{Stop: []string{"Kein Interesse"}, Start: []string{"weiter"}}
	w.start()
	w.subscribe()
}

// wantRefused submits to a number, and wants an error that holds all of the texts.
func (w *world) wantRefused(number string, texts ...string) {
	w.t.Helper()
	_, err := w.gw.Submit(w.t.Context(), gateway.Submission{Text: "x", Numbers: []string{"+4915110000001", number}})
	if gateway.CodeOf(err) != gateway.Invalid {
		w.t.Fatalf("submit to %s: %v, want it refused", number, err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			w.t.Errorf("submit to %s: %q lacks %q", number, err, text)
		}
	}
}

func TestOptOutAndIn(t *testing.T) {
	bubble(t, 1, func(w *world) {
		optOutWorld(w)
		w.incoming(somebody, " Stop! ")
		w.incoming(somebody, "STOP") // it is known
		w.wantRefused(somebody, "phoneNumbers[1]", time.Now().Format(time.DateOnly), "it sent STOP", "START", "DELETE /opt-outs/"+somebody)
		w.wantRefused("0170 12345678", "phoneNumbers[1]")
		w.stop()
		w.start()
		w.wantRefused(somebody, "opted out")
		w.submit(gateway.Submission{Numbers: []string{"+33712345678"}}) // another one that ends the same
		w.settle()
		w.incoming("017012345678", "weiter")
		w.incoming(somebody, "Start")
		w.submit(gateway.Submission{Numbers: []string{somebody}})
		w.settle()

		const want = "sms:received sms:opted-out sms:received sms:sent sms:received sms:opted-in sms:received sms:sent"
		if got := w.eventTypes(); got != want {
			w.t.Errorf("events %q, want %q", got, want)
		}
		es := w.events()
		in := es[0].Payload.(gateway.MessageReceived)
		out := gateway.OptedOut{Consent: gateway.Consent{
			Number: somebody, MessageID: in.MessageID, Text: " Stop! ", Keyword: "STOP", SIM: in.SIM, Modem: in.Modem, At: in.ReceivedAt,
		}}
		if diff := cmp.Diff(gateway.Payload(out), es[1].Payload); diff != "" {
			w.t.Errorf("opted out (-want +got):\n%s", diff)
		}
		if p := es[5].Payload.(gateway.OptedIn); p.Number != somebody || p.Keyword != "weiter" || p.MessageID == "" {
			w.t.Errorf("opted in: %+v", p)
		}
	})
}

// A keyword is all of a message, however it is written.
func TestOptOutKeywords(t *testing.T) {
	for text, want := range map[string]bool{
		"STOP": true, "stop": true, "Stop.": true, "\"STOP\"\n": true, "stop all": true, "StopAll": true, "Unsubscribe": true,
		"cancel": true, "END": true, "Quit": true, "kein interesse!": true, "KeinInteresse": true, "🛑 STOP": true,
		".": false, "please stop": false, "stop it": false, "stopp": false, "START": false, "Interesse": false, "STOP START": false,
	} {
		t.Run(text, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				optOutWorld(w)
				w.incoming(somebody, text)
				if _, n, err := w.gw.OptOuts(10, 0); err != nil || (n == 1) != want {
					w.t.Errorf("%q: %d opted out, %v; want it to count: %v", text, n, err, want)
				}
			})
		})
	}
}

// Who opts out while messages wait is not sent them, and who is being sent one gets
// the rest of it.
func TestOptOutWhileWaiting(t *testing.T) {
	bubble(t, 1, func(w *world) {
		optOutWorld(w)
		w.modems[0].radio = time.Minute
		begun := w.submit(gateway.Submission{Text: long, Numbers: []string{somebody}})
		w.pass(time.Second)
		waits := w.submit(gateway.Submission{Numbers: []string{somebody}})
		later := w.submit(gateway.Submission{Numbers: []string{somebody}, ScheduleAt: time.Now().Add(24 * time.Hour)})
		w.incoming(somebody, "STOP")
		w.pass(25 * time.Hour)
		w.wantState(begun.ID, gateway.Sent)
		for _, m := range []gateway.Message{waits, later} {
			got := w.wantState(m.ID, gateway.Failed)
			if e := got.Recipients[0].Error; e != "The recipient opted out of messages" {
				w.t.Errorf("error %q", e)
			}
		}
	})
}

// Names and data have no say, and without the option nobody has.
func TestNobodyOptsOut(t *testing.T) {
	bubble(t, 1, func(w *world) {
		optOutWorld(w)
		w.incoming("Bank", "STOP")
		w.incoming("", "STOP")
		if _, n, err := w.gw.OptOuts(10, 0); err != nil || n != 0 {
			w.t.Errorf("%d opted out, %v", n, err)
		}
		w.incoming(somebody, "STOP")
		w.stop()
		w.opts.OptOut = nil
		w.start()
		w.incoming("+4917099999999", "STOP")
		for _, number := range []string{somebody, "+4917099999999"} {
			w.submit(gateway.Submission{Numbers: []string{number}})
		}
		if _, _, err := w.gw.AddOptOut(w.t.Context(), somebody); gateway.CodeOf(err) != gateway.Invalid || !strings.Contains(err.Error(), "optout.enabled") {
			w.t.Errorf("AddOptOut: %v", err)
		}
		if err := w.gw.DropOptOut(w.t.Context(), somebody); err != nil { // what is kept can be deleted
			w.t.Error(err)
		}
		w.settle()
	})
}

// The owner of the gateway may speak for others.
func TestOptOutByOwner(t *testing.T) {
	bubble(t, 1, func(w *world) {
		optOutWorld(w)
		add := func(number string, want bool) {
			w.t.Helper()
			if o, added, err := w.gw.AddOptOut(w.t.Context(), number); err != nil || added != want || o.Number != somebody {
				w.t.Errorf("AddOptOut(%s) = %+v, %v, %v", number, o, added, err)
			}
		}
		add("0170 12345678", true)
		add(somebody, false)
		w.wantRefused(somebody, "its owner asked for it")
		for _, bad := range []string{"", "call me", "+1"} {
			if _, _, err := w.gw.AddOptOut(w.t.Context(), bad); gateway.CodeOf(err) != gateway.Invalid {
				w.t.Errorf("AddOptOut(%q): %v", bad, err)
			}
		}
		if err := w.gw.DropOptOut(w.t.Context(), "017012345678"); err != nil {
			w.t.Error(err)
		}
		if err := w.gw.DropOptOut(w.t.Context(), somebody); gateway.CodeOf(err) != gateway.NotFound {
			w.t.Errorf("dropped twice: %v", err)
		}
		w.submit(gateway.Submission{Numbers: []string{somebody}})
		w.settle()
		if got, want := w.eventTypes(), "sms:opted-out sms:opted-in sms:sent"; got != want {
			w.t.Errorf("events %q, want %q", got, want)
		}
		if p := w.events()[0].Payload.(gateway.OptedOut); p.Keyword != "" || p.MessageID != "" || p.Number != somebody {
			w.t.Errorf("payload %+v", p)
		}
	})
}

func TestOptOutRules(t *testing.T) {
	for want, r := range map[string]gateway.OptOutRules{
		"":                       {Stop: []string{"NO", "END"}, Start: []string{"YES"}},
		`"!!" is no keyword`:     {Stop: []string{"!!"}},
		`"unstop" cannot be`:     {Stop: []string{"unstop"}},
		`"Stop all" cannot be`:   {Start: []string{"Stop all"}},
		`"yes" cannot be a keyw`: {Stop: []string{"yes"}, Start: []string{"YES!"}},
	} {
		if got := fmt.Sprint(r.Check()); !strings.HasPrefix(got, want) || want == "" && got != "<nil>" {
			t.Errorf("%+v: %s, want %q", r, got, want)
		}
	}
}
