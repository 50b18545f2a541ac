package api

// Delivery is the way of one event to one webhook.
type Delivery struct {
	ID          string `json:"id"`      // the same in every attempt
	EventID     string `json:"eventId"` // the same for every webhook
	Event       string `json:"event"`   // type
	Subject     string `json:"subject,omitempty"`
	State       string `json:"state"` // "pending", "succeeded", "exhausted", "blocked", "dropped" or "cancelled"
	OccurredAt  Time   `json:"occurredAt,omitzero"`
	Attempts    int    `json:"attempts"`
	Replays     int    `json:"replays,omitempty"`
	LastCode    int    `json:"lastCode,omitempty"`
	LastError   string `json:"lastError,omitempty"`
	LastAt      Time   `json:"lastAt,omitzero"`
	NextAttempt Time   `json:"nextAttempt,omitzero"` // while pending; about, it follows another clock
	EndedAt     Time   `json:"endedAt,omitzero"`     // about
	Cursor      string `json:"cursor"`               // for "before"
}

// Attempt is one try at a delivery.
type Attempt struct {
	Cursor   string `json:"cursor"` // for "before"
	Delivery string `json:"delivery"`
	Event    string `json:"event"` // type
	Number   int    `json:"number"`
	Outcome  string `json:"outcome"` // "succeeded", "failed", "local" or "blocked"
	At       Time   `json:"at"`      // when it ended
	Next     Time   `json:"next,omitzero"`
	Exchange
}

// Exchange is one HTTP exchange with a receiver.
type Exchange struct {
	Code        int    `json:"code,omitempty"` // HTTP status; 0 if there was no answer
	Error       string `json:"error,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	// Body is the beginning of the answer as text, with U+FFFD for what is none, in
	// which case BodyBase64 is what it was. It comes from the receiver and can be hostile:
	// it is not for a page without escaping.
	Body       string  `json:"body,omitempty"`
	BodyBase64 string  `json:"bodyBase64,omitempty"`
	Truncated  bool    `json:"truncated,omitempty"`
	RetryAfter string  `json:"retryAfter,omitempty"`
	Location   string  `json:"location,omitempty"`
	Remote     string  `json:"remote,omitempty"`
	TLS        string  `json:"tls,omitempty"`
	Timings    Timings `json:"timings"`
}

// Timings are how long the steps of an exchange took, in milliseconds.
type Timings struct {
	DNS       float64 `json:"dns,omitempty"`
	Connect   float64 `json:"connect,omitempty"`
	TLS       float64 `json:"tls,omitempty"`
	FirstByte float64 `json:"firstByte,omitempty"`
	Total     float64 `json:"total"`
}

// WebhookTest is the outcome of trying a webhook out.
type WebhookTest struct {
	OK      bool        `json:"ok"`
	What    string      `json:"what"`             // happened
	Advice  string      `json:"advice,omitempty"` // what to do next
	Event   string      `json:"event,omitempty"`
	Request TestRequest `json:"request"`
	Answer  Exchange    `json:"answer"`
}

// TestRequest is what was sent.
type TestRequest struct {
	Method string            `json:"method"`
	URL    string            `json:"url"`
	Header map[string]string `json:"headers,omitempty"`
	Body   string            `json:"body,omitempty"`
}

// Job is long work on the deliveries to a webhook.
type Job struct {
	ID        string `json:"id"`
	Webhook   string `json:"webhook"`
	Kind      string `json:"kind"`  // "recover" or "replay-missing"
	State     string `json:"state"` // "waiting", "running", "done" or "failed"
	Total     int    `json:"total"`
	Done      int    `json:"done"`
	Changed   int    `json:"changed"` // of these, the deliveries that begin anew or are new
	Error     string `json:"error,omitempty"`
	CreatedAt Time   `json:"createdAt"`
	EndedAt   Time   `json:"endedAt,omitzero"`
}

// RecoverRequest selects deliveries to begin anew.
type RecoverRequest struct {
	Since Time     `json:"since,omitzero"`
	Until Time     `json:"until,omitzero"`
	State []string `json:"state,omitempty"` // empty: exhausted, blocked and dropped
}
