package main

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestListen(t *testing.T) {
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_, err = listen(t.Context(), l.Addr().String())
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "in use, perhaps by another tetherd") {
		t.Errorf("listening twice: %v, want EADDRINUSE with advice", err)
	}
	_, err = listen(t.Context(), "192.0.2.1:0")
	if err == nil || !strings.Contains(err.Error(), "this machine does not have the address") {
		t.Errorf("listening on a foreign address: %v, want advice", err)
	}
}

func TestOwnAddrs(t *testing.T) {
	one := ownAddrs(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80})()
	if want := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:80")}; !slices.Equal(one, want) {
		t.Errorf("of one address: %v, want %v", one, want)
	}
	all := ownAddrs(&net.TCPAddr{IP: net.IPv6unspecified, Port: 80})()
	for _, want := range []string{"[::]:80", "127.0.0.1:80"} {
		if !slices.Contains(all, netip.MustParseAddrPort(want)) {
			t.Errorf("of every interface: %v, want %s among them", all, want)
		}
	}
}

func TestBaseURL(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080", ":8080": "http://127.0.0.1:8080", "0.0.0.0:1": "http://127.0.0.1:1",
		"[::]:8080": "http://[::1]:8080", "192.168.1.2:80": "http://192.168.1.2:80",
	} {
		if got := baseURL(listen, false); got != want {
			t.Errorf("baseURL(%q) = %s, want %s", listen, got, want)
		}
	}
}
