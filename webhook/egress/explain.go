package egress

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
)

// Explain says in one sentence each, for people, what came of a request and what
// to do about it; next is empty if nothing is. The status is that of the answer; it
// is not looked at if err, of [Client.Do], is not nil.
func Explain(code int, err error) (what, next string) {
	if err == nil {
		return explainStatus(code)
	}
	for _, explain := range []func(error) (what, next string){
		explainRefusal, explainProxy, explainLookup, explainTLS, explainTimeout, explainConnection,
	} {
		if what, next = explain(err); what != "" {
			return what, next
		}
	}
	what = "There was no answer: "
	if e, ok := errors.AsType[*Error](err); ok && e.Phase == Starting {
		what = "Nothing was sent: "
	}
	return what + oneLine(err.Error()) + ".", ""
}

// Explain is [Explain] for an answer, which knows how redirects were to be taken.
func (a *Answer) Explain() (what, next string) {
	switch {
	case a.OK() && a.Code >= 300:
		return fmt.Sprintf("The receiver answered HTTP %d, which counts as success here.", a.Code), ""
	case a.refused != "":
		return a.Failure() + ".", "Have the receiver redirect to where it may, or register the address that it redirects to."
	}
	return Explain(a.Code, nil)
}

// statuses says what statuses mean, most particular first.
var statuses = []struct {
	from, to   int
	what, next string
}{
	{200, 200, "The receiver took it.", "Look there whether it came to something: some, such as Home Assistant, answer so whatever they are sent."},
	{200, 299, "The receiver took it.", ""},
	{304, 304, "The receiver answered as if it had been asked for a page.", "Check the path of the url: it must be one that takes requests of this method."},
	{300, 399, "The receiver redirected the request, and that was not followed.", "Register the address that it redirects to; or set redirects to follow, or to treat-as-success if the receiver has done its work by then."},
	{400, 400, "The receiver did not understand the request.", "Check that the format of the webhook is the one it expects, and that http:// and https:// are not mixed up; what it answered may say more."},
	{401, 401, "The receiver did not accept who sent the request.", "Check the secret of the signature on both sides, the auth and headers of the webhook, and the clock of this machine."},
	{403, 403, "The receiver refused the request.", "Check the secret of the signature and the credentials on both sides, and whether a firewall or protection against forged requests stands before it."},
	{404, 404, "The receiver knows no such path.", "Check the path of the url, and that the workflow behind it is switched on: test addresses of some receivers work only once."},
	{405, 405, "The path does not take requests of this method.", "Check the path of the url, also whether it ends in a slash, and the method of the webhook."},
	{406, 406, "The receiver does not take this type of content.", "Check the format of the webhook and its contentType."},
	{407, 407, "A proxy wants credentials.", "Put them into webhooks.proxy."},
	{408, 408, "The receiver waited too long for the request.", "If it happens again, check the line between this machine and the receiver; it will be retried."},
	{410, 410, "The receiver is gone and wants nothing more.", "Register the address that replaces it, or remove the webhook."},
	{411, 411, "The receiver wants a length, which each request has.", "Check what stands between this machine and the receiver, such as a reverse proxy."},
	{413, 413, "The request is too large for the receiver.", "Raise the limit of the receiver or of the proxy before it to 64 KiB, or set thin to send less."},
	{414, 414, "The url is too long for the receiver.", "Shorten it, or set the method of the webhook to POST."},
	{415, 415, "The receiver does not take this type of content.", "Check the format of the webhook and its contentType."},
	{421, 421, "The receiver is not responsible for this name.", "Check the host of the url and tls.serverName."},
	{422, 422, "The receiver understood the request but cannot use what is in it.", "Check that the format of the webhook, or its template, is what the receiver expects."},
	{425, 425, "The receiver wants the request later.", "It will be retried."},
	{426, 426, "The receiver wants another protocol.", "Write https:// instead of http://, or check the port."},
	{429, 429, "The receiver gets too many requests.", "Set the rate of the webhook to what the receiver takes; what waits will be retried."},
	{431, 431, "The headers are too large for the receiver.", "Remove headers of the webhook, or shorten them."},
	{400, 499, "The receiver refused the request.", "What it answered, or its log, may say why."},
	{500, 500, "The receiver has a fault.", "Its log should say which; it will be retried."},
	{501, 501, "The receiver does not know this method.", "Check the path of the url, and the method of the webhook."},
	{502, 502, "What stands before the receiver cannot reach it.", "Check that the receiver behind the proxy runs."},
	{503, 503, "The receiver is overloaded or switched off for now.", "Check that it runs; it will be retried."},
	{504, 504, "What stands before the receiver waited too long for it.", "Have the receiver answer at once and work afterwards."},
	{520, 530, "The network before the receiver cannot reach it.", "Check that the receiver runs and that its firewall lets that network in."},
	{500, 599, "The receiver, or what stands before it, has a fault.", "Its log should say which; it will be retried."},
}

func explainStatus(code int) (what, next string) {
	for _, s := range statuses {
		if s.from <= code && code <= s.to {
			return strings.TrimSuffix(s.what, ".") + fmt.Sprintf(" (HTTP %d).", code), s.next
		}
	}
	return fmt.Sprintf("The receiver answered HTTP %d, which is no status that means anything.", code), "Check that the url is that of the receiver."
}

func explainRefusal(err error) (what, next string) {
	r, ok := errors.AsType[*refusal](err)
	if !ok {
		return "", ""
	}
	next = "Register another address, or change webhooks.policy or webhooks.allow if this one is meant."
	switch _, own := errors.AsType[*ownError](err); {
	case own:
		next = "Register the address of the receiver: this gateway does not send to itself."
	case errors.Is(err, errPlain):
		next = "Write https:// in the url; webhooks.policy says which addresses may do without."
	case errors.Is(err, errOtherPort):
		next = "Have the receiver listen on another port: no setting allows this one."
	}
	return "Nothing was sent: " + r.reason.Error() + ".", next
}

func explainProxy(err error) (what, next string) {
	if p, ok := errors.AsType[*proxyError](err); ok {
		return "The proxy could not be used: " + oneLine(p.err.Error()) + ".", "Check webhooks.proxy, and that the proxy runs: this is not held against the receiver."
	}
	return "", ""
}

func explainLookup(err error) (what, next string) {
	e, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok:
		return "", ""
	case isResolverDown(err):
		return "No DNS server answered the question for " + e.Name + ".", "Check the network of this machine and its DNS servers in /etc/resolv.conf: this is not held against the receiver."
	case isMulticastName(e.Name):
		return "No host of the local network answers to the name " + e.Name + ", and DNS does not know it.", "Check that the receiver is switched on, in the same network and announces itself (Avahi, Bonjour), or register its IP address."
	case e.IsNotFound:
		return "DNS knows no address for " + e.Name + ".", "Check the spelling of the host in the url; for one of the local network that its DNS server knows it, or register its IP address."
	}
	return "DNS has trouble with the name " + e.Name + ".", "Check the DNS server of this machine, and that of the name."
}

func explainTLS(err error) (what, next string) {
	if e, ok := errors.AsType[*pinError](err); ok {
		return "The receiver is another one than expected: " + e.Error() + ".", "If its key was changed on purpose, put the new hash into tls.pins; if not, somebody may be in between."
	}
	if e, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		what = "The certificate of the receiver is not trusted."
		if e.Cert != nil && e.Cert.Issuer.String() == e.Cert.Subject.String() {
			what = "The certificate of the receiver is not trusted: it is signed by itself."
		}
		return what, "Put the certificate of its authority, or its own, into tls.ca; check that the receiver also sends the certificates in between."
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return "The certificate of the receiver is for another name: " + oneLine(e.Error()) + ".", "Write the name of the certificate in the url, or in tls.serverName."
	}
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if e.Reason == x509.Expired {
			return "The certificate of the receiver has expired or is not valid yet, by the clock of this machine.", "Check the clock of this machine, and renew the certificate."
		}
		return "The certificate of the receiver cannot be used: " + oneLine(e.Error()) + ".", "Have another one issued."
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return "The receiver does not speak TLS at that port.", "Write http:// instead of https://, or check the port."
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "remote error" {
		return "The receiver broke off the handshake: " + oneLine(e.Err.Error()) + ".", "If it wants a certificate of its clients, set tls.cert and tls.key; check which versions of TLS it speaks."
	}
	return "", ""
}

func explainTimeout(err error) (what, next string) {
	e, ok := errors.AsType[*Error](err)
	if !ok || !isTimeout(err) {
		return "", ""
	}
	switch e.Phase {
	case Starting, LookingUp, Connecting:
		return "No connection to the receiver came about in time.", "Check that the receiver is switched on, its address and port, and firewalls on both sides, which often drop silently."
	case Handshaking:
		return "The receiver took the connection but did not agree on TLS in time.", "Check that it speaks TLS at that port, and whether it is overloaded."
	case Sending:
		return "The receiver did not take the whole request in time.", "Check whether it hangs or is overloaded, and the line between."
	}
	return "The receiver took the request but did not answer in time.", "Have it answer at once and work afterwards, or raise the timeout of the webhook."
}

// timeoutError is that no more time was left.
type timeoutError struct{ text string }

func (e *timeoutError) Error() string { return e.text }
func (e *timeoutError) Timeout() bool { return true }

func isTimeout(err error) bool {
	e, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && e.Timeout()
}

func explainConnection(err error) (what, next string) {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Nothing listens at the address and port of the receiver.", "Check that the receiver runs, its port, and that it does not listen on its own loopback address alone."
	case isUnroutable(err):
		return "This machine has no way to the receiver.", "Check the network of this machine, and that the receiver is switched on: this is not held against the receiver."
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		next = "Its log may say why; check that http:// and https:// are not mixed up."
		if e, ok := errors.AsType[*Error](err); ok && e.TLS != nil {
			next = "Its log may say why; if it wants a certificate of its clients, set tls.cert and tls.key."
		}
		return "The receiver closed the connection without an answer.", next
	case strings.Contains(err.Error(), "malformed HTTP"):
		return "What the receiver answered is not HTTP.", "Check the port, and whether it has to be https://."
	case strings.Contains(err.Error(), "server response headers exceeded"):
		return "The headers of the answer are larger than 64 KiB.", "Check what the receiver sends: cookies, for example, are of no use here."
	case strings.Contains(err.Error(), "invalid header field"):
		return "A header of the webhook cannot be sent.", "Check the names and values of its headers."
	}
	return "", ""
}
