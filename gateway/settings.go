package gateway

import "time"

// Settings are what can be changed while the gateway runs. Every reader asks
// [Gateway.Settings] anew, so that a change holds at once.
type Settings struct {
	Messages   MessageSettings
	Ping       PingSettings
	Logs       LogSettings
	Webhooks   WebhookSettings
	Encryption EncryptionSettings
	Cloud      CloudSettings
	Receiver   ReceiverSettings
}

// MessageSettings are about outgoing messages.
type MessageSettings struct {
	// SendIntervalMin and SendIntervalMax are the bounds of a random delay after each
	// message. There is none if Max is zero or less than Min.
	SendIntervalMin, SendIntervalMax time.Duration
	// PaceRecipients is set if the delay is between recipients of a message, too.
	PaceRecipients bool
	// LimitPeriod is the rolling window in which at most LimitValue messages are sent;
	// NoLimit, or a LimitValue of zero, is no limit.
	LimitPeriod LimitPeriod
	LimitValue  int
	Selection   Selection     // how a modem is chosen for a message that nothing else decides on
	Lifetime    time.Duration // how long messages are kept; zero is for ever
	Order       Order
	WorkHours   WorkHours
}

// LimitPeriod is a window of time in which messages are counted.
type LimitPeriod string

// The periods, in the spelling of the API.
const (
	NoLimit      LimitPeriod = "Disabled"
	PerMinute    LimitPeriod = "PerMinute"
	Per30Minutes LimitPeriod = "Per30Minutes"
	PerHour      LimitPeriod = "PerHour"
	PerDay       LimitPeriod = "PerDay"
)

// LimitPeriods lists all of them.
var LimitPeriods = []LimitPeriod{NoLimit, PerMinute, Per30Minutes, PerHour, PerDay}

// Window returns the length of p, zero for NoLimit.
func (p LimitPeriod) Window() time.Duration {
	switch p {
	case PerMinute:
		return time.Minute
	case Per30Minutes:
		return 30 * time.Minute
	case PerHour:
		return time.Hour
	case PerDay:
		return 24 * time.Hour
	}
	return 0
}

// WorkHours is when messages that are not urgent are sent, by the wall clock.
type WorkHours struct {
	Enabled bool // false: at any time
	// Start and End are minutes since midnight, 0–1439. A Start behind End wraps
	// around midnight; equal ones are the whole day.
	Start, End int
}

// PingSettings are about the sign of life.
type PingSettings struct {
	Interval time.Duration // zero: none is sent
}

// LogSettings are about the log that can be read through the API.
type LogSettings struct {
	Lifetime time.Duration // how long entries are kept; zero leaves it to their number
}

// WebhookSettings are about all webhooks that have no setting of their own.
type WebhookSettings struct {
	// InternetRequired is kept for clients. A daemon is not told that it has no
	// internet: it tries.
	InternetRequired bool
	Retries          int    // after the first attempt
	SigningKey       string // signs for webhooks without a secret of their own; empty: nothing does
}

// EncryptionSettings are about messages that are handed over encrypted.
type EncryptionSettings struct {
	Passphrase string // empty: there is none
}

// CloudSettings are kept for clients that know a gateway behind a server in the
// cloud. Nothing here uses them.
type CloudSettings struct {
	URL                 string
	PrivateToken        string
	NotificationChannel string // "AUTO" or "SSE_ONLY"
}

// ReceiverSettings are kept for clients that know a gateway on a telephone.
type ReceiverSettings struct {
	ContentProvider bool
}

// DefaultSettings returns what holds if nothing is configured or stored.
func DefaultSettings() Settings {
	return Settings{
		Messages: MessageSettings{
			LimitPeriod: NoLimit, Selection: SelectFree, Lifetime: 365 * day, Order: FIFO,
			WorkHours: WorkHours{Start: 9 * 60, End: 19 * 60},
		},
		Logs:     LogSettings{Lifetime: 30 * day},
		Webhooks: WebhookSettings{InternetRequired: true, Retries: 14},
		Cloud:    CloudSettings{URL: "https://api.sms-gate.app/mobile/v1", NotificationChannel: "AUTO"},
		Receiver: ReceiverSettings{ContentProvider: true},
	}
}

const day = 24 * time.Hour
