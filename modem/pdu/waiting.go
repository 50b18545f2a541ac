package pdu

import "fmt"

// A WaitingKind says what waits for the subscriber
// (3GPP TS 23.040 section 9.2.3.24.2).
type WaitingKind uint8

// The kinds of messages that wait; WaitingVideo only occurs in a header.
const (
	WaitingVoicemail WaitingKind = iota
	WaitingFax
	WaitingEmail
	WaitingOther
	WaitingVideo
)

// waitingNames is indexed by WaitingKind.
var waitingNames = [...]string{"voicemail", "fax", "email", "other", "video"}

// String returns "voicemail", "fax", "email", "other" or "video".
func (k WaitingKind) String() string {
	if int(k) < len(waitingNames) {
		return waitingNames[k]
	}
	return fmt.Sprintf("waiting(%d)", uint8(k))
}

// A Waiting is a message waiting indication, from the data coding scheme or
// from an element of the user data header.
type Waiting struct {
	Kind WaitingKind
	// Active is false when the indication is to be cleared.
	Active bool
	// Store is false when the message may be discarded once the indication
	// is shown.
	Store bool
	// Count is how many wait, 255 meaning 255 or more, and -1 if the message
	// does not say.
	Count int
}

// waitingOf decodes the two octets of a special SMS message indication.
func waitingOf(octets []byte) Waiting {
	kind := WaitingKind(octets[0] & 0x03)
	// Bits 4 to 2 extend the last kind.
	if octets[0]&0x1f == 0x07 {
		kind = WaitingVideo
	}
	return Waiting{
		Kind:   kind,
		Active: octets[1] > 0,
		Store:  octets[0]&0x80 != 0,
		Count:  int(octets[1]),
	}
}
