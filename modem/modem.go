package modem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/modem/device"
	"tetherd/modem/recorder"
)

// Inbox takes in what arrives. Its methods return nil once that is stored
// durably: the SIM's copy may then go.
type Inbox interface {
	Receive(ctx context.Context, f gateway.Fragment) error
	Report(ctx context.Context, r gateway.Report) error
	Call(ctx context.Context, c gateway.Call) error
}

// Journal remembers attempts at SIM PINs, and what the watchdog of a modem knows,
// over crashes and restarts.
type Journal interface {
	// PINTried reports whether an attempt is recorded.
	PINTried(simID, pin string) (bool, error)
	// RecordPIN returns once the record of an attempt is durable.
	RecordPIN(ctx context.Context, simID, pin string) error
	// ClearPIN removes the record after the SIM accepted the PIN.
	ClearPIN(ctx context.Context, simID, pin string) error

	// Watchdog returns what was stored for a modem last; nil if nothing was.
	Watchdog(modem string) ([]byte, error)
	// RecordWatchdog returns once b is durable.
	RecordWatchdog(ctx context.Context, modem string, b []byte) error
}

// Options configure a Modem.
type Options struct {
	Name string // ID of the modem, required
	Slot int    // simNumber, from 1

	// Which modem is meant; all that is given must hold. Port is the path of the
	// device or of a link to it, or a name for people if Open is set. IMEI has 15
	// digits. At least one is needed unless Open is set.
	Port string
	IMEI string
	USB  device.USB
	// Finder keeps modems of one process from fighting for a port; all should be
	// made before any runs. Nil is a finder of its own, for the machine this runs on.
	Finder *device.Finder

	// Open opens the port. Its Close must end a Read under way. An error that is
	// fs.ErrNotExist means that the device is not there. Nil
	// opens the port that Finder finds.
	//
	// The baud rate of a port with a method SetBaud(rate int) error is searched for; a
	// serial device has one if there are wires at its end.
	Open func(ctx context.Context) (io.ReadWriteCloser, error)

	PIN    string // 4–8 digits; empty for a SIM without
	Number string // own number; empty asks the SIM
	SMSC   string // number of the service centre; empty uses the SIM's
	// Baud is the rate of a port with wires at its end, one of BaudRates; 0 searches for
	// it.
	Baud int
	// Domain is the way messages take to the network (3GPP TS 27.007 +CGSMS): "cs",
	// "ps", "cs-preferred" or "ps-preferred"; empty leaves the modem's choice.
	Domain string
	// PurgeForeign deletes what others stored on the SIM or in the modem to be sent,
	// which otherwise is left alone.
	PurgeForeign bool

	// RefuseCalls ends calls that come in instead of letting them ring.
	RefuseCalls bool

	// ResultTimeout is how long a PDU may take to be answered. After it the modem
	// is left alone for another third of it, in case the answer is late. Default
	// 180 s, at least 1 s.
	ResultTimeout time.Duration
	// SlowWrite makes PDUs be written in pieces with rests around them, as slow phones
	// and ports at 9600 baud need it; false never does, nil leaves it to what is
	// known of the modem.
	SlowWrite *bool
	// SweepInterval is how often the message storages are looked at without being
	// asked to. Default 45 s.
	SweepInterval time.Duration

	// ResetCommand is run to bring the modem back when all else failed: a program with
	// its arguments, without a shell. It may cut the modem's power, such as with
	// uhubctl, and finds TETHERD_MODEM, TETHERD_PORT and TETHERD_USB in its
	// environment. It is killed after a minute. Empty: there is none.
	ResetCommand []string

	// SendStored writes each message to the modem's storage before it is sent, which
	// leaves evidence of what became of it, and wears the storage.
	SendStored bool
	Outbox     Outbox // required if SendStored is set

	Inbox   Inbox   // required
	Journal Journal // required if PIN is set; nil keeps nothing over restarts
	// Recorder is told the dialogue with the modem, and what went wrong. May be nil.
	Recorder *recorder.Recorder
	// Changed is called after the status changed, from any goroutine. It must not
	// block. May be nil.
	Changed func()
	Log     zerolog.Logger
}

// Domains are the values Options.Domain can have.
var Domains = []string{"cs", "ps", "cs-preferred", "ps-preferred"}

// Defaults.
const (
	resultTimeoutDefault = 180 * time.Second
	sweepIntervalDefault = 45 * time.Second
)

// Modem is a modem on a port. It is safe for concurrent use.
type Modem struct {
	o        Options
	log      zerolog.Logger
	sending  chan struct{} // capacity 1: held by the Send under way
	intake   *intake
	callers  chan gateway.Call // capacity maxCalls; written by sessions, read by passOnCalls
	dog      *watchdog
	usb      usbBus
	switches func() bool // see switchesMode

	// Written by Run, read by anyone.
	place atomic.Pointer[device.Place] // of the session, nil if there is none or Options.Open opened the port
	ear   *ear                         // hears what the port says; nil: nobody listens

	// Of the goroutine in Run.
	rests    rests
	brake    brake
	spent    []slot           // records of parts whose outcome was told, to be deleted
	strange  map[place]string // records of somebody else's outgoing messages, by their PDU
	handled  map[place]string // entries taken in, by their PDU, until they are seen to be gone
	doubts   map[place]doubt  // records that do not read as they should
	baud     int              // rate at which the modem answered last, 0 if there is none
	unlisted map[string]int   // how often in a row a storage could not be listed

	mu     sync.Mutex          // guards the rest
	status gateway.ModemStatus // replaced by update
	link   *link               // to the session that can send, nil if none can
	noVP   string              // identity of the SIM whose service centre refuses validity periods
}

var _ gateway.Modem = (*Modem)(nil)

// New returns a modem, or an error that says what is wrong with o.
func New(o Options) (*Modem, error) {
	switch {
	case o.Name == "":
		return nil, errors.New("modem has no name")
	case o.selector().Empty() && o.Open == nil:
		return nil, errors.New("modem has no port, no IMEI and no USB device")
	case o.Inbox == nil:
		return nil, errors.New("modem has no inbox")
	case o.PIN != "" && o.Journal == nil:
		return nil, errors.New("modem with a PIN has no journal")
	case o.PIN != "" && (len(o.PIN) < 4 || len(o.PIN) > 8 || !digits(o.PIN)):
		return nil, errors.New("PIN must have 4 to 8 digits")
	case o.Baud != 0 && !slices.Contains(BaudRates(), o.Baud):
		return nil, fmt.Errorf("baud rate %d is none of %v", o.Baud, BaudRates())
	case o.Domain != "" && !slices.Contains(Domains, o.Domain):
		return nil, fmt.Errorf("SMS domain %q is none of %s", o.Domain, strings.Join(Domains, ", "))
	case o.SendStored && o.Outbox == nil:
		return nil, errors.New("modem that stores what it sends has no outbox")
	case o.ResultTimeout != 0 && o.ResultTimeout < time.Second:
		return nil, fmt.Errorf("result timeout %v is shorter than a second", o.ResultTimeout)
	case o.SweepInterval < 0:
		return nil, fmt.Errorf("sweep interval %v is negative", o.SweepInterval)
	}
	if o.ResultTimeout == 0 {
		o.ResultTimeout = resultTimeoutDefault
	}
	if o.SweepInterval == 0 {
		o.SweepInterval = sweepIntervalDefault
	}
	if o.Open == nil {
		if o.Finder == nil {
			o.Finder = NewFinder(device.Host())
		}
		o.Finder.Register(o.Name, o.selector())
	}
	m := &Modem{
		o: o, log: o.Log,
		sending:  make(chan struct{}, 1),
		callers:  make(chan gateway.Call, maxCalls),
		handled:  make(map[place]string),
		doubts:   make(map[place]doubt),
		unlisted: make(map[string]int),
		strange:  make(map[place]string),
		dog:      newWatchdog(o),
		usb:      sysfs{sys: "/sys", dev: "/dev", off: usbOff},
		switches: switchesMode,
		status: gateway.ModemStatus{
			Modem: o.Name, Slot: o.Slot, State: gateway.ModemAbsent, Since: time.Now(),
			Reason: "The modem was not looked for yet.",
			Number: o.Number, Registration: regUnknown, Signal: 99,
		},
	}
	m.intake = newIntake(m)
	m.dog.can = m.has
	m.dog.load()
	return m, nil
}

// ID returns the modem's name.
func (m *Modem) ID() string { return m.o.Name }

// Status returns a snapshot without blocking for long.
func (m *Modem) Status() gateway.ModemStatus {
	s := m.current()
	m.dog.fill(&s)
	if s.State != gateway.ModemReady && s.Power.Reason != "" {
		s.Reason = strings.TrimSpace(s.Reason + " " + s.Power.Reason)
	}
	return s
}

// current returns the status without what the watchdog knows.
func (m *Modem) current() gateway.ModemStatus {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status
}

// update changes the status and tells about it if it is another now.
func (m *Modem) update(change func(s *gateway.ModemStatus)) {
	m.mu.Lock()
	before := m.status
	change(&m.status)
	if m.status.State != before.State {
		m.status.Since = time.Now()
	}
	changed := m.status != before
	state, reason := m.status.State, m.status.Reason
	m.mu.Unlock()
	if state != before.State || reason != before.Reason {
		m.log.Info().Str("state", string(state)).Str("reason", reason).Msg("modem state changed")
		m.o.Recorder.Note(strings.TrimSpace("state " + string(state) + ". " + reason))
	}
	if changed && m.o.Changed != nil {
		m.o.Changed()
	}
}

// enter sets the state and why it is not ready.
func (m *Modem) enter(state gateway.ModemState, reason string) {
	m.update(func(s *gateway.ModemStatus) { s.State, s.Reason = state, reason })
}

// connect makes a session take parts, or with nil none.
func (m *Modem) connect(l *link) {
	m.mu.Lock()
	m.link = l
	m.mu.Unlock()
}
