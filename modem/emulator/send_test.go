package emulator

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// send submits a text and returns what the modem said after the Ctrl-Z.
func (h *host) send(to, text string, srr bool) string {
	h.t.Helper()
	pdu, n := submitPDU(h.t, to, text, srr)
	if got, want := h.ask(fmt.Sprintf("AT+CMGS=%d\r", n)), "\r\n> "; got != want {
		h.t.Fatalf("prompt is %q, want %q", got, want)
	}
	return h.ask(pdu + "\x1a")
}

func TestSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{Name: "a", Number: "+491511111111"})
		h := attachHost(t, m)
		h.setUp()

		if got, want := h.send("+4917212345", "hello {€}", false), "\r\n+CMGS: 0\r\n\r\nOK\r\n"; got != want {
			t.Errorf("answer is %q, want %q", got, want)
		}
		ledger := n.Ledger()
		if len(ledger) != 1 {
			t.Fatalf("ledger has %d entries, want 1", len(ledger))
		}
		s := ledger[0]
		if s.Text != "hello {€}" || s.To != "+4917212345" || s.From != "+491511111111" || s.Part != 1 || s.Total != 1 || !s.Answered {
			t.Errorf("ledger entry is %+v", s)
		}
	})
}

func TestSubmitDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{SubmitDelay: func() time.Duration { return 5 * time.Second }})
		m := NewModem(n, ModemOptions{})
		h := attachHost(t, m)
		h.setUp()

		if got := h.send("12345", "x", false); got != "" {
			t.Fatalf("answer before the radio is done: %q", got)
		}
		h.write("AT\r")
		time.Sleep(4999 * time.Millisecond)
		if got := h.heard(); got != "" || len(n.Ledger()) != 0 {
			t.Fatalf("heard %q with %d accepted before the radio is done", got, len(n.Ledger()))
		}
		time.Sleep(time.Millisecond)
		if got, want := h.heard(), "\r\n+CMGS: 0\r\n\r\nOK\r\n"; got != want {
			t.Errorf("answer is %q, want %q", got, want)
		}
		if got, want := string(m.BytesDuringSubmit()), "AT\r"; got != want {
			t.Errorf("bytes during submit are %q, want %q", got, want)
		}
	})
}

func TestReferenceWraps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
		h := attachHost(t, m)
		h.setUp()
		for i := range 258 {
			want := fmt.Sprintf("\r\n+CMGS: %d\r\n\r\nOK\r\n", i%256)
			if got := h.send("12345", "x", false); got != want {
				t.Fatalf("answer %d is %q, want %q", i, got, want)
			}
		}
		m.Reset()
		h.setUp()
		if got := h.send("12345", "x", false); !strings.Contains(got, "+CMGS: 0\r\n") {
			t.Errorf("after a reset the answer is %q, want reference 0", got)
		}
	})
}

func TestTalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		a := attachHost(t, NewModem(n, ModemOptions{Name: "a", Number: "+491511111111"}))
		b := attachHost(t, NewModem(n, ModemOptions{Name: "b", Number: "+491722222222"}))
		a.setUp()
		b.setUp()

		got := a.send("01722222222", "hello", true)
		if !strings.HasPrefix(got, "\r\n+CMGS: 0\r\n\r\nOK\r\n\r\n+CDS: 2") {
			t.Errorf("sender heard %q, want a reference and a report", got)
		}
		if got, want := b.heard(), "\r\n+CMTI: \"SM\",1\r\n"; got != want {
			t.Fatalf("receiver heard %q, want %q", got, want)
		}
		list := b.must("AT+CMGL=4")
		lines := strings.Split(strings.TrimSpace(list), "\r\n")
		if len(lines) != 2 {
			t.Fatalf("list is %q", list)
		}
		pdu, _ := parseHex([]byte(lines[1]))
		_, tpdu, err := decodeSMSC(pdu)
		if err != nil {
			t.Fatal(err)
		}
		d, err := decodeDeliver(tpdu)
		if err != nil || d.Content.Text != "hello" || d.From != "+491511111111" {
			t.Errorf("delivered %+v, %v", d, err)
		}
	})
}
