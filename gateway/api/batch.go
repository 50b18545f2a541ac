package api

// MaxBatch is how many messages one batch may have.
const MaxBatch = 10_000

// Headers of requests that take effect once. A request that is repeated with the same
// key gets the answer of the first, and IdempotentReplayed: true beside it.
const (
	IdempotencyKey     = "Idempotency-Key"
	IdempotentReplayed = "Idempotent-Replayed"
)

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
