package emulator

import (
	"fmt"
	"math/rand"
	"slices"
	"sync"
	"time"
)

// DefaultSMSC is the service centre of a Network whose options name none.
const DefaultSMSC = "+491710760000"

// DefaultRetryDelay is how long the network waits before it offers a message again that a
// modem took but did not acknowledge.
const DefaultRetryDelay = 10 * time.Second

// NetworkOptions configure a Network. The zero value is a network without any delay.
type NetworkOptions struct {
	// Seed feeds everything the network draws by chance (first concatenation reference).
	Seed int64
	// SubmitDelay is the radio time of one submit: between Ctrl-Z and the answer.
	SubmitDelay func() time.Duration
	// ReportDelay is the time from one event of a message to the report about it.
	ReportDelay func() time.Duration
	// DeliverDelay is the time from acceptance to the first attempt to deliver.
	DeliverDelay func() time.Duration
	// RetryDelay follows a delivery that was not acknowledged; 0 is DefaultRetryDelay.
	RetryDelay time.Duration
	// SMSC is the number of the service centre; "" is DefaultSMSC.
	SMSC string
}

// Network joins modems and is the truth about what was accepted and delivered. All its
// methods are safe for concurrent use.
type Network struct {
	opt NetworkOptions

	// submitting serialises acceptance and the hooks, so that hooks see submissions in
	// order and may call the network. It is taken before mu.
	submitting sync.Mutex

	mu      sync.Mutex // guards the rest; taken before the lock of a modem
	modems  []*Modem
	rules   ruleBook
	hooks   []func(Submission)
	ledger  []Submission
	inbound []*InboundRecord
	routes  map[*Modem]*route
	ref     uint8
	calls   []*call
	offered int
	agenda  agenda
}

// NewNetwork returns a network without modems.
func NewNetwork(o NetworkOptions) *Network {
	if o.SMSC == "" {
		o.SMSC = DefaultSMSC
	}
	if o.RetryDelay == 0 {
		o.RetryDelay = DefaultRetryDelay
	}
	n := &Network{
		opt:    o,
		rules:  newRuleBook(),
		routes: map[*Modem]*route{},
		ref:    uint8(rand.New(rand.NewSource(o.Seed)).Intn(256)),
	}
	n.agenda.fire = func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.agenda.due()
	}
	return n
}

// Close drops everything that is scheduled: deliveries and reports that are not due yet.
func (n *Network) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.agenda.stop()
}

// SetRule says what happens to messages submitted to a number. The number is compared
// leniently (international or national form), short codes exactly; with a '*' at its end it
// is a prefix of the digits. A later rule for the same number replaces an earlier one. Exact
// rules come before prefixes, longer prefixes before shorter ones.
func (n *Network) SetRule(number string, r Rule) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rules.set(number, r)
}

// OnSubmit adds a hook that is called for every accepted message, in order, before the
// modem answers. It may call the network, but must not wait for another submit.
func (n *Network) OnSubmit(hook func(Submission)) {
	n.submitting.Lock()
	defer n.submitting.Unlock()
	n.hooks = append(n.hooks, hook)
}

// DeliverText sends a text to the modem with the number to. A long text is split into
// concatenated parts. A modem that is away or full gets them when it is back or has room.
// It fails if no modem has the number or the text cannot be encoded.
func (n *Network) DeliverText(from, to, text string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.modem(to)
	if m == nil {
		return fmt.Errorf("deliver text: no modem has number %q", to)
	}
	n.ref++
	parts := TextParts(from, text, uint16(n.ref), time.Now())
	if parts == nil {
		return fmt.Errorf("deliver text: it cannot be encoded for originator %q", from)
	}
	for _, tpdu := range parts {
		n.send(m, &InboundRecord{To: m.opt.Number, TPDU: tpdu})
	}
	return nil
}

// DeliverTPDU sends a raw SMS-DELIVER or SMS-STATUS-REPORT, without a service centre field,
// to the modem with the number to. It is passed on as it is, however malformed. It fails if
// no modem has the number.
func (n *Network) DeliverTPDU(to string, tpdu []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.modem(to)
	if m == nil {
		return fmt.Errorf("deliver tpdu: no modem has number %q", to)
	}
	report := len(tpdu) > 0 && tpdu[0]&mtiMask == mtiReport
	n.send(m, &InboundRecord{To: m.opt.Number, TPDU: slices.Clone(tpdu), Report: report})
	return nil
}

// Play delivers the TPDUs of a delivery in their order to the modem with the number to.
func (n *Network) Play(to string, d Delivery) error {
	for _, tpdu := range d.TPDUs {
		if err := n.DeliverTPDU(to, tpdu); err != nil {
			return fmt.Errorf("play %s: %w", d.Name, err)
		}
	}
	return nil
}

// send schedules the first attempt to deliver a record.
func (n *Network) send(m *Modem, rec *InboundRecord) {
	rec.Offered = time.Now()
	n.agenda.after(delay(n.opt.DeliverDelay), func() { n.enqueue(m, rec) })
}

// attach makes a modem known and returns how many were known before.
func (n *Network) attach(m *Modem) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.modems = append(n.modems, m)
	n.routes[m] = &route{}
	return len(n.modems) - 1
}

// modem finds the modem that has a number. The caller holds mu.
func (n *Network) modem(number string) *Modem {
	for _, m := range n.modems {
		if m.opt.Number != "" && sameNumber(m.opt.Number, number) {
			return m
		}
	}
	return nil
}

// delay calls an optional delay function.
func delay(f func() time.Duration) time.Duration {
	if f == nil {
		return 0
	}
	return f()
}
