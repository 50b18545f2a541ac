package emulator

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzDecodeSubmit(f *testing.F) {
	f.Add(mustHex(f, "11000B916407281553F80000AA0AE8329BFD4697D9EC37"))
	f.Add(mustHex(f, "410005812143F50004090605040B8423F00102"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeSubmit(b)
		if err != nil {
			return
		}
		// What was taken apart is what a recipient gets: the same text.
		tpdu, err := s.deliver("+491511111111", time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		d, err := decodeDeliver(tpdu)
		if err != nil {
			t.Fatalf("a valid submit becomes a delivery that is not: %v", err)
		}
		if d.Content.Text != s.Content.Text || !bytes.Equal(d.Content.Data, s.Content.Data) {
			t.Errorf("submitted %+v, delivered %+v", s.Content, d.Content)
		}
	})
}

func FuzzDecodeDeliver(f *testing.F) {
	f.Add(mustHex(f, "040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := decodeDeliver(b); err == nil && d.First&mtiMask != mtiDeliver {
			t.Errorf("first octet %02X is taken for a delivery", d.First)
		}
	})
}

func FuzzDecodeReport(f *testing.F) {
	f.Add(mustHex(f, "06C80B916407281553F8621112402184406211124031844030"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeReport(b)
		if err != nil {
			return
		}
		again, err := decodeReport(r.encode())
		if err != nil || again.MR != r.MR || again.Status != r.Status || !bytes.Equal(again.Address, r.Address) {
			t.Errorf("%+v becomes %+v, %v", r, again, err)
		}
	})
}

func FuzzTextParts(f *testing.F) {
	f.Add("hello {€}", uint16(1))
	f.Add(strings.Repeat("😀ж", 100), uint16(300))
	f.Fuzz(func(t *testing.T, text string, ref uint16) {
		if !utf8.ValidString(text) || len(text) > 10_000 {
			return
		}
		var got strings.Builder
		for _, tpdu := range TextParts("Name", text, ref, time.Unix(0, 0)) {
			d, err := decodeDeliver(tpdu)
			if err != nil {
				t.Fatal(err)
			}
			got.WriteString(d.Content.Text)
		}
		if got.String() != text {
			t.Errorf("text is %q, want %q", got.String(), text)
		}
	})
}

func FuzzParseLine(f *testing.F) {
	f.Add(`E0V1+CMGF=0;+CPMS="ME","S;M",;&F0S0=2D123;`)
	f.Fuzz(func(t *testing.T, line string) {
		size := 0
		for _, c := range parseLine(line) {
			size += len(c.name)
			for _, a := range c.args {
				size += len(a.text)
			}
		}
		if most := 4 * len(line); size > most { // upper case may be longer, at most so much
			t.Errorf("commands of %d octets come out of a line of %d", size, len(line))
		}
	})
}

// FuzzServe feeds a modem with anything; it must stay alive until the stream ends.
func FuzzServe(f *testing.F) {
	f.Add([]byte("AT+CMGS=17\r000100\x1aAT\r"))
	f.Add([]byte("ATE0;+CNMI=2,2,0,1,0;+CSMS=1\rAT+CPMS=\"MT\"\rAT+CMGL=4\rAT+CMGD=1,4\rA/"))
	f.Fuzz(func(t *testing.T, input []byte) {
		n := NewNetwork(NetworkOptions{})
		m := NewModem(n, ModemOptions{Number: "+491511111111"})
		near, far := net.Pipe()
		done := make(chan error, 1)
		go func() { done <- m.Serve(context.Background(), far) }()
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			_, _ = io.Copy(io.Discard, near)
		}()
		if err := n.DeliverText("12345", "+491511111111", "x"); err != nil {
			t.Error(err)
		}
		if _, err := near.Write(input); err != nil {
			t.Error(err)
		}
		near.Close()
		<-done
		<-drained
		for _, s := range n.Ledger() {
			if _, err := decodeSubmit(s.TPDU); err != nil {
				t.Errorf("the network accepted %X: %v", s.TPDU, err)
			}
		}
	})
}
