package wap

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Notification says that a multimedia message waits at the operator.
type Notification struct {
	TransactionID string
	// From is the sender, without the type of address behind it: empty if it is
	// withheld or was not said.
	From         string
	Subject      string
	Size         int64  // octets
	Location     string // where it can be fetched, through the operator's network
	MessageClass string // "personal", "advertisement", "informational", "auto", or a name
	ContentClass string // such as "image-basic"; empty if it was not said
	// One of these says until when it can be fetched; both are zero if neither was
	// said.
	Expires   time.Time
	ExpiresIn time.Duration // since it was sent
	Version   string        // such as "1.2"; empty if it was not said
	Defects   []string      // what could not be read, in plain words; at most 8
}

// ErrNoNotification is returned for a multimedia message that notifies of none,
// such as a delivery report, and for octets that are none at all.
var ErrNoNotification = errors.New("not an MMS notification")

// Header fields (OMA-TS-MMS-ENC §7.4, table 25), with the bit that marks an
// assigned number.
const (
	fieldLocation      = 0x83
	fieldExpiry        = 0x88
	fieldFrom          = 0x89
	fieldMessageClass  = 0x8a
	fieldMessageType   = 0x8c
	fieldVersion       = 0x8d
	fieldSize          = 0x8e
	fieldSubject       = 0x96
	fieldTransactionID = 0x98
	fieldContentClass  = 0xba

	typeNotification = 0x82 // of fieldMessageType
)

// fieldNames names in defects what is read.
var fieldNames = map[byte]string{
	fieldLocation: "content location", fieldExpiry: "expiry", fieldFrom: "sender", fieldMessageClass: "message class",
	fieldVersion: "version", fieldSize: "size", fieldSubject: "subject", fieldTransactionID: "transaction id",
	fieldContentClass: "content class",
}

var messageClasses = [...]string{"personal", "advertisement", "informational", "auto"}

var contentClasses = [...]string{
	"text", "image-basic", "image-rich", "video-basic", "video-rich", "megapixel", "content-basic", "content-rich",
}

// DecodeNotification reads the body of a push of type [MMS]. The error wraps
// [ErrNoNotification].
func DecodeNotification(b []byte) (n Notification, err error) {
	r := reader{b}
	kind := byte(0)
	for len(r.b) > 0 {
		if r.b[0] < shortInt {
			// A field named by text, whose value is text (WSP §8.4.2.6).
			if len(r.text()) == 0 {
				continue // padding
			}
			r.text()
			continue
		}
		field, _ := r.octet()
		if len(r.b) == 0 {
			n.defect(field)
			break
		}
		if field == fieldMessageType {
			kind, _ = r.octet()
			continue
		}
		if !n.read(field, &r) {
			n.defect(field)
		}
	}
	if kind != typeNotification {
		return Notification{}, fmt.Errorf("%w: message type 0x%02x", ErrNoNotification, kind)
	}
	return n, nil
}

// read takes the value of a field. ok is false if it is not what it must be, or
// cut short; the reader then stands behind what was taken for it.
func (n *Notification) read(field byte, r *reader) (ok bool) {
	before := r.b
	switch field {
	case fieldTransactionID:
		return r.plain(&n.TransactionID)
	case fieldLocation:
		return r.plain(&n.Location)
	case fieldSubject:
		s, short := r.encodedString()
		n.Subject = s
		return !short
	case fieldFrom:
		return n.readFrom(r)
	case fieldSize:
		v, ok := r.integer()
		n.Size = int64(min(v, math.MaxInt64))
		return ok || r.recover(before)
	case fieldVersion:
		v, ok := r.integer()
		if !ok {
			return r.recover(before)
		}
		n.Version = fmt.Sprintf("%d.%d", v>>4&7, v&15)
		return true
	case fieldMessageClass:
		return r.named(&n.MessageClass, messageClasses[:])
	case fieldContentClass:
		return r.named(&n.ContentClass, contentClasses[:])
	case fieldExpiry:
		return n.readExpiry(r)
	}
	return r.skip() || r.end()
}

// The tokens that say which of two forms a value has.
const (
	tokenFirst  = 0x80 // an address is there; a time is absolute
	tokenSecond = 0x81 // an address is to be inserted; a time is relative
)

func (n *Notification) readFrom(r *reader) bool {
	v, short, ok := r.valueLength()
	if !ok {
		return r.recover(r.b)
	}
	switch token, _ := v.octet(); token {
	case tokenFirst:
		s, cut := v.encodedString()
		n.From = address(s)
		return !short && !cut
	case tokenSecond:
		return true
	}
	return false
}

// address cuts the type off an address such as "+4917012345678/TYPE=PLMN".
func address(s string) string {
	if i := strings.LastIndex(strings.ToUpper(s), "/TYPE="); i >= 0 {
		s = s[:i]
	}
	return s
}

// maxDelta bounds relative times so that they can be added to a moment.
const maxDelta = 100 * 365 * 24 * 60 * 60 // seconds

func (n *Notification) readExpiry(r *reader) bool {
	v, short, ok := r.valueLength()
	if !ok {
		return r.recover(r.b)
	}
	token, _ := v.octet()
	seconds, ok := v.integer()
	switch {
	case !ok || short:
		return false
	case token == tokenFirst && seconds <= math.MaxUint32:
		n.Expires = time.Unix(int64(seconds), 0).UTC()
	case token == tokenSecond && seconds <= maxDelta:
		n.ExpiresIn = time.Duration(seconds) * time.Second
	default:
		return false
	}
	return true
}

// maxDefects bounds what is told of a message that makes no sense.
const maxDefects = 8

func (n *Notification) defect(field byte) {
	if len(n.Defects) == maxDefects {
		return
	}
	name, known := fieldNames[field]
	if !known {
		name = fmt.Sprintf("field 0x%02x", field)
	}
	n.Defects = append(n.Defects, name+" cannot be read")
}

// plain takes a text without a character set; it must not be another kind of
// value.
func (r *reader) plain(s *string) bool {
	if len(r.b) == 0 || r.b[0] >= shortInt || r.b[0] != 0 && r.b[0] < firstText {
		r.recover(r.b)
		return false
	}
	*s = decodeText(0, r.text())
	return true
}

// named takes a value that is an assigned number or a text.
func (r *reader) named(s *string, names []string) bool {
	if r.b[0] < shortInt {
		return r.plain(s)
	}
	o, _ := r.octet()
	if int(o&^shortInt) >= len(names) {
		return false
	}
	*s = names[o&^shortInt]
	return true
}

// recover passes over the value at b, which is not of the kind it must be, and
// returns false.
func (r *reader) recover(b []byte) bool {
	r.b = b
	if !r.skip() {
		r.end()
	}
	return false
}

// end gives up the rest and returns false.
func (r *reader) end() bool {
	r.b = nil
	return false
}
