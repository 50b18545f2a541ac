package line

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The answer of a service code may go over several lines, between which anything
// else can come, and is never taken for the answer of a command.
func TestService(t *testing.T) {
	of := func(lines ...string) []URC {
		var out []URC
		for _, l := range lines {
			out = append(out, URC{Kind: Service, Line: l})
		}
		return out
	}
	for _, tt := range []struct {
		name string
		says []string // with a second between them
		want []URC
	}{
		{"one line", []string{"\r\n+CUSD: 0,\"3 EUR\",15\r\n"}, of(`+CUSD: 0,"3 EUR",15`)},
		{"without a string", []string{"\r\n+CUSD: 4\r\nwhat\r\n"}, append(of("+CUSD: 4"), URC{Line: "what"})},
		{"several lines", []string{"\r\n+CUSD: 1,\"1 Credit\r\n2 Top up\r\n\r\n3 +Help\",15\r\nwhat\r\n"}, append(of(`+CUSD: 1,"1 Credit`, "2 Top up", `3 +Help",15`), URC{Line: "what"})},
		{"never closed", []string{"\r\n+CUSD: 0,\"3 EUR\r\n", "\r\nleft\r\n", "", "", "", "\r\nwhat\r\n"}, append(of(`+CUSD: 0,"3 EUR`, "left"), URC{Line: "what"})},
		{"a known code in between", []string{"\r\n+CUSD: 0,\"3\r\n\r\nRING\r\nEUR\",15\r\n"}, []URC{{Kind: Service, Line: `+CUSD: 0,"3`}, {Kind: Call, Line: "RING"}, {Kind: Service, Line: `EUR",15`}}},
		{"words of an answer", []string{"\r\n+CUSD: 0,\"Is that\r\nOK\r\nfor you\",15\r\n"}, of(`+CUSD: 0,"Is that`, "OK", `for you",15`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				for _, s := range tt.says {
					if s != "" {
						b.say(t, s)
					}
					time.Sleep(time.Second)
				}
				if diff := cmp.Diff(tt.want, b.heard()); diff != "" {
					t.Errorf("codes (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestServiceDuringCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		done := b.start(Command{Prefix: []string{"+CSQ:"}, Timeout: time.Minute}, "+CSQ", "")
		b.say(t, "\r\n+CUSD: 0,\"one\r\ntwo\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
		r := <-done
		if diff := cmp.Diff([]string{"+CSQ: 20,99"}, r.info); r.err != nil || diff != "" {
			t.Errorf("error %v, answer (-want +got):\n%s", r.err, diff)
		}
		b.say(t, "\r\nthree\r\n") // the final result ended the string
		if diff := cmp.Diff([]URC{{Kind: Service, Line: `+CUSD: 0,"one`}, {Kind: Service, Line: "two"}, {Line: "three"}}, b.heard()); diff != "" {
			t.Errorf("codes (-want +got):\n%s", diff)
		}
	})
}

// A string that is never closed does not take the PDUs of a listing for its own.
func TestServiceDuringListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		done := b.start(Command{Prefix: []string{"+CMGL:"}, Many: true, PDU: true, Timeout: time.Minute}, "+CMGL=4", "")
		b.say(t, "\r\n+CUSD: 0,\"one\r\n+CMGL: 1,0,,24\r\n"+pduA+"\r\n+CMGL: 2,0,,24\r\n"+pduA+"\r\n\r\nOK\r\n")
		r := <-done
		if diff := cmp.Diff([]string{"+CMGL: 1,0,,24", pduA, "+CMGL: 2,0,,24", pduA}, r.info); r.err != nil || diff != "" {
			t.Errorf("error %v, answer (-want +got):\n%s", r.err, diff)
		}
		if diff := cmp.Diff([]URC{{Kind: Service, Line: `+CUSD: 0,"one`}}, b.heard()); diff != "" {
			t.Errorf("codes (-want +got):\n%s", diff)
		}
	})
}

// What the network writes is not for the trace, whichever line it is on.
func TestServiceIsNotTraced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		b := newBenchWith(t, Options{Trace: func(dir byte, line string) { got = append(got, line) }})
		b.say(t, "\r\n+CUSD: 0,\"credit\r\nof Bob\r\nRING\r\nsecret\",15\r\n+CSQ: 5,99\r\n")
		if diff := cmp.Diff([]string{`+CUSD: 0,"…`, "<6 characters>", "RING", "<10 characters>", "+CSQ: 5,99"}, got); diff != "" {
			t.Errorf("traced (-want +got):\n%s", diff)
		}
	})
}
