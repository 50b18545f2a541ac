package emulator

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestCalls(t *testing.T) {
	const from = "+4917212345"
	clip := "\r\n+CLIP: \"+4917212345\",145,\"\",0,\"\",0\r\n"
	for _, tc := range []struct {
		name string
		from string
		talk []exchange // "wait" is four seconds, "leave" the caller's end
		want CallRecord
	}{
		{"rings", from, []exchange{{"", "\r\nRING\r\n"}, {"wait", "\r\nRING\r\n"}, {"AT+CLCC\r", framed(`+CLCC: 1,1,4,0,0,"+4917212345",145`)}}, CallRecord{Rings: 2}},
		{"refused with ATH", from, []exchange{{"", "\r\nRING\r\n"}, {"ATH\r", framed()}, {"wait", ""}}, CallRecord{Rings: 1, End: CallRefused}},
		{"refused with CHUP", from, []exchange{{"", "\r\nRING\r\n"}, {"AT+CHUP\r", framed()}, {"wait", ""}, {"AT+CLCC\r", framed()}}, CallRecord{Rings: 1, End: CallRefused}},
		{"answered", from, []exchange{{"", "\r\nRING\r\n"}, {"ATA\r", framed()}, {"AT+CLCC\r", framed(`+CLCC: 1,1,0,0,0,"+4917212345",145`)}, {"ATH\r", framed()}}, CallRecord{Rings: 1, Answered: true, End: CallHungUp}},
		{"caller leaves", from, []exchange{{"", "\r\nRING\r\n"}, {"leave", "\r\nNO CARRIER\r\n\r\nMISSED " + from + "\r\n"}, {"ATA\r", refused("NO CARRIER")}}, CallRecord{Rings: 1, End: CallMissed}},
		{"caller leaves an answered one", from, []exchange{{"", "\r\nRING\r\n"}, {"ATA\r", framed()}, {"leave", "\r\nNO CARRIER\r\n"}}, CallRecord{Rings: 1, Answered: true, End: CallOver}},
		{"identified", from, []exchange{{"", "\r\nRING\r\n"}, {"AT+CLIP=1;+CRC=1\r", framed()}, {"wait", "\r\n+CRING: VOICE\r\n" + clip}}, CallRecord{Rings: 2}},
		{"withheld", "", []exchange{{"", "\r\nRING\r\n"}, {"AT+CLIP=1\r", framed()}, {"wait", "\r\nRING\r\n\r\n+CLIP: \"\",128,\"\",0,\"\",1\r\n"}}, CallRecord{Rings: 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{})
				h := attachHost(t, NewModem(n, ModemOptions{Number: ours, Profile: Profile{Name: "x", MissedCall: "MISSED {number}"}}))
				h.setUp()
				leave, err := n.Call(tc.from, ours)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range tc.talk {
					var got string
					switch e.send {
					case "wait":
						time.Sleep(RingEvery)
						got = h.heard()
					case "leave":
						leave()
						got = h.heard()
					case "":
						got = h.heard()
					default:
						got = h.ask(e.send)
					}
					if got != e.want {
						t.Errorf("%q: heard %q, want %q", e.send, got, e.want)
					}
				}
				tc.want.From, tc.want.To = tc.from, ours
				if diff := cmp.Diff([]CallRecord{tc.want}, n.Calls(), cmpopts.IgnoreTypes(time.Time{})); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestCallUnanswered lets the network give up, and calls a modem that is busy or away.
func TestCallUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{Number: ours})
		h := attachHost(t, m)
		h.setUp()
		call := func() {
			t.Helper()
			if _, err := n.Call("12345", ours); err != nil {
				t.Fatal(err)
			}
		}
		call()
		call() // while the first rings
		time.Sleep(CallTimeout + RingEvery)
		call()
		m.Reset() // loses it
		time.Sleep(time.Minute)
		m.SetRegistration(2)
		call()
		var ends []CallEnd
		for _, c := range n.Calls() {
			ends = append(ends, c.End)
		}
		if diff := cmp.Diff([]CallEnd{CallMissed, CallNoAnswer, CallMissed, CallNoAnswer}, ends); diff != "" {
			t.Errorf("ends (-want +got):\n%s", diff)
		}
		if _, err := n.Call("12345", "+331"); err == nil {
			t.Error("a number nobody has was called")
		}
	})
}
