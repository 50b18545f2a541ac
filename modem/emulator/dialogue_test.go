package emulator

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// exchange is what the host writes and everything the modem answers.
type exchange struct{ send, want string }

// framed is an answer of lines and a final OK.
func framed(lines ...string) string {
	return "\r\n" + strings.Join(append(lines, "OK"), "\r\n\r\n") + "\r\n"
}

// refused is a final result other than OK.
func refused(final string) string { return "\r\n" + final + "\r\n" }

func TestDialogues(t *testing.T) {
	locked := ModemOptions{PIN: "1234", ICCID: "8949020000001234567"}
	for _, tc := range []struct {
		name string
		opt  ModemOptions
		talk []exchange
	}{
		{"echo until ATE0", ModemOptions{}, []exchange{
			{"AT\r", "AT\r" + framed()},
			{"ate0\r", "ate0\r" + framed()},
			{"AT\r", framed()},
			{"ATE1\r", framed()},
			{"AT\r\n", "AT\r" + framed() + "\n"},
		}},
		{"line discipline", ModemOptions{}, []exchange{
			{"ATE0\r", "ATE0\r" + framed()},
			{"\r", ""},
			{"\n\nAT\r\n", framed()},
			{"AX\bT\r", ""},
			{"ATX\b\r", framed()},
			{"\x1b\rAT\r", framed()},
			{"AT+CS\x1bAT\r", framed()},
			{"\x00\xffnoiseAT\r", framed()},
			{"at+csq\r", framed("+CSQ: 20,99")},
			{"A/", framed("+CSQ: 20,99")},
			{"AT+CMGF=0;+CSQ\r", framed("+CSQ: 20,99")},
			{"AT+CSQ;+BOGUS;+CSQ\r", "\r\n+CSQ: 20,99\r\n\r\nERROR\r\n"},
			{"ATE0V1Q0+CMGF?;+CSQ\r", framed("+CMGF: 0", "+CSQ: 20,99")},
			{"AT" + strings.Repeat(" ", 600) + "\r", refused("ERROR")},
			{"AT\r", framed()},
		}},
		{"numeric results", ModemOptions{}, []exchange{
			{"ATE0V0\r", "ATE0V0\r0\r"},
			{"AT+CSQ\r", "+CSQ: 20,99\r\n0\r"},
			{"AT+BOGUS\r", "4\r"},
			{"ATV1\r", framed()},
			{"ATQ1\r", ""},
			{"AT+BOGUS\r", ""},
			{"ATQ0\r", framed()},
		}},
		{"error formats", ModemOptions{}, []exchange{
			{"ATE0\r", "ATE0\r" + framed()},
			{"AT+CMGR=1\r", refused("ERROR")},
			{"AT+CMEE=1\r", framed()},
			{"AT+CMGR=1\r", refused("+CMS ERROR: 321")},
			{"AT+CFUN=7\r", refused("+CME ERROR: 50")},
			{"AT+CMEE=2\r", framed()},
			{"AT+CMGR=1\r", refused("+CMS ERROR: invalid memory index")},
			{"AT+CEER\r", framed("+CEER: +CMS ERROR: invalid memory index")},
			{"AT+CMEE=3\r", refused("+CME ERROR: Incorrect parameters")},
			{"AT+CMEE?\r", framed("+CMEE: 2")},
			{"AT+CMEE=?\r", framed("+CMEE: (0,1,2)")},
			{"ATZ\r", framed()},
			{"AT+CMEE?\r", "AT+CMEE?\r" + framed("+CMEE: 0")},
		}},
		{"identity", ModemOptions{IMEI: "490154203237518", IMSI: "262011234567890", Number: "+491511111111", ICCID: "8949020000001234567"}, []exchange{
			{"ATE0\r", "ATE0\r" + framed()},
			{"AT+CGMI\r", framed("Generic")},
			{"AT+GMM\r", framed("27.005")},
			{"AT+CGMR\r", framed("1.0")},
			{"AT+CGSN\r", framed("490154203237518")},
			{"AT+GCAP\r", framed("+GCAP: +CGSM")},
			{"AT+CIMI\r", framed("262011234567890")},
			{"AT+CCID\r", framed("+CCID: 8949020000001234567")},
			{"AT+CNUM\r", framed(`+CNUM: "","+491511111111",145`)},
			{"ATI\r", framed("Manufacturer: Generic\r\nModel: 27.005\r\nRevision: 1.0\r\nIMEI: 490154203237518\r\n+GCAP: +CGSM")},
			{"AT+CGMI=?\r", framed()},
			{"AT+CGMI?\r", refused("ERROR")},
		}},
		{"SIM locked", locked, []exchange{
			{"ATE0+CMEE=1\r", "ATE0+CMEE=1\r" + framed()},
			{"AT+CPIN?\r", framed("+CPIN: SIM PIN")},
			{"AT+CCID\r", framed("+CCID: 8949020000001234567")},
			{"AT+CREG?\r", framed("+CREG: 0,0")},
			{"AT+CIMI\r", refused("+CME ERROR: 11")},
			{"AT+CMGS=20\r", refused("+CMS ERROR: 311")},
			{"AT+CPIN=\"12\"\r", refused("+CME ERROR: 50")},
			{"AT+CPINR\r", framed("+CPINR: SIM PIN,3,3", "+CPINR: SIM PUK,10,10")},
			{"AT+CPIN=\"9999\"\r", refused("+CME ERROR: 16")},
			{"AT+CPIN=1234\r", framed()},
			{"AT+CPIN?\r", framed("+CPIN: READY")},
			{"AT+CPIN=\"1234\"\r", refused("+CME ERROR: 3")},
			{"AT+CPINR\r", framed("+CPINR: SIM PIN,3,3", "+CPINR: SIM PUK,10,10")},
			{"AT+CREG?\r", framed("+CREG: 0,1")},
			{"AT+CLCK=\"SC\",2\r", framed("+CLCK: 1")},
		}},
		{"SIM blocked", locked, []exchange{
			{"ATE0+CMEE=1\r", "ATE0+CMEE=1\r" + framed()},
			{"AT+CPIN=1111\r", refused("+CME ERROR: 16")},
			{"AT+CPIN=1111\r", refused("+CME ERROR: 16")},
			{"AT+CPIN=1111\r", refused("+CME ERROR: 12")},
			{"AT+CPIN?\r", framed("+CPIN: SIM PUK")},
			{"AT+CIMI\r", refused("+CME ERROR: 12")},
			{"AT+CMGL=4\r", refused("+CMS ERROR: 316")},
			{"AT+CPIN=1234\r", refused("+CME ERROR: 50")},
			{"AT+CPIN=\"00000000\",\"4321\"\r", refused("+CME ERROR: 16")},
			{"AT+CPIN=\"12345678\",\"4321\"\r", framed()},
			{"AT+CPINR\r", framed("+CPINR: SIM PIN,3,3", "+CPINR: SIM PUK,10,10")},
			{"AT+CIMI\r", framed("262010000000001")},
		}},
		{"storages", ModemOptions{SMCapacity: 10, MECapacity: 23}, []exchange{
			{"ATE0+CMEE=1\r", "ATE0+CMEE=1\r" + framed()},
			{"AT+CPMS=?\r", framed(`+CPMS: ("SM","ME","MT"),("SM","ME","MT"),("SM","ME","MT")`)},
			{"AT+CPMS?\r", framed(`+CPMS: "SM",0,10,"SM",0,10,"SM",0,10`)},
			{"AT+CPMS=\"ME\",\"SM\",\"MT\"\r", framed("+CPMS: 0,23,0,10,0,33")},
			{"AT+CPMS=\"XX\"\r", refused("+CMS ERROR: 302")},
			{"AT+CPMS=\"SM\"\r", framed("+CPMS: 0,10,0,10,0,33")},
			{"AT+CMGL=4\r", framed()},
			{"AT+CMGL\r", framed()},
			{"AT+CMGL=5\r", refused("ERROR")},
			{"AT+CMGL=?\r", framed("+CMGL: (0-4)")},
			{"AT+CMGR=1\r", refused("+CMS ERROR: 321")},
			{"AT+CMGD=1\r", framed()},
			{"AT+CMGD=11\r", refused("+CMS ERROR: 321")},
			{"AT+CMGD=?\r", framed("+CMGD: (),(0-4)")},
		}},
		{"indications", ModemOptions{}, []exchange{
			{"ATE0+CMEE=1\r", "ATE0+CMEE=1\r" + framed()},
			{"AT+CNMI=?\r", framed("+CNMI: (0,1,2,3),(0,1,2,3),(0,2,3),(0,1,2),(0,1)")},
			{"AT+CNMI=2,1\r", framed()},
			{"AT+CNMI?\r", framed("+CNMI: 2,1,0,0,0")},
			{"AT+CNMI=2,1,1,1,0\r", refused("+CMS ERROR: 303")},
			{"AT+CNMI=,,,2\r", framed()},
			{"AT+CNMI?\r", framed("+CNMI: 2,1,0,2,0")},
			{"AT+CSMS=1\r", framed("+CSMS: 1,1,1")},
			{"AT+CSMS?\r", framed("+CSMS: 1,1,1,1")},
			{"AT+CSMS=128\r", refused("+CMS ERROR: 303")},
			{"AT+CNMA\r", refused("+CMS ERROR: 340")},
			{"AT+CMGF=1\r", framed()},
			{"AT+CMGL=\"ALL\"\r", refused("ERROR")},
			{"AT+CMGS=\"12345\"\r", refused("ERROR")},
		}},
		{"network", ModemOptions{USSD: map[string]string{"*100#": "Balance 3 EUR"}}, []exchange{
			{"ATE0+CMEE=1\r", "ATE0+CMEE=1\r" + framed()},
			{"AT+CREG=2;+CREG?\r", framed(`+CREG: 2,1,"00C3","0001A2B3",7`)},
			{"AT+CEREG?\r", framed("+CEREG: 0,1")},
			{"AT+COPS?\r", framed(`+COPS: 0,0,"Test Network",7`)},
			{"AT+COPS=3,2;+COPS?\r", framed(`+COPS: 0,2,"26201",7`)},
			{"AT+CSCA?\r", framed(`+CSCA: "+491710760000",145`)},
			{"AT+CSCA=\"491710760001\",145;+CSCA?\r", framed(`+CSCA: "+491710760001",145`)},
			{"AT+CSCS=\"UCS2\";+CSCS?\r", framed(`+CSCS: "UCS2"`)},
			{"AT+COPS?\r", framed(`+COPS: 0,2,"00320036003200300031",7`)},
			{"AT+CUSD=1,\"002A0031003000300023\",15\r", framed() + "\r\n+CUSD: 0,\"00420061006C0061006E00630065002000330020004500550052\",15\r\n"},
			{"AT+CSCS=\"HEX\"\r", framed()},
			{"AT+CUSD=1,\"2A31303023\",15\r", framed() + "\r\n+CUSD: 0,\"42616C616E6365203320455552\",15\r\n"},
			{"AT+CUSD=1,\"2A3\",15\r", refused("+CME ERROR: 50")},
			{"AT+CSCS=\"GSM\"\r", framed()},
			{"AT+CUSD=1,\"*100#\",15\r", framed() + "\r\n+CUSD: 0,\"Balance 3 EUR\",15\r\n"},
			{"AT+CUSD=1,\"*999#\",15\r", framed() + "\r\n+CUSD: 4\r\n"},
			{"AT+CFUN=4\r", framed() + "\r\n+CREG: 0\r\n"},
			{"AT+CREG?\r", framed("+CREG: 2,0")},
			{"AT+CFUN=1\r", framed() + "\r\n+CREG: 2\r\n\r\n+CREG: 1,\"00C3\",\"0001A2B3\",7\r\n"},
			{"AT+CFUN?\r", framed("+CFUN: 1")},
			{"AT+CFUN=?\r", framed("+CFUN: (0,1,4),(0,1)")},
			{"ATD12345;\r", refused("+CME ERROR: 3")},
			{"AT+CMMS=2;+CMMS?\r", framed("+CMMS: 2")},
			{"AT&D0;+CLCC;S0=0\r", framed()},
			{"AT+CLCK=\"SC\",2\r", framed("+CLCK: 0")},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := attachHost(t, NewModem(NewNetwork(NetworkOptions{}), tc.opt))
				for _, e := range tc.talk {
					if diff := cmp.Diff(e.want, h.ask(e.send)); diff != "" {
						t.Errorf("%q (-want +got):\n%s", e.send, diff)
					}
				}
			})
		})
	}
}

func TestSubmitErrors(t *testing.T) {
	valid, n := submitPDU(t, "+4917212345", "hello", false)
	for _, tc := range []struct {
		name   string
		length string
		pdu    string
		want   string
	}{
		{"not hex", "3", "0011ZZ", "+CMS ERROR: 304"},
		{"odd digits", "3", "00110", "+CMS ERROR: 304"},
		{"empty", "3", "", "+CMS ERROR: 304"},
		{"shorter than announced", "18", valid, "+CMS ERROR: 304"},
		{"longer than announced", "16", valid, "+CMS ERROR: 304"},
		{"deliver", "17", "00" + "04" + valid[4:], "+CMS ERROR: 304"},
		{"octet after the text", "18", valid + "00", "+CMS ERROR: 304"},
		{"smsc overruns", "17", "0C91", "+CMS ERROR: 304"},
		{"address overruns", "17", "000100FF91" + valid[10:], "+CMS ERROR: 304"},
		{"lower case", "17", strings.ToLower(valid), "OK"},
		{"line feed at the prompt", "17", "\n" + valid, "OK"},
		{"backspace at the prompt", "17", "FF\b\b" + valid, "OK"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if n != 17 {
				t.Fatalf("the valid PDU has %d octets, the table says 17", n)
			}
			synctest.Test(t, func(t *testing.T) {
				net := NewNetwork(NetworkOptions{})
				h := attachHost(t, NewModem(net, ModemOptions{}))
				h.setUp()
				if got, want := h.ask("AT+CMGS="+tc.length+"\r"), "\r\n> "; got != want {
					t.Fatalf("prompt is %q, want %q", got, want)
				}
				want, accepted := refused(tc.want), 0
				if tc.want == "OK" {
					want, accepted = framed("+CMGS: 0"), 1
				}
				if got := h.ask(tc.pdu + "\x1a"); got != want {
					t.Errorf("answer is %q, want %q", got, want)
				}
				if got := len(net.Ledger()); got != accepted {
					t.Errorf("the network accepted %d, want %d", got, accepted)
				}
			})
		})
	}
}

func TestEscapeAtPrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := NewNetwork(NetworkOptions{})
		h := attachHost(t, NewModem(net, ModemOptions{}))
		h.setUp()
		pdu, _ := submitPDU(t, "12345", "x", false)
		h.ask("AT+CMGS=20\r")
		if got, want := h.ask(pdu+"\x1b"), framed(); got != want {
			t.Errorf("escape answered %q, want %q", got, want)
		}
		if got, want := h.ask("AT\r"), framed(); got != want {
			t.Errorf("after the escape %q, want %q", got, want)
		}
		if got := len(net.Ledger()); got != 0 {
			t.Errorf("the network accepted %d, want none", got)
		}
	})
}
