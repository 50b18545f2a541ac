package gateway

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway/sealed"
)

// UnknownPolicy says what becomes of a message when it stays unknown whether a
// PDU of it left.
type UnknownPolicy string

// The policies.
const (
	ResendUnknown UnknownPolicy = "resend" // send again once, marked; then give up
	FailUnknown   UnknownPolicy = "fail"   // give up: rather lost than doubled
)

// Options configure a [Gateway]. The zero value of a field means its default.
type Options struct {
	Store   Store  // required
	Version string // shown in health

	// Region is the ISO 3166 code of the country whose numbers may be given
	// without their country code. Empty: numbers without "+" are dialled as given.
	Region string
	// MaxParts is the largest number of parts a text may need, 1–255. Default 20.
	MaxParts int
	// Attempts is how often sending to a recipient is tried before it fails.
	// Attempts that failed through no fault of the message do not count. Default 5.
	Attempts int
	// UnknownGrace is how long evidence is awaited when it is unknown whether a
	// PDU left. Default 120 s.
	UnknownGrace time.Duration
	// OnUnknown decides after that. Default ResendUnknown.
	OnUnknown UnknownPolicy
	// ReassemblyTimeout is how long an incomplete incoming message waits for its
	// missing parts before it is passed on without them. Default 72 h.
	ReassemblyTimeout time.Duration
	// Routing says which modem sends what.
	Routing Routing
	// Protection limits what is sent.
	Protection Protection
	// Settings are what holds where nothing else was stored. Nil: DefaultSettings with
	// Routing.Selection and SigningKey, which do not count otherwise.
	Settings *Settings
	// SettingsChanged is called with what holds when that was changed, from the one
	// goroutine that writes: it must not block. May be nil.
	SettingsChanged func(Settings)
	// OfflineAfter is for how long a modem must not have been usable before
	// EventDeviceOffline says so. Default 60 s.
	OfflineAfter time.Duration
	// Holds are asked, before a modem that could send is given a message, whether
	// it must wait all the same, such as for a limit. They are called often and
	// must be quick, safe for concurrent use, and not use the Gateway.
	Holds []func(ModemStatus) Hold
	// Balances says how the credit of SIMs is asked for, by Modem.ID.
	Balances map[string]BalanceQuery
	// Canary is how it is found out that messages really go and come. Nil: it is not.
	Canary *CanaryOptions
	// History keeps how the modems were in the last 7 days.
	History bool
	// OptOut lets people opt out of messages by a keyword. Nil: nobody can, and nobody
	// who did before counts.
	OptOut *OptOutRules
	// Quotas are how many SMS users may send, by Submission.User.
	Quotas map[string]Quota
	// AdminNumbers are told by SMS of what happens to forwards that want it. Empty:
	// nobody is.
	AdminNumbers []string
	// AlertEvery is the least time between two alerts of one forward. Default 10 min.
	AlertEvery time.Duration
	// AlertsPerDay is how many alerts of one forward there are in 24 hours at most.
	// Default 20, most 1000.
	AlertsPerDay int
	// RememberFor is how long requests with a key are remembered, see [Once]. Default 24 h.
	RememberFor time.Duration
	// CheckEndpoint vets a webhook before it is stored, and may put what is said in
	// other words into those of the Gateway. Nil accepts any.
	CheckEndpoint func(*Endpoint) error
	// SigningKey signs for webhooks without a secret of their own. It becomes the older
	// secret of one that gets its first. Empty: nothing signs for them.
	SigningKey string
	// Carries reports whether the format of a webhook has a form for events of a type.
	// It is called for every event and webhook: it must be quick. Nil: all have.
	Carries func(*Endpoint, EventType) bool

	Log zerolog.Logger
}

// Gateway is the engine. It is safe for concurrent use.
type Gateway struct {
	Options
	log    zerolog.Logger
	store  Store
	clock  *Timeline
	device string
	since  time.Time // when device was made
	born   time.Time

	lanes   []*lane // set by Attach, before Run; read-only afterwards
	byModem map[string]*lane
	slots   int             // most modems there ever were, by the start before
	offline map[string]Tick // modems told to be offline, and since when; of runWatch

	turn atomic.Uint64 // recipients given out in turn

	stopping   atomic.Bool   // set when the soft context of Run ends
	broken     atomic.Bool   // set when the store failed for good
	ref        atomic.Uint32 // latest concatenation reference given out
	kickTimers chan struct{} // capacity 1; written by anyone, read by runTimers
	kickWatch  chan struct{} // capacity 1; written by anyone, read by runWatch
	kickSweep  chan struct{} // capacity 1; written by Refresh, read by runSweeps

	mu     sync.Mutex                // guards taken and passed
	taken  map[RecipientRef]struct{} // queued recipients a lane is about to make Active
	passed passed                    // queued recipients that limits of all modems do not allow now

	meter    meter
	aside    aside
	jobs     jobs
	settings settings
	quotas   quotas
	exports  exports
	news     bell // rung for every stored event
	balances balances
	canaries canaries
	history  modemHistory
	sealed   *sealed.Opener

	endpoints atomic.Pointer[[]Endpoint] // snapshot, replaced by observe
	forwards  atomic.Pointer[[]Forward]  // snapshot, replaced by observe
	alerts    alerts
	once      keyedMutex // by the first byte of a RequestKey: requests that take effect once
	saving    sync.Mutex // held while a webhook, a forward or the opt-outs are altered
	intake    keyedMutex // by SIM identity: taking in fragments and reports
}

// New returns a gateway on the given store. Modems are added with Attach, then
// Run is called.
func New(ctx context.Context, o Options) (*Gateway, error) {
	if o.MaxParts == 0 {
		o.MaxParts = 20
	}
	if o.Attempts == 0 {
		o.Attempts = 5
	}
	if o.UnknownGrace == 0 {
		o.UnknownGrace = 120 * time.Second
	}
	if o.OnUnknown == "" {
		o.OnUnknown = ResendUnknown
	}
	if o.ReassemblyTimeout == 0 {
		o.ReassemblyTimeout = 72 * time.Hour
	}
	if o.OfflineAfter == 0 {
		o.OfflineAfter = 60 * time.Second
	}
	if o.RememberFor == 0 {
		o.RememberFor = 24 * time.Hour
	}
	if o.AlertEvery == 0 {
		o.AlertEvery = 10 * time.Minute
	}
	if o.AlertsPerDay == 0 {
		o.AlertsPerDay = 20
	}
	if o.MaxParts < 1 || o.MaxParts > 255 {
		return nil, fmt.Errorf("max parts %d is not within 1–255", o.MaxParts)
	}
	var err error
	if o.Routing, err = o.Routing.normalised(); err != nil {
		return nil, fmt.Errorf("routing: %w", err)
	}
	if o.Canary, err = o.Canary.normalised(); err != nil {
		return nil, fmt.Errorf("canary: %w", err)
	}
	if o.OptOut != nil {
		if err := o.OptOut.Check(); err != nil {
			return nil, fmt.Errorf("keywords of opting out: %w", err)
		}
	}
	for _, number := range o.AdminNumbers {
		if _, err := dial(number, o.Region); err != nil {
			return nil, fmt.Errorf("admin number %q: %w", number, err)
		}
	}
	if o.AlertEvery < 0 || o.AlertsPerDay < 0 || o.AlertsPerDay > 1000 {
		return nil, fmt.Errorf("%d alerts a day, every %s, are not within 1–1000 and not negative", o.AlertsPerDay, o.AlertEvery)
	}
	g := &Gateway{
		Options: o, log: o.Log, store: o.Store, clock: o.Store.Timeline(),
		byModem:    make(map[string]*lane),
		born:       time.Now(),
		kickTimers: make(chan struct{}, 1),
		kickWatch:  make(chan struct{}, 1),
		kickSweep:  make(chan struct{}, 1),
		taken:      make(map[RecipientRef]struct{}),
		sealed:     sealed.NewOpener(),
		history:    modemHistory{kick: make(chan struct{}, 1)},
	}
	if err := g.loadCanaries(); err != nil { // before anything is observed
		return nil, err
	}
	o.Store.OnCommit(g.observe)
	if err := g.loadDevice(ctx); err != nil {
		return nil, err
	}
	if err := g.loadSettings(); err != nil {
		return nil, err
	}
	if err := g.loadExports(); err != nil {
		return nil, err
	}
	if err := g.loadMeter(); err != nil {
		return nil, err
	}
	if err := g.loadEndpoints(); err != nil {
		return nil, err
	}
	if err := g.loadForwards(); err != nil {
		return nil, err
	}
	if err := g.loadSlots(); err != nil {
		return nil, fmt.Errorf("read number of slots: %w", err)
	}
	if err := g.loadBalances(); err != nil {
		return nil, err
	}
	if err := g.loadQuotas(o.Quotas); err != nil {
		return nil, err
	}
	if err := g.loadRef(); err != nil {
		return nil, fmt.Errorf("read concatenation reference: %w", err)
	}
	return g, nil
}

// Attach adds modems; their slots count from 1 in the order of attaching. It
// must not be called after Run.
func (g *Gateway) Attach(ms ...Modem) {
	for _, m := range ms {
		l := newLane(g, m, len(g.lanes)+1)
		g.lanes = append(g.lanes, l)
		g.byModem[m.ID()] = l
	}
}

// Kick makes the engine look for work. A modem's owner calls it when the
// modem's status changed. It never blocks.
func (g *Gateway) Kick() {
	g.wakeLanes()
	kick(g.kickTimers)
	kick(g.kickWatch)
	kick(g.history.kick)
	for _, l := range g.lanes {
		kick(l.kickBalance)
	}
}

func (g *Gateway) wakeLanes() {
	for _, l := range g.lanes {
		l.wake()
	}
}

func kick(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Modems returns a snapshot of every modem, in the order of their slots.
func (g *Gateway) Modems() []ModemStatus {
	out := make([]ModemStatus, len(g.lanes))
	for i, l := range g.lanes {
		out[i] = g.statusOf(l)
	}
	return out
}

// statusOf returns the status of a modem, with what the gateway knows besides.
func (g *Gateway) statusOf(l *lane) ModemStatus {
	st := l.modem.Status()
	st.Slot, st.Balance = l.slot, g.balance(l.modem.ID())
	return st
}

// Message returns the message with the given ID.
func (g *Gateway) Message(id string) (Message, error) { return g.store.Message(id) }

// Messages returns the selected messages and how many match in all.
func (g *Gateway) Messages(q MessageQuery) ([]Message, int, error) { return g.store.Messages(q) }

// InboundMessage returns the incoming message with the given Seq, or ErrNotFound.
func (g *Gateway) InboundMessage(seq uint64) (Inbound, error) { return g.store.Inbound(seq) }

// InboundMessages returns the selected incoming messages and how many match in
// all.
func (g *Gateway) InboundMessages(q InboundQuery) ([]Inbound, int, error) {
	return g.store.InboundMessages(q)
}
