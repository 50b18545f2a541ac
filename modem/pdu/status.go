package pdu

import "fmt"

// A ReportClass sorts the values of TP-ST (3GPP TS 23.040 section 9.2.3.15).
type ReportClass uint8

const (
	// Delivered: the service centre is done and the message arrived, as far
	// as it knows (0x00 to 0x1F).
	Delivered ReportClass = iota
	// Pending: the service centre goes on trying; another report may follow
	// (0x20 to 0x3F).
	Pending
	// FailedPermanent: the service centre gave up, and sending the same again
	// would not help (0x40 to 0x5F).
	FailedPermanent
	// FailedTemporary: the service centre gave up on an obstacle that may
	// pass (0x60 to 0x7F). Reserved values from 0x80 count as this one, since
	// they are to be read as 0x63, service rejected.
	FailedTemporary
)

// reportClassNames is indexed by ReportClass.
var reportClassNames = [...]string{"delivered", "pending", "failed permanently", "failed temporarily"}

// String returns the class in plain words.
func (c ReportClass) String() string {
	if int(c) < len(reportClassNames) {
		return reportClassNames[c]
	}
	return fmt.Sprintf("class(%d)", uint8(c))
}

// StatusOf returns the class of a TP-ST.
func StatusOf(st byte) ReportClass {
	switch {
	case st < 0x20:
		return Delivered
	case st < 0x40:
		return Pending
	case st < 0x60:
		return FailedPermanent
	default:
		return FailedTemporary
	}
}

// statusTexts holds the values of TP-ST with a meaning of their own.
var statusTexts = map[byte]string{
	0x00: "The message was delivered.",
	0x01: "The message was passed on, but its delivery could not be confirmed.",
	0x02: "The message was replaced by a later one in the service centre.",

	0x20: "The network is congested; the service centre goes on trying.",
	0x21: "The recipient's phone is busy; the service centre goes on trying.",
	0x22: "The recipient's phone does not answer; the service centre goes on trying.",
	0x23: "The service was rejected; the service centre goes on trying.",
	0x24: "The quality of service is not available; the service centre goes on trying.",
	0x25: "The recipient's phone reports an error; the service centre goes on trying.",

	0x40: "The message failed: error in a remote procedure.",
	0x41: "The message failed: the destination is incompatible.",
	0x42: "The message failed: the recipient's phone rejected the connection.",
	0x43: "The message failed: the recipient cannot be reached.",
	0x44: "The message failed: the quality of service is not available.",
	0x45: "The message failed: the networks do not work together.",
	0x46: "The message expired before it could be delivered.",
	0x47: "The message was deleted by the sender.",
	0x48: "The message was deleted by the service centre.",
	0x49: "The service centre does not know the message.",

	0x60: "The service centre gave up: the network was congested.",
	0x61: "The service centre gave up: the recipient's phone was busy.",
	0x62: "The service centre gave up: the recipient's phone did not answer.",
	0x63: "The service centre gave up: the service was rejected.",
	0x64: "The service centre gave up: the quality of service was not available.",
	0x65: "The service centre gave up: the recipient's phone reported an error.",
}

// StatusText returns one plain sentence for a TP-ST. For a value without a
// meaning of its own it names the class and the value.
func StatusText(st byte) string {
	if text, ok := statusTexts[st]; ok {
		return text
	}
	switch StatusOf(st) {
	case Delivered:
		return fmt.Sprintf("The message was handled by the service centre (status 0x%02X).", st)
	case Pending:
		return fmt.Sprintf("The service centre goes on trying (status 0x%02X).", st)
	case FailedPermanent:
		return fmt.Sprintf("The message failed (status 0x%02X).", st)
	default:
		return fmt.Sprintf("The service centre gave up (status 0x%02X).", st)
	}
}
