package egress

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
)

func unreachable(errno syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: errno}
}

func TestJudge(t *testing.T) {
	g := newGuard(rules{policy: PolicyHome}, true, nil, net.Dialer{})
	dial := func(answer func(int) ([]string, byte)) error {
		g.dialer.Resolver = serveNames(t, answer)
		_, err := g.dial(t.Context(), "tcp", "name.test:2")
		return err
	}
	deaf := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "udp", Err: unreachable(syscall.ENETUNREACH)}
	}}
	g.dialer.Resolver = deaf
	_, noServer := g.dial(t.Context(), "tcp", "name.test:2")
	refusedConn := dial(func(int) ([]string, byte) { return []string{"127.0.0.1"}, 0 })
	for _, c := range []struct {
		name string
		err  error
		want Verdict
	}{
		{"no such name", dial(func(int) ([]string, byte) { return nil, 3 }), Unresolved},
		{"SERVFAIL", dial(func(int) ([]string, byte) { return nil, 2 }), Unresolved},
		{"DNS server not reached", noServer, LocalFault},
		{"connection refused", refusedConn, Failed},
		{"network unreachable", unreachable(syscall.ENETUNREACH), LocalFault},
		{"no route to host", unreachable(syscall.EHOSTUNREACH), LocalFault},
		{"forbidden", dial(func(int) ([]string, byte) { return []string{"169.254.0.1"}, 0 }), Blocked},
		{"stopped", context.Canceled, Cancelled},
		{"anything else", errors.New("x"), Failed},
	} {
		if c.err == nil {
			t.Fatalf("%s: no error", c.name)
		}
		if got := Judge(c.err, true); got != c.want {
			t.Errorf("%s: got %s, want %s (%v)", c.name, got, c.want, c.err)
		}
	}
	if !strings.Contains(refusedConn.Error(), "refused") {
		t.Errorf("port 2 did not refuse: %v", refusedConn)
	}
}
