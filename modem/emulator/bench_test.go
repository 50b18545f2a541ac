package emulator

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// dialogues runs +CMGS dialogues over a stream.
func dialogues(b *testing.B, rw io.ReadWriter) {
	b.Helper()
	r := bufio.NewReader(rw)
	until := func(mark string) {
		var got []byte
		for !strings.HasSuffix(string(got), mark) {
			c, err := r.ReadByte()
			if err != nil {
				b.Fatal(err)
			}
			got = append(got, c)
		}
	}
	write := func(s string) {
		if _, err := io.WriteString(rw, s); err != nil {
			b.Fatal(err)
		}
	}
	write("ATE0\r")
	until(ok)
	pdu, n := submitPDU(b, "+4917212345678", strings.Repeat("benchmark ", 10), false)
	cmd := fmt.Sprintf("AT+CMGS=%d\r", n)
	for b.Loop() {
		write(cmd)
		until("> ")
		write(pdu + "\x1a")
		until(ok)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "dialogues/s")
}

func BenchmarkSubmitPipe(b *testing.B) {
	m := NewModem(NewNetwork(NetworkOptions{}), ModemOptions{})
	near, far := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- m.Serve(context.Background(), far) }()
	dialogues(b, near)
	near.Close()
	<-done
}

func BenchmarkSubmitPort(b *testing.B) {
	p := testPort(b, NewModem(NewNetwork(NetworkOptions{}), ModemOptions{}))
	dialogues(b, openTTY(b, p.Path()))
}
