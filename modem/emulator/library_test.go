package emulator

import (
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/warthog618/modem/at"
	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
)

// TestAgainstLibrary holds the codec against another one, in both directions.
func TestAgainstLibrary(t *testing.T) {
	for _, text := range []string{
		"x", "hello {€} [~]", strings.Repeat("0123456789", 16), strings.Repeat("€", 81),
		strings.Repeat("long ", 100), "Привет", strings.Repeat("ж😀", 60), strings.Repeat("a", 152) + "€€",
	} {
		var parts []*tpdu.TPDU
		for _, b := range TextParts("+491511111111", text, 7, time.Unix(0, 0)) {
			p, err := sms.Unmarshal(b)
			if err != nil {
				t.Fatalf("%q: the library refuses %X: %v", text, b, err)
			}
			if got := p.OA.Number(); got != "+491511111111" {
				t.Errorf("the library reads originator %q", got)
			}
			parts = append(parts, p)
		}
		got, err := sms.Decode(parts)
		if err != nil || string(got) != text {
			t.Errorf("the library reads %q, %v; want %q", got, err, text)
		}

		pdus, err := sms.Encode([]byte(text), sms.To("4917212345"))
		if err != nil {
			t.Fatal(err)
		}
		var joined []uint16
		for i, p := range pdus {
			b, err := p.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			s, err := decodeSubmit(b)
			if err != nil {
				t.Fatalf("%q: %X of the library is refused: %v", text, b, err)
			}
			if s.To != "+4917212345" || len(pdus) > 1 && (s.Content.Concat.Part != i+1 || s.Content.Concat.Total != len(pdus)) {
				t.Errorf("part %d of %d is read as %+v", i+1, len(pdus), s)
			}
			joined = append(joined, s.Content.UTF16...)
		}
		if got := string(utf16.Decode(joined)); got != text {
			t.Errorf("%q of the library is read as %q", text, got)
		}
	}
}

// TestLibraryDrives lets the AT engine the daemon uses talk to a modem over a port.
func TestLibraryDrives(t *testing.T) {
	n := NewNetwork(NetworkOptions{})
	m := NewModem(n, ModemOptions{Number: ours})
	p := testPort(t, m)
	a := at.New(openTTY(t, p.Path()).Port, at.WithTimeout(10*time.Second))
	if err := a.Init(at.WithCmds("E0", "+CMEE=1", "+CMGF=0")); err != nil {
		t.Fatal(err)
	}
	info, err := a.Command("+CSQ")
	if err != nil || len(info) != 1 || info[0] != "+CSQ: 20,99" {
		t.Errorf("the engine reads %q, %v", info, err)
	}
	for i, want := range []string{"+CMGS: 0", "+CMGS: 1"} {
		pdu, size := submitPDU(t, "12345", strings.Repeat("x", i), false)
		info, err := a.SMSCommand("+CMGS="+strconv.Itoa(size), pdu)
		if err != nil || len(info) != 1 || info[0] != want {
			t.Errorf("the engine reads %q, %v, want %q", info, err, want)
		}
	}
	n.SetRule("12345", Rule{Code: 38})
	pdu, size := submitPDU(t, "12345", "x", false)
	if _, err := a.SMSCommand("+CMGS="+strconv.Itoa(size), pdu); err != at.CMSError("38") {
		t.Errorf("the engine reports %v, want CMS error 38", err)
	}
	if got := len(n.Ledger()); got != 2 {
		t.Errorf("the network accepted %d, want 2", got)
	}
	p.Unplug()
	<-a.Closed()
}
