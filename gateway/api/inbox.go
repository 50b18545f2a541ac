package api

// InboxItem is an incoming message.
type InboxItem struct {
	ID     string `json:"id"`   // "text:", "data:" or "mms-header:" and a number
	Type   string `json:"type"` // "SMS", "DATA_SMS" or "MMS"
	Sender string `json:"sender"`

	MessageID string `json:"messageId,omitempty"` // the same number as webhooks tell it
	Recipient string `json:"recipient,omitempty"` // number of the SIM, if known
	SIMNumber int    `json:"simNumber,omitempty"` // slot, from 1
	ModemID   string `json:"modemId,omitempty"`

	// ContentPreview is the whole text, the subject of a multimedia message, or the
	// first 64 bytes in hex of data, followed by "..." if there is more.
	ContentPreview string       `json:"contentPreview"`
	Port           *int         `json:"port,omitempty"`         // application that data is for
	SourcePort     *int         `json:"sourcePort,omitempty"`   // application that it is from
	MMS            *MMS         `json:"mms,omitempty"`          // of a multimedia message
	MissingParts   int          `json:"missingParts,omitempty"` // parts that never came
	CreatedAt      Time         `json:"createdAt"`              // when it arrived at the gateway
	ReceivedAt     Time         `json:"receivedAt,omitzero"`    // when the network took it, if plausible
	Attachments    []Attachment `json:"attachments"`

	Flash   bool      `json:"flash,omitempty"`   // meant to be shown at once and not kept
	Silent  bool      `json:"silent,omitempty"`  // no event was sent for it
	Canary  string    `json:"canary,omitempty"`  // modem that sent it as a canary
	Waiting []Waiting `json:"waiting,omitempty"` // indications of what waits in a mailbox
	// Replaces is the MessageID of the message whose place this one takes, ReplacedBy
	// that of the one that took its place. Completes says that it is the same message
	// with more of its parts.
	Replaces   string `json:"replaces,omitempty"`
	ReplacedBy string `json:"replacedBy,omitempty"`
	Completes  bool   `json:"completes,omitempty"`
	// ProbableDuplicate is set when an earlier message differs in nothing but the
	// time stamp of the service centre: DuplicateOf.
	ProbableDuplicate bool     `json:"probableDuplicate,omitempty"`
	DuplicateOf       string   `json:"duplicateOf,omitempty"` // MessageID
	Notes             []string `json:"notes,omitempty"`       // what had to be repaired to read it

	// Only if they were asked for:
	Raw  []string `json:"raw,omitempty"`  // the TPDUs as received, in hex
	Data string   `json:"data,omitempty"` // the whole content of a data message, in base64
}

// MMS says where a multimedia message waits at the operator.
type MMS struct {
	TransactionID string `json:"transactionId"`
	Subject       string `json:"subject,omitempty"`
	Size          int64  `json:"size"` // bytes
	ContentClass  string `json:"contentClass,omitempty"`
	Location      string `json:"location,omitempty"` // reachable through the operator's network only
	ExpiresAt     Time   `json:"expiresAt,omitzero"`
}

// Waiting is an indication that messages wait in a mailbox.
type Waiting struct {
	Kind   string `json:"kind"`            // "voicemail", "fax", "email", "other" or "video"
	Active bool   `json:"active"`          // false: none waits any more
	Count  *int   `json:"count,omitempty"` // how many, 255 for that or more; nil if it does not say
}

// Attachment is a file that came with a message.
type Attachment struct {
	PartID      int    `json:"partId"`
	Name        string `json:"name,omitempty"`
	Size        int64  `json:"size,omitempty"` // bytes
	ContentType string `json:"contentType"`
}
