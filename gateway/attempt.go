package gateway

import "time"

// Verdict is what an attempt at a delivery led to. The values are stored.
type Verdict uint8

// The verdicts.
const (
	AttemptSucceeded Verdict = iota + 1
	AttemptFailed            // counted
	AttemptLocal             // a fault of this machine: not counted
	AttemptBlocked           // the address may not be contacted
)

// String returns the name of v in the API.
func (v Verdict) String() string {
	switch v {
	case AttemptSucceeded:
		return "succeeded"
	case AttemptFailed:
		return "failed"
	case AttemptLocal:
		return "local"
	case AttemptBlocked:
		return "blocked"
	}
	return "unknown"
}

// MaxAttemptBody is how much of an answer is kept, in bytes.
const MaxAttemptBody = 4 << 10

// Attempt is one try at a delivery, for the log of its webhook.
type Attempt struct {
	Seq      uint64    `json:"-"` // order within the endpoint, given by the store
	Endpoint uint32    `json:"-"` // Endpoint.Num
	Delivery string    `json:"delivery"`
	Event    uint64    `json:"event"` // Event.Seq; 0 if it was never stored
	Type     EventType `json:"type"`
	Number   int       `json:"n"` // from 1, as told to the receiver
	Verdict  Verdict   `json:"verdict"`
	At       time.Time `json:"at"`             // when it ended
	Tick     Tick      `json:"tick"`           // the same
	Next     Tick      `json:"next,omitempty"` // when the next is due; 0 if none is

	Exchange
}

// Exchange is one HTTP exchange with a receiver.
type Exchange struct {
	Code        int           `json:"code,omitempty"`  // HTTP status; 0 if there was no answer
	Error       string        `json:"error,omitempty"` // what went wrong; it may quote the receiver
	ContentType string        `json:"contentType,omitempty"`
	Body        []byte        `json:"body,omitempty"` // of the answer, at most MaxAttemptBody, as it came: hostile
	Truncated   bool          `json:"truncated,omitempty"`
	RetryAfter  time.Duration `json:"retryAfter,omitempty"` // asked for by the receiver
	Location    string        `json:"location,omitempty"`   // of a redirect that was not followed
	Remote      string        `json:"remote,omitempty"`     // address and port; empty if there was no connection
	TLS         string        `json:"tls,omitempty"`        // version and certificate, for people
	Timings     Timings       `json:"timings"`
}

// Timings are how long the steps of an exchange took; 0 for those that were not
// taken, such as connecting when a connection was kept.
type Timings struct {
	DNS       time.Duration `json:"dns,omitempty"`
	Connect   time.Duration `json:"connect,omitempty"`
	TLS       time.Duration `json:"tls,omitempty"`
	FirstByte time.Duration `json:"firstByte,omitempty"` // from the request's start to the answer's first byte
	Total     time.Duration `json:"total,omitempty"`
}

// AttemptQuery selects attempts, newest first.
type AttemptQuery struct {
	Endpoint uint32 // Endpoint.Num
	Delivery string // empty: of any
	Before   uint64 // Attempt.Seq: only older ones; 0: any
	Limit    int    // at most; 0 or less returns none
}

// EndpointState is how a webhook has fared. It is kept over restarts, but not
// exactly: what happened within the last moments before a crash may be missing.
type EndpointState struct {
	Endpoint     uint32    `json:"-"`                   // Endpoint.Num
	Succeeded    uint64    `json:"succeeded,omitempty"` // attempts, in all
	Failed       uint64    `json:"failed,omitempty"`    // counted attempts, in all
	Exhausted    uint64    `json:"exhausted,omitempty"` // deliveries given up, in all
	Dropped      uint64    `json:"dropped,omitempty"`   // deliveries dropped because too many waited, in all
	Failures     int       `json:"failures,omitempty"`  // counted attempts that failed since the last success
	FailingSince Tick      `json:"failingSince,omitempty"`
	Told         Tick      `json:"told,omitempty"`     // when webhook:failing was raised for the present failures; 0 if not
	ToldDead     Tick      `json:"toldDead,omitempty"` // when webhook:exhausted was raised last
	LastSuccess  time.Time `json:"lastSuccess,omitzero"`
	LastFailure  time.Time `json:"lastFailure,omitzero"`
}

// WebhookTest is the outcome of an attempt that was made to try a webhook out.
type WebhookTest struct {
	Exchange
	OK     bool   // the receiver took it
	What   string // what the outcome means, for people
	Advice string // what to do next; empty if nothing
	Event  EventType
	// Request is what was sent: header values that are secret are left out.
	Method string
	URL    string // without what may be secret
	Header map[string]string
	Sent   []byte
}
