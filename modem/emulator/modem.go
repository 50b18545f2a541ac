package emulator

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// ModemOptions describe a modem. Empty identities are made up, differently for each modem
// of a network.
type ModemOptions struct {
	Name   string // in the ledger; "" is "modem1", "modem2", …
	Number string // subscriber number; "" has none and receives nothing
	IMEI   string
	ICCID  string
	IMSI   string

	// Manufacturer, Model and Revision replace those of the profile.
	Manufacturer, Model, Revision string

	PIN      string // the SIM asks for; "" is a SIM without a PIN
	PUK      string // unblocks the SIM; "" is "12345678"
	PINTries int    // before the SIM is blocked; 0 is 3

	// SMCapacity and MECapacity are the places of the SIM and the modem's own memory;
	// 0 is 30 and 100, a negative number is none.
	SMCapacity, MECapacity int

	// Profile is the family of the modem; the zero value is Generic.
	Profile Profile

	// USSD are the answers of the network to service codes; see also Modem.SetUSSD.
	USSD map[string]string

	// Transcript is told every command line, PDU and write, from the goroutine of Serve.
	// dir is '>' from the host to the modem and '<' back. It must not keep line.
	Transcript func(dir byte, line []byte)
}

const (
	defaultPUK        = "12345678"
	defaultPINTries   = 3
	defaultPUKTries   = 10
	defaultSMCapacity = 30
	defaultMECapacity = 100
	defaultSignal     = 20
)

// maxWaitingLines bounds what a modem keeps for a host that does not read; the oldest
// lines are lost.
const maxWaitingLines = 4096

// Modem is one emulated modem with its SIM. It is powered from the start. All methods are
// safe for concurrent use, and may be called while Serve runs.
type Modem struct {
	opt     ModemOptions
	profile Profile
	net     *Network

	// kick tells the session that lines wait in urcs. Written by anyone who adds one, read
	// by the session only.
	kick chan struct{}

	mu       sync.Mutex // guards the rest; taken after the lock of the network
	power    bool
	epoch    int           // counts power cycles; timers of an earlier one do nothing
	lost     chan struct{} // closed by the next power cycle; the session waits on it
	boot     bool          // boot lines have not been sent yet
	attached bool          // a session serves the modem
	mute     bool
	hung     bool
	cure     Cure      // of hung
	hangs    int       // counts them
	conn     io.Closer // the stream that is served; nil once it was cut
	raw      [][]byte  // octets a fault wants written while the session is idle
	written  int64     // octets, since the modem was made
	urcs     []string  // unsolicited lines for the session
	faults   []*plannedFault
	back     time.Duration // Fault.Back of the fault that closed the port

	domains   map[string]int // <stat> of +CREG and its likes that differs from coverage
	hidden    bool           // reports go to the SIM whatever <ds> says
	coverage  int            // registration the radio would have
	clock     time.Duration  // ahead of the true time, for +CCLK
	signal    int
	sim       sim
	stores    map[string]*store
	dialogues map[string]Dialogue // of service codes
	vol       volatile
	during    []byte // written by the host while a submit was under way

	// What release has to tell the network.
	wakeup  bool
	removed []*InboundRecord
	ackOK   *bool
}

// volatile is the state a power cycle clears.
type volatile struct {
	booted               bool // BootDelay has passed
	echo, verbose, quiet bool
	cmee, cmgf, cfun     int
	csms, cmms           int
	clip, crc, cgsms     int
	call                 *call // that rings or was answered
	cnmi                 [5]int
	mems                 [3]string
	cscs                 string
	regMode              map[string]int // n of +CREG, +CGREG, +CEREG
	copsFormat           int
	unlocked             bool // PIN given or not needed
	simReady             bool // SIMDelay has passed
	registered           bool // RegisterDelay has passed
	mr                   byte
	swallow              int
	held                 []string // indications kept by CNMI mode 0
	fullTold             bool
	ack                  *time.Timer     // runs while +CNMA is owed
	failure              string          // for +CEER
	lastLine             string          // for A/
	lastAt               time.Time       // when lastLine came
	echoOn               bool            // ATE1 came, so that ATE0 works with Profile.EchoSticks
	ussd                 *Dialogue       // the open step of a dialogue
	calmed               map[string]bool // commands that ended a noise, by Noise.Until
}

// NewModem puts a modem on a network and switches it on.
func NewModem(n *Network, o ModemOptions) *Modem {
	if o.Profile.Name == "" && o.Profile.Manufacturer == "" {
		g := Generic()
		o.Profile.Name, o.Profile.Manufacturer, o.Profile.Model, o.Profile.Revision = g.Name, g.Manufacturer, g.Model, g.Revision
	}
	m := &Modem{
		profile: o.Profile.orDefaults(), net: n, kick: make(chan struct{}, 1),
		lost: make(chan struct{}), coverage: 1, signal: defaultSignal,
	}
	serial := n.attach(m) + 1
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&o.Name, fmt.Sprintf("modem%d", serial))
	fill(&o.IMEI, withLuhn(fmt.Sprintf("8611110%07d", serial)))
	fill(&o.ICCID, withLuhn(fmt.Sprintf("894902000000%06d", serial)))
	fill(&o.IMSI, fmt.Sprintf("2620100000%05d", serial))
	fill(&o.Manufacturer, o.Profile.Manufacturer)
	fill(&o.Model, o.Profile.Model)
	fill(&o.Revision, o.Profile.Revision)
	fill(&o.PUK, defaultPUK)
	number := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	number(&o.PINTries, defaultPINTries)
	number(&o.SMCapacity, defaultSMCapacity)
	number(&o.MECapacity, defaultMECapacity)
	m.stores, m.dialogues, m.domains = map[string]*store{}, map[string]Dialogue{}, map[string]int{}
	for name, capacity := range map[string]int{"SM": o.SMCapacity, "ME": o.MECapacity, "SR": o.MECapacity} {
		m.stores[name] = newStore(name, m.profile.indexBase(name), capacity)
	}
	m.sim = sim{present: true, pin: o.PIN, pinTries: o.PINTries, pukTries: defaultPUKTries, smsc: n.opt.SMSC}

	// The network may already look for the number, so the options are set under its lock.
	n.mu.Lock()
	m.opt = o
	n.mu.Unlock()
	m.Reset()
	return m
}

// withLuhn appends the check digit of an IMEI or ICCID.
func withLuhn(digits string) string {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}

// Name is the name of the modem in the ledger.
func (m *Modem) Name() string { return m.opt.Name }

// PINAttempts tells how many times a PIN was tried with +CPIN, right or wrong.
func (m *Modem) PINAttempts() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sim.pinAttempts
}

// PUKAttempts tells how many times a PUK was tried.
func (m *Modem) PUKAttempts() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sim.pukAttempts
}

// BytesDuringSubmit returns what the host wrote between a Ctrl-Z and the modem's answer,
// while Network.SubmitDelay passed. The modem ignored it.
func (m *Modem) BytesDuringSubmit() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.during)
}

// SetMute makes the modem deaf and dumb while its port stays open: what the host writes is
// lost, and so is what the modem would have said. Messages are still received and stored.
func (m *Modem) SetMute(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mute = on
}

// SetSignal sets the <rssi> of +CSQ: 0 to 31, or 99 for unknown.
func (m *Modem) SetSignal(csq int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.signal = csq
}

// silent tells whether the modem neither hears nor speaks.
func (m *Modem) silent() bool {
	return m.deaf() || m.hung && m.cure != CureRadio
}

// deaf tells whether the modem does not hear.
func (m *Modem) deaf() bool {
	return m.mute || m.hung && m.cure <= CureReopen || !m.power || !m.vol.booted
}

// urc queues an unsolicited line. It is lost if no session serves the modem or the modem is
// mute. Lines within one indication are separated by "\r\n".
func (m *Modem) urc(line string) {
	if !m.attached || m.silent() {
		return
	}
	if len(m.urcs) == maxWaitingLines {
		m.urcs = m.urcs[1:]
	}
	m.urcs = append(m.urcs, line)
	m.rouse()
}

// rouse makes an idle session look for lines.
func (m *Modem) rouse() {
	select {
	case m.kick <- struct{}{}:
	default:
	}
}

// release unlocks the modem and tells the network what its new state means there. It is
// the way to unlock wherever the state changed and Network.mu is not held.
func (m *Modem) release() {
	wakeup, removed, ack := m.wakeup, m.removed, m.ackOK
	m.wakeup, m.removed, m.ackOK = false, nil, nil
	m.mu.Unlock()
	if ack != nil {
		m.net.acknowledge(m, *ack)
	}
	if len(removed) > 0 {
		m.net.deleted(m, removed)
	}
	if wakeup {
		m.net.wake(m)
	}
}

// expand fills in the placeholders of a profile's line.
func (m *Modem) expand(line string) string {
	if !strings.Contains(line, "{") {
		return line
	}
	state, err := m.sim.state(m.vol.unlocked)
	if err != 0 {
		state = "NOT INSERTED"
	}
	return strings.NewReplacer(
		"{pin}", state, "{iccid}", m.opt.ICCID, "{mem}", m.vol.mems[2],
		"{pintries}", fmt.Sprint(m.sim.pinTries), "{puktries}", fmt.Sprint(m.sim.pukTries),
	).Replace(line)
}

var errServing = errors.New("the modem is served already")
