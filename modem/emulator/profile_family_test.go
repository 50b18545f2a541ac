package emulator

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestProfileQuirks holds each family to what sets it apart. Every talk begins five seconds
// after power-up without echo and with +CMEE=1; "wait" listens for ten seconds.
func TestProfileQuirks(t *testing.T) {
	for name, talk := range map[string][]exchange{
		"zte": {
			{"AT+CNMI=2,1,0,1,0\r", refused("+CMS ERROR: 303")},
			{"AT+CPMS?\r", framed(`+CPMS: "ME",0,100,"ME",0,100,"ME",0,100`)},
			{"wait", ""}, // the flood is over
			{"AT+ZPINPUK=?\r", framed("+ZPINPUK: 3,10")},
			{"AT+ZRST\r", framed()},
			{"AT+CMEE?\r", "AT+CMEE?\r" + framed("+CMEE: 0")},
		},
		"sim800": {
			{"AT+CEREG?\r", refused("ERROR")},
			{"AT+CPOWD=1\r", framed()},
			{"AT\r", ""},
		},
		"sim7600": {
			{"AT+CRESET\r", framed()},
			{"wait", "\r\nRDY\r\r\n\r\n+CPIN: READY\r\r\n\r\nSMS DONE\r\r\n\r\nPB DONE\r\r\n"},
			{"AT+CPMS?\r", "AT+CPMS?\r" + framed(`+CPMS: "ME",0,100,"ME",0,100,"ME",0,100`)},
		},
		"quectel-m26": {
			{"AT+CSMS=1\r", refused("+CMS ERROR: 303")},
			{"AT+CSMS=128\r", framed("+CSMS: 1,1,1")},
			{"AT+CUSD=1,\"*100#\",15\r", framed() + "\r\n+CUSD: 0,\"0033002000450055\",15\r\n"},
		},
		"u-blox": {
			{"AT+CNMI?\r", framed("+CNMI: 1,0,0,0,0")},
			{"AT+UPINCNT\r", framed("+UPINCNT: 3,3,10,10")},
			{"AT+CFUN=16\r", framed()},
			{"AT\r", ""},
			{"wait", "\r\n+AT: READY\r\n\r\n+PBREADY\r\n"},
		},
		"telit": {
			{"\x1b", framed()},
			{"deliver", ""},
			{"AT+CMGR=1\r", framed("+CMGR: 0,\"\",17\r\n" + deliveredPDU)},
			{"AT+CUSD=1,\"*100#\",15\r", framed() + "\r\n+CUSD: 0,\"0033002000450055FFFF\",72\r\n"},
		},
		"cinterion": {
			{"AT+CNMI=2,1,0,1,0\r", refused("+CMS ERROR: 303")},
			{"AT+CNMI=2,1,0,1,1\r", framed()},
			{"AT^SPIC=\"SC\"\r", framed("^SPIC: 3")},
		},
		"wavecom": {
			{"AT+CPIN?\r", "\r\n+CPIN: READY\r\n"},
			{"AT+CPMS=?\r", framed(`+CPMS: (("SM","BM","SR"),("SM"))`)},
			{"AT+CPMS=\"SM\",\"SM\"\r", refused("+CMS ERROR: 302")},
			{"AT+CPMS=\"SM\"\r", framed("+CPMS: 0,30")},
			{"AT+CPMS?\r", framed(`+CPMS: "SM",0,30`)},
			{"AT+CMEE=2\r", refused("+CME ERROR: 50")},
			{"AT+CREG=1\r", framed() + "\r\n+CREG: 1\r\n"},
		},
		"gobi": {
			{"AT+CNMI=?\r", framed("+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)")},
			{"AT+CNMI=2,1,0,0,0\r", refused("+CMS ERROR: 303")},
			{"AT+CNMI=1,1,0,1,0\r", refused("+CMS ERROR: 303")},
			{"AT+CREG=2\r", framed()},
			{"AT+CREG?\r", framed("+CREG: 2,1,  0 5,  1A2B")},
			{"AT+CUSD=2\r", ""},
			{"AT\r", framed()},
		},
		"nokia": {
			{"AT+CPMS=?\r", framed("+CPMS: (),(),()")},
			{"wait", ""},
			{"AT\r", ""},
			{"AT\r", framed()},
		},
		"samsung-galaxy": {
			{"AT+CMGF=0\r", framed()},
			{"submit", refused("+CMS ERROR: 303")},
		},
		"pantech": {
			{"AT+CREG?\r", framed(`+CREG:000,001,"18d8","ffff"`)},
			{"deliver", ""},
			{"AT+CMGL=4\r", framed("+CMGL: 1,0,17\r\n" + deliveredPDU)},
			{"AT+CSQ\r", ""},
			{"wait", framed("+CSQ: 20,99")},
		},
		"motorola-text": {
			{"AT+CMGF=0\r", refused("+CMS ERROR: 303")},
			{"AT+BOGUS\r", refused("MODEM ERROR: 4")},
			{"AT+CMGL=\"ALL\"\r", refused("MODEM ERROR: 4")},
		},
		"huawei-stick": {
			{"AT+CUSD=1,\"*100#\",15\r", refused("+CME ERROR: 50")},
			{"AT+CUSD=1,\"AA180C3602\",15\r", framed() + "\r\n+CUSD: 0,\"3350B10A\",15\r\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, known := ProfileNamed(name)
				if !known {
					t.Fatalf("there is no profile %s", name)
				}
				if name == "huawei-stick" {
					p.Noise = nil
				}
				n := NewNetwork(NetworkOptions{})
				m := NewModem(n, ModemOptions{Profile: p, Number: ours, USSD: map[string]string{"*100#": "3 EU"}})
				h := attachHost(t, m)
				if name == "huawei-stick" {
					m.SetUSSD("*100#", Dialogue{Text: "3 EU"})
				}
				settle(h)
				for _, e := range talk {
					var got string
					switch e.send {
					case "wait":
						time.Sleep(10 * time.Second)
						got = h.heard()
					case "deliver":
						if err := n.DeliverTPDU(ours, mustHex(t, deliveredPDU)[8:]); err != nil {
							t.Fatal(err)
						}
						got = h.heard()
					case "submit":
						got = h.send("12345", "x", false)
					default:
						got = h.ask(e.send)
					}
					if diff := cmp.Diff(e.want, got); diff != "" {
						t.Errorf("%q (-want +got):\n%s", e.send, diff)
					}
				}
			})
		})
	}
}

// deliveredPDU is "x" from 12345 with the service centre in front.
const deliveredPDU = "07919471016700000405812143F50000621020304050000178"

// settle waits out the boot and switches the echo off and numeric errors on.
func settle(h *host) {
	h.t.Helper()
	time.Sleep(5 * time.Second)
	for range 4 {
		h.ask("AT\r")
	}
	h.must("ATE1")
	h.must("ATE0")
	h.ask("AT+CMEE=1\r")
	h.heard()
}

// TestProfilesTalk holds every profile to the minimum a driver needs: it answers AT, has an
// identity, and those that can send do.
func TestProfilesTalk(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Profiles() {
		if seen[p.Name] || p.Name == "" {
			t.Errorf("the name %q is not unique", p.Name)
		}
		seen[p.Name] = true
		t.Run(p.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{})
				h := attachHost(t, NewModem(n, ModemOptions{Profile: p, Number: ours}))
				settle(h)
				h.must("AT+CPMS?") // ends what floods
				h.heard()
				if got, want := h.ask("AT+CGMM\r"), framed(p.Model); got != want {
					t.Errorf("the model is %q, want %q", got, want)
				}
				if p.RadioOff {
					h.must("AT+CFUN=1")
				}
				if p.orDefaults().Formats[0] != 0 {
					return // it has no PDU mode
				}
				got := h.send("12345", "x", false)
				sends := p.SubmitFinal == ""
				if strings.HasSuffix(got, framed("+CMGS: 0")) != sends || len(n.Ledger()) > 0 != sends {
					t.Errorf("a submit answered %q with %d in the ledger", got, len(n.Ledger()))
				}
			})
		})
	}
}

func TestFloodCrashes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := ZTE()
		h := attachHost(t, NewModem(NewNetwork(NetworkOptions{}), ModemOptions{Profile: p}))
		h.heard()
		h.must("ATE0")
		time.Sleep(99 * time.Second)
		if got := strings.Count(h.heard(), "+ZUSIMR:2"); got < 300 {
			t.Errorf("heard the flood %d times, want it all along", got)
		}
		time.Sleep(2 * time.Second)
		h.heard()
		if got := h.ask("AT\r"); !strings.HasPrefix(got, "AT\r") {
			t.Errorf("after the flood AT answered %q, want the echo of a modem that restarted", got)
		}
	})
}
