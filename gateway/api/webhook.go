package api

import "encoding/json"

// Webhook is a registration: events of certain types are sent to one URL. In a
// request every field but URL and one of Event and Events can be left out; what an
// answer has and a request cannot set is marked as read-only.
//
// Answers show secrets, passwords, tokens, private keys, values of headers, and the
// user and the values in the query of the URL, as "***". A request that sends that
// back leaves them as they are.
type Webhook struct {
	ID     string `json:"id,omitempty"` // empty in a request: the gateway makes one
	URL    string `json:"url"`
	Event  string `json:"event"`            // such as "sms:received"; in an answer the first of Events
	Source string `json:"source,omitempty"` // "Local"; read-only
	// DeviceID restricts a request to the gateway with this identity, or the webhook to
	// the modem of this name; answers leave it out.
	DeviceID *string `json:"deviceId,omitempty"`

	Events []string `json:"events,omitempty"` // types, in the names of the gateway or of the format
	Name   string   `json:"name,omitempty"`   // for people
	Modems []string `json:"modems,omitempty"` // only events of these; empty: all
	// Filter narrows the events down further.
	Filter json.RawMessage `json:"filter,omitempty"`

	Format         string `json:"format,omitempty"`         // "smsgate" if empty
	Kind           string `json:"kind,omitempty"`           // of format smobi: "status" or "inbound"; empty: both
	ExtendedEvents bool   `json:"extendedEvents,omitempty"` // also events that the product of the format does not document
	Payload        string `json:"payload,omitempty"`        // "thin": without content of messages; "full" if empty
	DeliveredPer   string `json:"deliveredPer,omitempty"`   // "part": sms:delivered for each part; "message" if empty
	Template       string `json:"template,omitempty"`       // of format template
	Method         string `json:"method,omitempty"`         // of format template: "POST" if empty
	ContentType    string `json:"contentType,omitempty"`
	Signature      string `json:"signature,omitempty"` // "github" or "stripe": signed in their manner, too

	// Secret of a request signs from now on, true has one made, false has the key of
	// the gateway sign; nil leaves it as it is, or has one made for a new webhook whose
	// format is not smsgate. An answer has one that was just given or made, and no other.
	Secret  *WebhookSecret    `json:"secret,omitempty"`
	Headers map[string]string `json:"headers,omitempty"` // sent with every request
	Auth    *WebhookAuth      `json:"auth,omitempty"`
	TLS     *WebhookTLS       `json:"tls,omitempty"`

	Timeout       Duration      `json:"timeout,omitempty"` // of a whole exchange; 0: that of the format
	Retry         *WebhookRetry `json:"retry,omitempty"`
	Redirects     string        `json:"redirects,omitempty"` // "fail", "follow" or "treat-as-success"
	Rate          *WebhookRate  `json:"rate,omitempty"`
	Slots         int           `json:"slots,omitempty"` // attempts under way at a time, 1 to 32; 0: 4
	Ordered       bool          `json:"ordered,omitempty"`
	Drain         string        `json:"drain,omitempty"`         // "newest-first": after a failure; "oldest-first" if empty
	MaxPending    int           `json:"maxPending,omitempty"`    // deliveries that may wait; 0: the configured number
	DisableOnGone *bool         `json:"disableOnGone,omitempty"` // false: an answer 410 is a failure like others
	Paused        bool          `json:"paused,omitempty"`        // nothing is sent, what waits is kept

	Pause     *WebhookPause  `json:"pause,omitempty"`    // read-only
	Insecure  bool           `json:"insecure,omitempty"` // others can read or alter what is sent; read-only
	Routed    bool           `json:"routed,omitempty"`   // only routes send to it; read-only
	CreatedAt Time           `json:"createdAt,omitzero"` // read-only
	UpdatedAt Time           `json:"updatedAt,omitzero"` // read-only
	Health    *WebhookHealth `json:"health,omitempty"`   // read-only
}

// WebhookSecret is a secret, or what is to be done about it: a string or a boolean.
type WebhookSecret struct {
	Text string // empty: Make counts
	Make bool   // make one; false: the key of the gateway signs
}

// MarshalJSON implements [json.Marshaler].
func (s WebhookSecret) MarshalJSON() ([]byte, error) {
	if s.Text == "" {
		return json.Marshal(s.Make)
	}
	return json.Marshal(s.Text)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (s *WebhookSecret) UnmarshalJSON(b []byte) error {
	*s = WebhookSecret{}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &s.Text)
	}
	return json.Unmarshal(b, &s.Make)
}

// WebhookAuth is how requests are authorised.
type WebhookAuth struct {
	Type     string `json:"type"` // "basic" or "bearer"
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
	Token    string `json:"token,omitempty"`
}

// WebhookTLS is what differs from the usual for a receiver with TLS.
type WebhookTLS struct {
	CA         string   `json:"ca,omitempty"`         // certificates to trust instead of the system's, PEM
	Cert       string   `json:"cert,omitempty"`       // client's certificate, PEM
	Key        string   `json:"key,omitempty"`        // and its key, PEM
	ServerName string   `json:"serverName,omitempty"` // instead of the host of the URL
	Pins       []string `json:"pins,omitempty"`       // SHA-256 of the receiver's public key
	Insecure   bool     `json:"insecure,omitempty"`   // accept any certificate
}

// WebhookRetry is what differs from the usual schedule of retries.
type WebhookRetry struct {
	Max      *int       `json:"max,omitempty"`      // retries after the first attempt, 0 to 50; nil: those of the format
	Base     Duration   `json:"base,omitempty"`     // before the first, doubling; 0: 10 s
	Schedule []Duration `json:"schedule,omitempty"` // instead of Base; the last is repeated
	Jitter   int        `json:"jitter,omitempty"`   // percent added at most, 0 to 10
	GiveUpOn []int      `json:"giveUpOn,omitempty"` // HTTP statuses that end a delivery at once
}

// WebhookRate is how many attempts may be started.
type WebhookRate struct {
	PerSecond float64 `json:"perSecond,omitempty"`
	Burst     int     `json:"burst,omitempty"`
}

// WebhookPause says why nothing is sent.
type WebhookPause struct {
	Reason string `json:"reason"` // "owner", "gone", "failing" or "receiver"
	Note   string `json:"note,omitempty"`
	Since  Time   `json:"since"`
}

// WebhookHealth is how a webhook fares.
type WebhookHealth struct {
	Status      string `json:"status"`             // "ok", "failing", "paused", or "new" before the first attempt
	Pending     int    `json:"pending"`            // deliveries that wait
	Dead        int    `json:"dead"`               // deliveries that ended without reaching it and are kept
	Failures    int    `json:"failures"`           // in a row
	LastCode    int    `json:"lastCode,omitempty"` // HTTP status of the latest attempt
	LastSuccess Time   `json:"lastSuccess,omitzero"`
	LastFailure Time   `json:"lastFailure,omitzero"`
	NextAttempt Time   `json:"nextAttempt,omitzero"` // of what waits; about, it follows another clock
}

// WebhookStats are the numbers of a webhook, as far back as they are kept.
type WebhookStats struct {
	WebhookHealth
	Succeeded    uint64 `json:"succeeded"` // attempts
	Failed       uint64 `json:"failed"`    // attempts
	Exhausted    uint64 `json:"exhausted"` // deliveries given up
	Dropped      uint64 `json:"dropped"`   // deliveries dropped because too many waited
	FailingSince Time   `json:"failingSince,omitzero"`
}

// WebhookSecrets are the secrets of a webhook.
type WebhookSecrets struct {
	Shared  bool        `json:"shared"`  // it has none of its own: the key of the gateway signs
	Secrets []SecretKey `json:"secrets"` // valid ones, newest first
}

// SecretKey is a secret that is valid.
type SecretKey struct {
	Secret    string `json:"secret"`
	CreatedAt Time   `json:"createdAt,omitzero"`
	ExpiresAt Time   `json:"expiresAt,omitzero"` // about, it follows another clock; none until it is replaced
	// Signs says whether the signature header of the format is made with it. All of them
	// sign in Webhook-Signature.
	Signs bool `json:"signs"`
}
