package api

// InboxItem is an incoming message.
type InboxItem struct {
	ID     string `json:"id"`   // "text:" or "data:" and a number
	Type   string `json:"type"` // "SMS" or "DATA_SMS"
	Sender string `json:"sender"`

	Recipient string `json:"recipient,omitempty"` // number of the SIM, if known
	SIMNumber int    `json:"simNumber,omitempty"` // slot, from 1
	ModemID   string `json:"modemId,omitempty"`

	// ContentPreview is the whole text, or the first 64 bytes in hex of data,
	// followed by "..." if there is more.
	ContentPreview string       `json:"contentPreview"`
	MissingParts   int          `json:"missingParts,omitempty"` // parts that never came
	CreatedAt      Time         `json:"createdAt"`              // when it arrived at the gateway
	ReceivedAt     Time         `json:"receivedAt,omitzero"`    // when the network took it, if plausible
	Attachments    []Attachment `json:"attachments"`
}

// Attachment is a file that came with a message.
type Attachment struct {
	PartID      int    `json:"partId"`
	Name        string `json:"name,omitempty"`
	Size        int64  `json:"size,omitempty"` // bytes
	ContentType string `json:"contentType"`
}
