package api

// What one batch may have at most.
const (
	MaxBatch           = 10_000   // messages
	MaxBatchRecipients = 20_000   // numbers of all of them
	MaxBatchEncrypted  = 100      // messages that are encrypted
	MaxBatchBytes      = 16 << 20 // of the request
)

// Headers of requests that take effect once. A request that is repeated with the same
// key gets the answer of the first, and IdempotentReplayed: true beside it.
const (
	IdempotencyKey     = "Idempotency-Key"
	IdempotentReplayed = "Idempotent-Replayed"
)

// BatchRequest asks for several messages to be sent, in one durable step.
type BatchRequest struct {
	Messages []SendRequest `json:"messages"` // 1 to [MaxBatch]

	// What follows does not travel in the body. SkipPhoneValidation is that of all: that
	// of the messages does not count.
	Partial             bool   `json:"-"` // accept those that can be, although others cannot; else all or none
	SkipPhoneValidation bool   `json:"-"`
	Key                 string `json:"-"` // Idempotency-Key, 1 to 128 printable characters of ASCII; empty: none
}

// BatchAnswer is the answer to POST /messages/batch.
type BatchAnswer struct {
	Accepted int            `json:"accepted"`
	Refused  int            `json:"refused"`
	Messages []BatchMessage `json:"messages"`         // that were accepted, in the order of the request
	Errors   []BatchError   `json:"errors,omitempty"` // one for each that was refused, likewise
}

// BatchMessage is one message that was accepted.
type BatchMessage struct {
	Index int    `json:"index"` // in the request, from 0
	ID    string `json:"id"`
	State State  `json:"state"`
}

// BatchError says why one message of a batch cannot be accepted.
type BatchError struct {
	Index   int    `json:"index"`           // in the request, from 0
	Field   string `json:"field,omitempty"` // at fault, such as textMessage.text
	Message string `json:"message"`
}
