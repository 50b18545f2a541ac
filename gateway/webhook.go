package gateway

import (
	"encoding/json"
	"slices"
	"time"

	"tetherd/gateway/filter"
)

// Format is how events are written to a webhook, and signed.
type Format string

// The formats. The empty one is FormatSMSGate.
const (
	FormatSMSGate     Format = "smsgate"
	FormatInfiniReach Format = "infinireach"
	FormatSmobi       Format = "smobi"
	FormatOneRoute    Format = "oneroute"
	FormatIntegify    Format = "integify"
	FormatStandard    Format = "standard"    // Standard Webhooks
	FormatCloudEvents Format = "cloudevents" // CloudEvents 1.0
	FormatTemplate    Format = "template"    // written by the owner of the webhook
)

// Or returns f, or FormatSMSGate if it is empty.
func (f Format) Or() Format {
	if f == "" {
		return FormatSMSGate
	}
	return f
}

// Rendering says how events become requests. A delivery keeps the one that was in
// use when its event happened.
type Rendering struct {
	Rev         uint32 `json:"rev,omitempty"` // from 1, counted per endpoint; set by the Gateway
	Format      Format `json:"format,omitempty"`
	Kind        string `json:"kind,omitempty"`        // of FormatSmobi: "status" or "inbound"; empty: both
	Extended    bool   `json:"extended,omitempty"`    // also events that the product of the format does not document
	Thin        bool   `json:"thin,omitempty"`        // without content of messages: the receiver fetches it
	Template    string `json:"template,omitempty"`    // of FormatTemplate
	Method      string `json:"method,omitempty"`      // of FormatTemplate: POST if empty
	ContentType string `json:"contentType,omitempty"` // of FormatTemplate, application/json if empty, and of FormatCloudEvents
	Signature   string `json:"signature,omitempty"`   // "github" or "stripe": signs in their manner, too; empty: not
}

// same reports whether r and o write the same bytes.
func (r Rendering) same(o Rendering) bool {
	r.Rev = o.Rev
	return r == o
}

// maxFormer is how many renderings that were replaced are kept.
const maxFormer = 2

// after returns r as the successor of the rendering now, and the former ones.
func (r Rendering) after(now Rendering, former []Rendering) (Rendering, []Rendering) {
	if r.same(now) {
		return now, former
	}
	r.Rev = now.Rev + 1
	former = append([]Rendering{now}, former...)
	return r, former[:min(len(former), maxFormer)]
}

// RedirectPolicy says what to make of an answer that redirects.
type RedirectPolicy string

// The policies.
const (
	RedirectDefault RedirectPolicy = ""                 // RedirectFollow for Google Apps Script, RedirectFail elsewhere
	RedirectFail    RedirectPolicy = "fail"             // a failure
	RedirectFollow  RedirectPolicy = "follow"           // the request is made there, at most five times
	RedirectSuccess RedirectPolicy = "treat-as-success" // 302 and 303 are successes
)

// Secret is a key that deliveries are signed with.
type Secret struct {
	Key   string    `json:"key"`
	Since time.Time `json:"since"`
	Until Tick      `json:"until,omitempty"` // from when it is not valid any more; 0: until it is replaced
	// ListOnly keeps the key out of the format's own header, which has room for one
	// signature: it signs in Webhook-Signature alone, until the receiver knows it.
	ListOnly bool `json:"listOnly,omitempty"`
}

// Header is a line sent with every request to a webhook.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"` // may be secret
}

// EndpointAuth is how requests to a webhook are authorised.
type EndpointAuth struct {
	Type     string `json:"type"` // "basic" or "bearer"
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
	Token    string `json:"token,omitempty"`
}

// EndpointTLS is what differs from the usual for a receiver with TLS.
type EndpointTLS struct {
	CA         string   `json:"ca,omitempty"`         // certificates trusted instead of the system's, PEM
	Cert       string   `json:"cert,omitempty"`       // client's certificate, PEM
	Key        string   `json:"key,omitempty"`        // and its key, PEM
	ServerName string   `json:"serverName,omitempty"` // instead of the host of the URL
	Pins       []string `json:"pins,omitempty"`       // SHA-256 of the receiver's public key, in hex: one must match
	Insecure   bool     `json:"insecure,omitempty"`   // accept any certificate
}

// RetryPolicy is what differs from the usual schedule of retries.
type RetryPolicy struct {
	Max      *int            `json:"max,omitempty"`      // retries after the first attempt, 0 to 50; nil: that of the format
	Base     time.Duration   `json:"base,omitempty"`     // before the first retry, doubling; 0: the configured one
	Schedule []time.Duration `json:"schedule,omitempty"` // instead of Base and doubling; Max retries, the last is repeated
	Jitter   int             `json:"jitter,omitempty"`   // percent added at most, 0 to 10
	GiveUpOn []int           `json:"giveUpOn,omitempty"` // HTTP statuses that end a delivery at once
}

// RateLimit is how many attempts may be started. The zero value is no limit.
type RateLimit struct {
	PerSecond float64 `json:"perSecond,omitempty"`
	Burst     int     `json:"burst,omitempty"` // at once; 0: one
}

// The reasons of a [Pause].
const (
	PausedByOwner    = "owner"
	PausedGone       = "gone"     // the receiver answered 410
	PausedFailing    = "failing"  // nothing but failures for days
	PausedByReceiver = "receiver" // it asked for it, by a header of its answer
)

// Pause is why and since when nothing is sent to a webhook. What waits for it is
// kept.
type Pause struct {
	Reason string    `json:"reason"`         // one of the constants
	Note   string    `json:"note,omitempty"` // for people
	Since  time.Time `json:"since"`
}

// Endpoint is a registered webhook.
type Endpoint struct {
	ID   string `json:"id"`
	Num  uint32 `json:"num"`            // short internal name, given by the store, never reused; 0 until stored
	Name string `json:"name,omitempty"` // for people
	URL  string `json:"url"`

	// Events are the types it is registered for. Modems narrows them down.
	Events []EventType `json:"events"`
	Modems []string    `json:"modems,omitempty"` // IDs: only events of these; empty: of all, and those of none
	// Filter says which of these events it wants; nil: all.
	Filter *filter.Filter `json:"filter,omitempty"`
	// Routed is set if it was made for [Forward]s with its URL: only they send to it.
	Routed bool `json:"routed,omitempty"`
	// PerPart asks for a [MessageDelivered] for each part of a message instead of one
	// for the whole.
	PerPart bool `json:"perPart,omitempty"`

	Rendering
	Former []Rendering `json:"former,omitempty"` // earlier ones, newest first, at most two

	Secrets []Secret      `json:"secrets,omitempty"` // newest first; empty: the global key signs
	Headers []Header      `json:"headers,omitempty"`
	Auth    *EndpointAuth `json:"auth,omitempty"`
	TLS     *EndpointTLS  `json:"tls,omitempty"`

	Timeout    time.Duration  `json:"timeout,omitempty"` // of a whole exchange; 0: that of the format
	Retry      RetryPolicy    `json:"retry,omitzero"`
	Redirects  RedirectPolicy `json:"redirects,omitempty"`
	Rate       RateLimit      `json:"rate,omitzero"`
	Slots      int            `json:"slots,omitempty"`      // attempts under way at a time, 1 to 32; 0: 4
	Ordered    bool           `json:"ordered,omitempty"`    // one after the other, in the order of events; one that fails holds up the rest
	Newest     bool           `json:"newest,omitempty"`     // after a failure of the receiver, what is newest goes first
	MaxPending int            `json:"maxPending,omitempty"` // deliveries that may wait; 0: the configured number
	KeepOnGone bool           `json:"keepOnGone,omitempty"` // an answer 410 is a failure like others

	Paused    *Pause    `json:"paused,omitempty"` // nil: it is not
	CreatedAt time.Time `json:"created"`
	UpdatedAt time.Time `json:"updated,omitzero"`
}

// UnmarshalJSON reads a stored endpoint, also in the form with one event and one
// secret that earlier versions wrote.
func (e *Endpoint) UnmarshalJSON(b []byte) error {
	type plain Endpoint
	var raw struct {
		plain
		Event  EventType `json:"event"`
		Secret string    `json:"secret"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*e = Endpoint(raw.plain)
	if raw.Event != "" && len(e.Events) == 0 {
		e.Events = []EventType{raw.Event}
	}
	if raw.Secret != "" && len(e.Secrets) == 0 {
		e.Secrets = []Secret{{Key: raw.Secret, Since: e.CreatedAt}}
	}
	return nil
}

// RenderingOf returns the rendering with the given Rev; the oldest there is if it
// is not kept any more.
func (e *Endpoint) RenderingOf(rev uint32) Rendering {
	r := e.Rendering
	for i := 0; r.Rev > rev && i < len(e.Former); i++ {
		r = e.Former[i]
	}
	return r
}

// ValidSecrets returns the secrets that are valid, newest first.
func (e *Endpoint) ValidSecrets(now Tick) []Secret {
	var valid []Secret
	for _, s := range e.Secrets {
		if s.Until == 0 || now < s.Until {
			valid = append(valid, s)
		}
	}
	return valid
}

// HasEvent reports whether e is registered for events of type t.
func (e *Endpoint) HasEvent(t EventType) bool { return slices.Contains(e.Events, t) }
