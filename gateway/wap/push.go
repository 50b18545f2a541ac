package wap

import (
	"errors"
	"fmt"
	"strings"
)

// Port is the port that service centres push to without security
// (WAP-259-WDP, appendix B).
const Port = 2948

// Push is a WSP push PDU.
type Push struct {
	ContentType string // such as "application/vnd.wap.mms-message", without parameters, in lower case
	Body        []byte // shares the octets given
}

// MMS is the content type of a message of the multimedia messaging service.
const MMS = "application/vnd.wap.mms-message"

// ErrNoPush is returned for octets that are no WSP push.
var ErrNoPush = errors.New("not a WSP push")

// The types of PDUs (WSP §8.2.1).
const (
	typePush          = 0x06
	typeConfirmedPush = 0x07
)

// The content types that pushes have, by their assigned numbers (WSP appendix A,
// and the OMA name authority).
var contentTypes = map[uint64]string{
	0x03: "text/plain",
	0x27: "application/wml+xml",
	0x29: "application/vnd.wap.wbxml",
	0x2d: "text/vnd.wap.si",
	0x2e: "application/vnd.wap.sic",
	0x2f: "text/vnd.wap.sl",
	0x30: "application/vnd.wap.slc",
	0x31: "text/vnd.wap.co",
	0x32: "application/vnd.wap.coc",
	0x36: "application/vnd.wap.connectivity-wbxml",
	0x3e: MMS,
	0x42: "application/vnd.syncml.dm+wbxml",
	0x44: "application/vnd.syncml.notification",
}

// DecodePush reads a push PDU as it comes without a connection: with a
// transaction identifier first. The error wraps [ErrNoPush].
func DecodePush(b []byte) (Push, error) {
	r := reader{b}
	if _, ok := r.octet(); !ok { // the transaction, which nobody answers
		return Push{}, fmt.Errorf("%w: it is empty", ErrNoPush)
	}
	if t, ok := r.octet(); !ok || t != typePush && t != typeConfirmedPush {
		return Push{}, fmt.Errorf("%w: PDU type 0x%02x", ErrNoPush, t)
	}
	n, ok := r.uintvar()
	if !ok {
		return Push{}, fmt.Errorf("%w: no length of the headers", ErrNoPush)
	}
	headers, ok := r.take(n)
	if !ok {
		return Push{}, fmt.Errorf("%w: headers of %d octets, %d are there", ErrNoPush, n, len(r.b))
	}
	t, ok := (&reader{headers}).contentType()
	if !ok {
		return Push{}, fmt.Errorf("%w: no content type", ErrNoPush)
	}
	return Push{ContentType: t, Body: r.b}, nil
}

// contentType takes a media type, alone or with parameters (WSP §8.4.2.24).
func (r *reader) contentType() (t string, ok bool) {
	if v, _, general := r.valueLength(); general {
		return v.mediaType()
	}
	return r.mediaType()
}

func (r *reader) mediaType() (t string, ok bool) {
	if len(r.b) > 0 && r.b[0] >= firstText && r.b[0] < shortInt {
		t, _, _ := strings.Cut(string(r.text()), ";")
		return strings.ToLower(strings.TrimSpace(t)), true
	}
	n, ok := r.integer()
	if !ok {
		return "", false
	}
	if t, known := contentTypes[n]; known {
		return t, true
	}
	return fmt.Sprintf("type 0x%02x", n), true
}
