package gateway

import (
	"context"
	"time"
)

// Store keeps everything. It is safe for concurrent use.
type Store interface {
	Reader

	// Commit writes c whole or not at all, and returns once it is durable. Commits
	// waiting at the same time share one fsync; a conflicting one is refused alone,
	// with ErrConflict or ErrExists. If ctx ends first Commit returns its error,
	// and c may or may not have been written. Observers run before Commit returns.
	Commit(ctx context.Context, c Change) error

	// OnCommit adds an observer that is called with each stored Change, in the
	// order of storing, from the one goroutine that writes: it must not block,
	// commit, or keep or alter the Change. Not to be called after the first Commit.
	OnCommit(func(Change))

	// Timeline returns the clock that due times refer to.
	Timeline() *Timeline
}

// Reader reads committed rows. What it returns is the caller's to keep. Methods
// that return several rows pass over those that are damaged; the others return
// ErrDamaged.
type Reader interface {
	// Message returns the message with the given ID, or ErrNotFound.
	Message(id string) (Message, error)
	// MessageBySeq returns the message with the given Seq, or ErrNotFound.
	MessageBySeq(seq uint64) (Message, error)
	// Messages returns the selected messages, and how many match in all.
	Messages(q MessageQuery) ([]Message, int, error)
	// SearchMessages returns outgoing messages, and behind which place to look on; zero
	// if there are no others.
	SearchMessages(s Search) ([]Message, Place, error)
	// SearchInbound is SearchMessages for incoming messages.
	SearchInbound(s Search) ([]Inbound, Place, error)
	// CountMessages returns how many messages are in each state that occurs.
	CountMessages() (map[State]int, error)

	// NextQueued returns the Queued recipient to send first, of those that q is about.
	// If there is none, ok is false and next is the smallest Due behind q.Now among
	// them, 0 if nothing waits.
	NextQueued(q QueueQuery) (ref RecipientRef, ok bool, next Tick, err error)
	// QueueLengths returns how many recipients are Queued in each lane that has
	// any, and how many messages have Held recipients.
	QueueLengths() (lanes map[Lane]int, held int, err error)
	// ActiveRecipients returns every recipient in phase Active.
	ActiveRecipients() ([]RecipientRef, error)
	// DueTimers returns up to max timers that are due, those on the wall clock only
	// if wall is not zero, and when the next ones behind these fall due; zero if
	// there are none. Those for which skip returns true are passed over.
	DueTimers(wall time.Time, now Tick, max int, skip func(Timer) bool) (due []Timer, nextWall time.Time, nextTick Tick, err error)
	// SentParts returns the parts that the SIM sent with the given TP-MR, that were
	// accepted and are Unconfirmed, of messages that asked for a report, newest
	// message first.
	SentParts(simID string, mr int) ([]PartRef, error)
	// UnknownParts returns the parts the SIM may have sent under a TP-MR that is not
	// known: those with Fate Unknown, whatever became of their recipient, those of a
	// LostCopy, and those accepted without a TP-MR that are Unconfirmed, of messages
	// that asked for a report; newest message first.
	UnknownParts(simID string) ([]PartRef, error)

	// Seen reports whether the TPDU was taken in before.
	Seen(k FragmentKey) (bool, error)
	// Fragments returns the stored fragments of all groups that equal g but for Gen.
	Fragments(g GroupKey) ([]StoredFragment, error)
	// CountFragments returns how many fragments are stored of one sender to one SIM,
	// and in all; max if there are more.
	CountFragments(simID, from string, max int) (ofSender, all int, err error)
	// StaleFragments returns up to max groups whose newest fragment was stored
	// before t.
	StaleFragments(before Tick, max int) ([]GroupKey, error)
	// InboundMessages returns the selected messages, and how many match in all.
	InboundMessages(q InboundQuery) ([]Inbound, int, error)
	// Inbound returns the incoming message with the given Seq, or ErrNotFound.
	Inbound(seq uint64) (Inbound, error)
	// InboundAfter returns up to max incoming messages that arrived at a time or later
	// and not behind to, oldest first: of those of exactly that time, the ones with a
	// greater Seq. Fewer than max are all there are.
	InboundAfter(at time.Time, seq uint64, to time.Time, max int) ([]Inbound, error)
	// InboundByKey returns the newest incoming message with the given key, or
	// ErrNotFound.
	InboundByKey(k InboundKey) (Inbound, error)
	// ParkedReports returns the parked reports of a SIM, oldest first.
	ParkedReports(simID string) ([]ParkedReport, error)

	// Endpoints returns every registered webhook, oldest first.
	Endpoints() ([]Endpoint, error)
	// Forwards returns every forward, oldest first.
	Forwards() ([]Forward, error)
	// EndpointLoads returns what is waiting, by Endpoint.Num.
	EndpointLoads() (map[uint32]EndpointLoad, error)
	// DueDeliveries returns up to max Undelivered rows of an endpoint with Due ≤
	// now, the smallest Due first, with their events, leaving out those for whose Event
	// held returns true, which are not even read, and those for which skip does, and
	// the smallest Due among the rows that remain behind now (0 if none). An event that cannot be read any more has a nil Payload.
	DueDeliveries(endpoint uint32, now Tick, max int, held func(event uint64) bool, skip func(Delivery) bool) (ds []Delivery, es []Event, next Tick, err error)

	// Deliveries returns the selected deliveries with their events. An event that is
	// not kept any more has a nil Payload.
	Deliveries(q DeliveryQuery) ([]Delivery, []Event, error)
	// Delivery returns the delivery with the given ID to an endpoint, and its event, or
	// ErrNotFound.
	Delivery(endpoint uint32, id string) (Delivery, Event, error)
	// Attempts returns the selected attempts.
	Attempts(q AttemptQuery) ([]Attempt, error)
	// EndpointStates returns how the endpoints have fared, by Endpoint.Num. One of which
	// nothing is known has no entry.
	EndpointStates() (map[uint32]EndpointState, error)
	// EventsAfter returns up to max events with a greater Seq, oldest first, and whether
	// some are missing: between those, between them and after, unless that is 0, behind
	// them if there are fewer than max, or because after was never given, as when an
	// older copy of the store was restored.
	EventsAfter(after uint64, max int) (es []Event, gap bool, err error)
	// LatestEvent returns the greatest Seq that an event was given; 0 if there was none.
	LatestEvent() (uint64, error)

	// Damage returns how many rows were found damaged so far, and what is wrong with
	// the first.
	Damage() (rows int, first string)

	// Affinity returns the modem on which a conversation with the given [Talk.Affinity]
	// was held last; empty if that is not known.
	Affinity(key string) (modem string, err error)

	// Token returns what is remembered of a token, or ErrNotFound.
	Token(id string) (Token, error)
	// CountTokens returns how many tokens of a user are remembered, or how many in all
	// if user is empty.
	CountTokens(user string) (int, error)
	// Request returns the remembered request of the given key, or ErrNotFound. It may be
	// past its time.
	Request(key RequestKey) (Request, error)
	// OptOutsOf returns those who opted out with the given [OptOut.Affinity].
	OptOutsOf(key string) ([]OptOut, error)
	// OptOuts returns up to limit of those who opted out behind the first offset, in the
	// order of OptOut.Affinity, and how many there are in all.
	OptOuts(limit, offset int) ([]OptOut, int, error)

	// Charges returns what counts towards limits, oldest first.
	Charges() ([]Charge, error)

	// Setting returns a small durable fact; empty if there is none.
	Setting(key string) (string, error)
}

// Modem sends. Implementations are safe for concurrent use, but the engine has
// at most one Send under way on each.
type Modem interface {
	// ID returns the modem's name, unique in the daemon and stable over restarts.
	ID() string
	// Status returns a snapshot without blocking.
	Status() ModemStatus
	// Send hands over the segments of o from o.From on, in order, calling sent as
	// soon as each was accepted, except that the outcome of the last is told by
	// returning: sent is called for it, too, before Send returns nil. If sent
	// returns an error, Send hands over nothing more and returns it. Any other
	// error is a *SendError. When ctx ends Send returns soon, with Fate Unknown if
	// a PDU had been handed over without an answer.
	Send(ctx context.Context, o Outgoing, sent func(SentPart) error) error
	// Restart asks for a step to bring the modem back, from StepReopen to
	// StepCommand, whatever its state. It returns once the step is accepted; it is
	// taken when nothing that was handed over waits for its answer. The error is an
	// [Error]: Invalid if this modem has no such step, TooSoon if the latest one was
	// just now.
	Restart(ctx context.Context, step RecoveryStep) error
	// USSD runs a service code of the operator, goes on with the session it began, or
	// ends that. Messages wait while a session is open, a minute at most. The error is
	// an [Error] of code Invalid or Conflict, or that of ctx.
	USSD(ctx context.Context, q USSDQuery) (USSDAnswer, error)
	// PurgeStored deletes what others stored on the SIM or in the modem to be sent,
	// after taking in everything that was received, and returns how many messages
	// that were. The error is an [Error] of code Conflict, or that of ctx.
	PurgeStored(ctx context.Context) (int, error)
}

// ModemState sums up whether a modem can be used.
type ModemState string

// The states.
const (
	ModemReady    ModemState = "ready"    // sends and receives
	ModemStarting ModemState = "starting" // port open, not ready yet
	ModemAbsent   ModemState = "absent"   // no port
	ModemBlocked  ModemState = "blocked"  // needs its owner: PIN, PUK, no SIM, cannot send at all
	ModemWaiting  ModemState = "waiting"  // no network, or paused after errors
)

// ModemStatus is a snapshot of a modem, for health, routing and people.
type ModemStatus struct {
	Modem  string // ID
	Slot   int    // simNumber, from 1 in the order of the configuration
	State  ModemState
	Reason string    // why it is not ready and what to do, one or two sentences; empty when ready
	Since  time.Time // when State was entered

	Port         string // device path, when open
	SharedWith   string // other programs that have the port open, for people; empty if none is known
	Baud         int    // rate of a port with wires at its end, 0 elsewhere
	Manufacturer string
	Model        string
	Revision     string
	IMEI         string
	SIMID        string // ICCID, else IMSI; empty until read
	ICCID        string
	Number       string // own number (MSISDN): configured, or as the SIM says; may be empty
	SMSC         string
	Operator     string
	Registration int    // <stat> of the best of CREG, CGREG, CEREG; 4 while unknown
	Signal       int    // +CSQ <rssi>: 0–31, 99 while unknown
	Storage      string // where messages arrive, as +CPMS names it; empty while unknown
	Stored       int    // messages in the receiving storage
	Capacity     int    // of that storage; 0 while unknown
	Foreign      int    // messages in any storage that others stored to be sent; they are left alone unless purged

	Counters ModemCounters
	Recovery Recovery
	Power    PowerProblem
	Balance  Balance // credit of the SIM; filled in by the Gateway

	Setup *ModemSetup // how it was set up last; nil until it was
}
