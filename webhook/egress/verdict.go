package egress

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"syscall"
)

// Verdict is what the error of a [Client] means.
type Verdict uint8

// The verdicts.
const (
	// Failed: the receiver could not be spoken to, now. It may be tried again.
	Failed Verdict = iota
	// Unresolved: DNS knows no address for the name, or has trouble with it. It may
	// be tried again.
	Unresolved
	// LocalFault: this machine has no way to the receiver, to its proxy or to a DNS
	// server. The receiver is not to blame.
	LocalFault
	// ClockFault: the receiver's certificate could not be judged because the clock
	// of this machine is wrong. The receiver is not to blame.
	ClockFault
	// Blocked: no address of the receiver may be contacted. It is of no use to try
	// again before the configuration or the URL changes.
	Blocked
	// Cancelled: the context of the caller ended.
	Cancelled
)

func (v Verdict) String() string {
	return [...]string{"failed", "unresolved", "local fault", "clock fault", "blocked", "cancelled"}[v]
}

// Judge maps an error of [Client.Do] to its verdict. clockRight tells whether the
// wall clock can be relied on.
func Judge(err error, clockRight bool) Verdict {
	if _, ok := errors.AsType[*refusal](err); ok {
		return Blocked
	}
	if errors.Is(err, context.Canceled) {
		return Cancelled
	}
	if _, ok := errors.AsType[*proxyError](err); ok {
		return LocalFault
	}
	if isUnroutable(err) || isResolverDown(err) {
		return LocalFault
	}
	if isLookup(err) {
		return Unresolved
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired && !clockRight {
		return ClockFault // "expired" is also said of a certificate that is not valid yet
	}
	return Failed
}

// isUnroutable reports whether this machine found no way to the address. A host
// of the local network that is switched off looks the same.
func isUnroutable(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) ||
		errors.Is(err, syscall.ENETDOWN) || errors.Is(err, syscall.EADDRNOTAVAIL)
}

func isLookup(err error) bool {
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}

// isResolverDown reports whether no DNS server answered, as opposed to an answer
// that the name does not exist or cannot be resolved.
func isResolverDown(err error) bool {
	e, ok := errors.AsType[*net.DNSError](err)
	return ok && !e.IsNotFound && e.Err != "server misbehaving" // SERVFAIL and the like
}
