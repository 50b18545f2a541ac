package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Code classifies an [Error] for machines. Adapters map it to their own terms,
// in one place each.
type Code string

// The codes.
const (
	Invalid     Code = "invalid"     // the request is wrong; the message says what and how to mend it
	NotFound    Code = "not_found"   // there is no such thing
	Conflict    Code = "conflict"    // it exists already, or its state does not allow this
	Unavailable Code = "unavailable" // the gateway is stopping or cannot store; try again later
	Forbidden   Code = "forbidden"   // the caller may not do this
	Nobody      Code = "nobody"      // it is not known who the caller is
	TooSoon     Code = "too_soon"    // it was done just now; try again later
	Mismatch    Code = "mismatch"    // it does not agree with an earlier request
)

// Error is an error meant for a caller of the gateway. Any other error is
// internal: shown as a fixed sentence, logged in full.
type Error struct {
	Code    Code
	Message string
	// Detail says all of it where Message is no more than the words that clients of SMS
	// Gateway for Android know. It begins with these; empty: Message is all.
	Detail string
	Field  string        // of the request that is at fault, such as phoneNumbers[2]; empty if none is known
	After  time.Duration // when to try again, with TooSoon; zero leaves it open
	Err    error         // the cause, for the log; may be nil
}

func (e *Error) Error() string {
	text := cmp.Or(e.Detail, e.Message)
	if e.Err != nil {
		return text + ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Invalidf returns an [Error] with code [Invalid].
func Invalidf(format string, args ...any) error {
	return &Error{Code: Invalid, Message: fmt.Sprintf(format, args...)}
}

// BadField returns an [Error] with code [Invalid] that names the field at fault.
func BadField(field, format string, args ...any) error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first [Error] in err's chain, or "" if it has
// none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

var (
	// ErrNotFound is returned by a [Reader] when no row has the given key.
	ErrNotFound = &Error{Code: NotFound, Message: "not found"}
	// ErrConflict is returned by [Store.Commit] when a row changed since it was
	// read; nothing of the Change was stored. Read again and retry.
	ErrConflict = errors.New("row changed since it was read")
	// ErrExists is returned by [Store.Commit] when a new message has the ID of a
	// stored one; nothing of the Change was stored.
	ErrExists = &Error{Code: Conflict, Field: "id", Message: "Message with the same ID already exists"}
	// ErrDamaged is in the chain of the error of a [Reader] that cannot make sense
	// of one stored row; the others can be read.
	ErrDamaged = errors.New("a stored row is damaged")
	// ErrStoreFailed is returned by [Store.Commit] once a write failed for good
	// (disk full, I/O error). The gateway then accepts no work.
	ErrStoreFailed = &Error{Code: Unavailable, Message: "the store cannot be written; see the log and free disk space or replace the disk"}
)

// Fate is what is known about a PDU after an attempt to send it.
type Fate uint8

// The fates. The zero value is a PDU that was not handed to a modem.
const (
	NotSent  Fate = iota // it cannot have left the modem
	Rejected             // the modem or the network refused it
	Unknown              // it may have left: no answer after it was handed over
	Accepted             // the SMSC took it
)

func (f Fate) String() string {
	return [...]string{"not sent", "rejected", "unknown", "accepted"}[f]
}

// Action is what a failed attempt asks the engine to do next.
type Action uint8

// The actions.
const (
	Retry Action = iota // try again later; counts towards the attempts allowed
	Fail                // give up: the same PDU would fail again
	Wait                // the modem, the SIM or the network is at fault, not the message: try again when it is ready; does not count
)

// SendError is why [Modem.Send] did not send every part. The parts before the
// one it names were accepted and reported through the callback; the ones behind
// it were not handed over.
type SendError struct {
	Fate   Fate   // of the part that failed; Accepted is not allowed
	Action Action // ignored when Fate is Unknown: the policy for unknown outcomes decides
	Code   string // machine-readable cause, such as "CMS 38"; may be empty
	Text   string // one plain sentence for people
	// Evidence is what the modem said, such as "+CMS ERROR: 38; +CEER: …"; no number,
	// no text of a message. May be empty.
	Evidence string
	After    time.Duration // least delay before a Retry; zero leaves it to the engine
	Err      error         // the cause, for the log; may be nil
}

func (e *SendError) Error() string {
	s := fmt.Sprintf("pdu %s: %s", e.Fate, e.Text)
	if e.Code != "" {
		s += " (" + e.Code + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *SendError) Unwrap() error { return e.Err }
