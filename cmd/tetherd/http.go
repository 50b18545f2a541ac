package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// shutdownGrace is how long requests under way may take once the daemon stops.
const shutdownGrace = 5 * time.Second

// listen opens the address of the API.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	e := &addressError{address: address, err: err}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		e.advice = "the address is in use, perhaps by another tetherd: stop that, or choose another address"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		e.advice = "this machine does not have the address: choose one of its own, or \":PORT\" for all"
	case errors.Is(err, syscall.EACCES):
		e.advice = "ports below 1024 need a privilege: choose a higher one"
	}
	return nil, e
}

// addressError is why an address cannot be listened on.
type addressError struct {
	address string
	advice  string // what is wrong and what to do, if that is known
	err     error
}

func (e *addressError) Error() string {
	if e.advice != "" {
		return "listen on " + e.address + ": " + e.advice
	}
	return "listen on " + e.address + ": " + e.err.Error()
}

func (e *addressError) Unwrap() error { return e.err }

// newServer returns a server that no client can hold on to for ever.
func newServer(h http.Handler, l zerolog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(httpLog{l}, "", 0),
		// "OPTIONS *" is for the handler, too, which turns strangers away.
		DisableGeneralOptionsHandler: true,
		// What one connection may have the server keep in memory.
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 100, MaxReceiveBufferPerConnection: 256 << 10, MaxReceiveBufferPerStream: 64 << 10},
	}
}

// serveHTTP serves until soft ends, then lets requests under way finish for a few
// seconds.
func serveHTTP(soft, hard context.Context, s *http.Server, l net.Listener) error {
	done := make(chan error, 1) // written by Serve's goroutine, read here
	go func() {
		if s.TLSConfig != nil {
			done <- s.ServeTLS(l, "", "")
		} else {
			done <- s.Serve(l)
		}
	}()
	select {
	case err := <-done:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-soft.Done():
	}
	ctx, cancel := context.WithTimeout(hard, shutdownGrace)
	defer cancel()
	if s.Shutdown(ctx) != nil {
		s.Close() // whoever is left has had their time
	}
	<-done
	return nil
}

// ownAddrs returns a function that lists the addresses under which a listener is
// reached; interfaces come and go.
func ownAddrs(listener net.Addr) func() []netip.AddrPort {
	return func() []netip.AddrPort {
		own, err := netip.ParseAddrPort(listener.String())
		if err != nil {
			return nil
		}
		if !own.Addr().IsUnspecified() {
			return []netip.AddrPort{own}
		}
		addrs, err := net.InterfaceAddrs()
		if err != nil {
			return []netip.AddrPort{own}
		}
		list := []netip.AddrPort{own}
		for _, a := range addrs {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				list = append(list, netip.AddrPortFrom(prefix.Addr().Unmap(), own.Port()))
			}
		}
		return list
	}
}
