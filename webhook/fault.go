package webhook

import (
	"crypto/x509"
	"errors"
	"net"
	"syscall"
)

// verdict is what an attempt means for its delivery.
type verdict uint8

const (
	cancelled verdict = iota // ended by a stop: as if it had not been made
	delivered                // answered with 2xx
	failed                   // counted
	local                    // a fault of this machine: not counted, the webhook pauses
	blocked                  // the address may not be contacted: final
)

// judgeError maps the error of an attempt that got no answer to its verdict.
// clockRight tells whether the wall clock is plausible.
func judgeError(err error, clockRight bool) verdict {
	if _, ok := errors.AsType[*refusal](err); ok {
		return blocked
	}
	if isUnroutable(err) || isResolverDown(err) {
		return local
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired && !clockRight {
		return local // "expired" is also said of a certificate that is not valid yet
	}
	return failed
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
