package gateway

// Change is a set of rows to write in one atomic, durable step. It is a plain
// value, so it can be logged, compared, and observed after it was stored. The
// zero Change writes nothing.
//
// The store fills in what it assigns (Seq, Rev, Num, Delivery.Event) in the
// slices of the Change given to [Store.Commit].
type Change struct {
	// Messages are inserted (Rev 0; ErrExists if the ID is taken) or replaced
	// (ErrConflict unless Rev is that of the stored row).
	Messages []Message

	Fragments     []StoredFragment // parts of incomplete messages to keep
	DropFragments []GroupKey       // groups to delete whole
	Seen          []FragmentKey    // TPDUs that must not be taken in again
	// Inbound are complete incoming messages, always new. The ones that they replace
	// get their ReplacedBy.
	Inbound []Inbound

	Park   []ParkedReport // reports to match later, always new
	Unpark []uint64       // ParkedReport.Seq to delete

	// Emissions are new events with their deliveries. Deliveries to an endpoint that
	// is gone are dropped. The conversations that they belong to are remembered, the
	// ones of the longest silence forgotten.
	Emissions []Emission

	// Deliveries are rows to replace: what attempts led to, or what their owner wants.
	// Rows that are gone are skipped, and so are those replayed more often than the new
	// one, and those that ended, unless the new one has more Replays or brings the
	// success of one that was Dropped or Withdrawn.
	Deliveries []Delivery
	// Missed are new deliveries of events that are stored; those whose event or endpoint
	// is gone, or that exist already, are skipped, and get Event 0.
	Missed []Delivery
	// Dropped are the deliveries that had to end because too many waited, as they were
	// stored. The store fills it in for observers; it is not written.
	Dropped        []Delivery
	Attempts       []Attempt       // for the log of their endpoints, always new
	EndpointStates []EndpointState // replaced by Endpoint; those of endpoints that are gone are skipped

	Endpoints     []Endpoint // inserted, or replaced by ID; Num is kept
	DropEndpoints []string   // IDs to delete, with what waits for them

	Forwards     []Forward // inserted, or replaced by ID; Seq is kept
	DropForwards []string  // IDs to delete

	// Tokens are always new: ErrConflict if the ID of one is stored. Revocations are
	// applied behind them.
	Tokens      []Token
	Revocations []Revocation

	// Requests are always new: ErrConflict if one of the same key is remembered and its
	// time has not run out.
	Requests []Request

	OptOuts     []OptOut // inserted, or replaced by Number
	DropOptOuts []string // numbers to delete

	// Charges are inserted, or replaced by Num; those without Parts are deleted. Some of
	// the oldest are forgotten when they are older than ChargeAge.
	Charges []Charge

	Settings map[string]string // small durable facts; an empty value deletes the key
}

// Empty reports whether c writes nothing.
func (c *Change) Empty() bool {
	return len(c.Messages) == 0 && len(c.Fragments) == 0 && len(c.DropFragments) == 0 && len(c.Seen) == 0 &&
		len(c.Inbound) == 0 && len(c.Park) == 0 && len(c.Unpark) == 0 && len(c.Emissions) == 0 &&
		len(c.Deliveries) == 0 && len(c.Missed) == 0 && len(c.Attempts) == 0 && len(c.EndpointStates) == 0 && len(c.Endpoints) == 0 && len(c.DropEndpoints) == 0 &&
		len(c.Forwards) == 0 && len(c.Tokens) == 0 && len(c.Revocations) == 0 && len(c.DropForwards) == 0 &&
		len(c.Requests) == 0 && len(c.OptOuts) == 0 && len(c.DropOptOuts) == 0 && len(c.Charges) == 0 && len(c.Settings) == 0
}

// Merge appends all of d to c. The caller sees to it that the two do not touch
// the same rows.
func (c *Change) Merge(d Change) {
	c.Messages = append(c.Messages, d.Messages...)
	c.Fragments = append(c.Fragments, d.Fragments...)
	c.DropFragments = append(c.DropFragments, d.DropFragments...)
	c.Seen = append(c.Seen, d.Seen...)
	c.Park = append(c.Park, d.Park...)
	c.Unpark = append(c.Unpark, d.Unpark...)
	for _, e := range d.Emissions {
		if e.Inbound > 0 {
			e.Inbound += len(c.Inbound)
		}
		c.Emissions = append(c.Emissions, e)
	}
	c.Inbound = append(c.Inbound, d.Inbound...)
	c.Deliveries = append(c.Deliveries, d.Deliveries...)
	c.Missed = append(c.Missed, d.Missed...)
	c.Attempts = append(c.Attempts, d.Attempts...)
	c.EndpointStates = append(c.EndpointStates, d.EndpointStates...)
	c.Endpoints = append(c.Endpoints, d.Endpoints...)
	c.DropEndpoints = append(c.DropEndpoints, d.DropEndpoints...)
	c.Forwards = append(c.Forwards, d.Forwards...)
	c.DropForwards = append(c.DropForwards, d.DropForwards...)
	c.Tokens = append(c.Tokens, d.Tokens...)
	c.Revocations = append(c.Revocations, d.Revocations...)
	c.Requests = append(c.Requests, d.Requests...)
	c.OptOuts = append(c.OptOuts, d.OptOuts...)
	c.DropOptOuts = append(c.DropOptOuts, d.DropOptOuts...)
	c.Charges = append(c.Charges, d.Charges...)
	for k, v := range d.Settings {
		if c.Settings == nil {
			c.Settings = make(map[string]string)
		}
		c.Settings[k] = v
	}
}
