package config

import (
	"net/netip"
	"regexp"
	"time"

	"tetherd/modem/device"
)

// Config is a complete and valid configuration, as used.
type Config struct {
	Listen     string // host:port; port 0 lets the system choose
	TLS        TLS
	Network    Network
	DataDir    string // where the database and generated secrets live
	Auth       Auth
	Users      []User // those who can log in beside the account of Auth
	Limits     Protection
	Modems     []Modem // at least one, in the order of their slots
	Send       Send
	Routing    Routing
	OptOut     OptOut
	Alerts     Alerts
	Canary     Canary
	Region     string // ISO 3166 code, upper case; empty: numbers without + are dialled as given
	Encryption Encryption
	Webhooks   Webhooks
	Ping       Ping
	Retention  Retention
	Metrics    Metrics
	Log        Log

	entries     []entry
	secretFiles []string // that secrets were read from
}

// Auth is the account of the API that may do everything. Exactly one of Password
// and PasswordHash is set.
type Auth struct {
	Username     string
	Password     string
	PasswordHash string        // bcrypt
	TokenTTL     time.Duration // of tokens that do not ask for another
}

// Modem is one modem. Either Emulator is set, or at least one of Port, IMEI and
// USB, which must all hold then.
type Modem struct {
	Name     string // unique
	Port     string // absolute path of a serial device, or of a link to one
	IMEI     string // 15 digits
	USB      device.USB
	Emulator string // the kind of modem to emulate: one of [Emulators]
	PIN      string // of the SIM, 4–8 digits; empty if it asks for none
	Number   string // own number; empty if not known
	SMSC     string // service centre; empty leaves it to the SIM
	Baud     int    // rate of a port with wires at its end: one of [BaudRates]; 0 searches for it
	Domain   string // way to the network: one of [SMSDomains]; empty leaves it to the modem
	// SlowWrite says whether messages are written to it in pieces; nil leaves that to
	// what is known of its kind.
	SlowWrite  *bool
	SendStored bool // write each message to the modem's storage before it is sent
	// PurgeForeign deletes messages that others stored on the SIM to be sent.
	PurgeForeign bool
	Balance      *Balance // how the credit of the SIM is asked for; nil is not at all
	// RefuseCalls ends calls that come in instead of letting them ring.
	RefuseCalls bool
	Limits      Caps
	// ResetCommand brings the modem back when all else failed: the path of a program
	// and its arguments. Empty: there is none.
	ResetCommand []string
}

// Balance is how the credit of a SIM is asked for.
type Balance struct {
	Code  string // service code, such as *100#
	Every time.Duration
	Match *regexp.Regexp // whose first group is the amount
	Below *float64       // tell when it is less; nil never
}

// BaudRates lists the rates a serial port can have, as they are written.
var BaudRates = []string{"1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200", "230400", "460800", "921600"}

// SMSDomains lists the ways messages can take to the network.
var SMSDomains = []string{"cs", "ps", "cs-preferred", "ps-preferred"}

// Emulators lists the kinds of modems that can be emulated. The last two are short for
// huawei-stick and quectel-ec25.
var Emulators = []string{
	"generic", "huawei-stick", "zte", "sim800", "sim7600", "quectel-ec25", "quectel-m26",
	"u-blox", "telit", "cinterion", "wavecom", "gobi", "nokia", "samsung-galaxy", "pantech",
	"motorola-text", "huawei", "ec25",
}

// Send is how outgoing messages are treated.
type Send struct {
	ResultTimeout time.Duration // how long a modem may take to answer for a PDU
	UnknownGrace  time.Duration // how long evidence is awaited when it did not
	OnUnknown     string        // "resend" or "fail"
	Attempts      int           // per recipient
	MaxParts      int           // of one text
	Encoding      string        // "auto", "smart", "gsm7" or "ucs2", of texts that ask for none
	Order         string        // "fifo" or "lifo": which of one priority is first
	// IntervalMin and IntervalMax bound a pause of a modem after each message, or, with
	// IntervalEach, after each recipient. A Max of zero is none.
	IntervalMin, IntervalMax time.Duration
	IntervalEach             bool
	WorkHours                WorkHours
	Zone                     string // of WorkHours and of months: a name that time.LoadLocation knows
}

// Routing is which modem sends what.
type Routing struct {
	Selection string        // "os-default", "round-robin" or "random"
	Sticky    bool          // a conversation keeps its modem
	Handover  time.Duration // how long a modem may be unable to send before others take its work
	Rules     []Rule
}

// Rule is which modems send to numbers with a prefix.
type Rule struct {
	Prefix   string   // unique; "+" and digits, or digits alone
	Modems   []string // names, as in Modems
	Fallback bool     // others may send when none of these can
}

// Alerts is when events tell that something is wrong, and whom routes tell by SMS.
type Alerts struct {
	OfflineAfter time.Duration // how long a modem must not have been usable
	AdminNumbers []string      // "+" and digits, or digits alone; empty: nobody is told
	Every        time.Duration // between two SMS of one route
	PerDay       int           // SMS of one route
}

// OptOut is by which messages people opt out of messages.
type OptOut struct {
	Enabled bool
	Stop    []string // keywords besides the usual ones
	Start   []string // and those that let them be sent to again
}

// Webhooks is how events are delivered.
type Webhooks struct {
	Policy     string        // "home", "https-only" or "strict"
	Allow      []string      // addresses, blocks of them and names that the policy does not forbid
	Proxy      string        // URL; empty: none. It may hold credentials.
	Source     netip.Addr    // to connect from; the zero value leaves it to the system
	RetryCount int           // retries after the first attempt
	Timeout    time.Duration // of a whole exchange

	MaxPending  int           // deliveries that may wait for one webhook
	MaxSize     int64         // bytes of events that may wait for any
	History     time.Duration // how long what came to an end is kept
	HistorySize int64         // bytes of events that came to an end

	Recovery   int    // deliveries a second, at most, of what is overdue when a webhook works again
	Log        string // which attempts are kept: "all", "failures" or "off"
	SigningKey string // empty: generated at the first start
}

// Encryption is how messages are opened that clients encrypted.
type Encryption struct {
	Passphrase string // empty: such messages are refused
}

// Ping is the sign of life sent to webhooks.
type Ping struct {
	Interval time.Duration // 0: none
}

// Retention is how long things are kept. Zero is for ever.
type Retention struct {
	Messages time.Duration // outgoing messages
	Inbox    time.Duration // incoming messages
	Logs     time.Duration // entries of the log that the API shows
	// Idempotency is how long requests with an Idempotency-Key are remembered.
	Idempotency time.Duration
}

// Metrics is who may see numbers about the gateway.
type Metrics struct {
	Public bool // everyone; else those who can log in
}

// Log is what is logged and how.
type Log struct {
	Level  string // "debug", "info", "warn" or "error"
	Format string // "auto", "console" or "json"
}
