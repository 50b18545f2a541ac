package api

// Trace is the way of a message through the gateway and the network.
type Trace struct {
	ID         string           `json:"id"`
	State      State            `json:"state"`
	Recipients []RecipientTrace `json:"recipients"`
}

// RecipientTrace is the way of a message to one recipient.
type RecipientTrace struct {
	PhoneNumber string `json:"phoneNumber"`
	State       State  `json:"state"`
	// DroppedHops counts those left out of the middle of Hops: there were too many.
	DroppedHops int   `json:"droppedHops,omitempty"`
	Hops        []Hop `json:"hops"` // oldest first
}

// Hop is one step of a message. A field that does not apply is left out.
type Hop struct {
	At Time `json:"at"`
	// Kind is one of "queued", "released", "attempt", "resend", "accepted", "proven",
	// "refused", "not-sent", "unknown", "unproven", "report", "failed", "cancelled".
	Kind        string  `json:"kind"`
	Description string  `json:"description"`        // a sentence for people
	Evidence    string  `json:"evidence,omitempty"` // the modem's own words
	Attempt     int     `json:"attempt,omitempty"`  // from 1
	ModemID     string  `json:"modemId,omitempty"`
	SIMNumber   int     `json:"simNumber,omitempty"` // slot, from 1
	Part        int     `json:"part,omitempty"`      // from 1
	Reference   *int    `json:"reference,omitempty"` // TP-MR, 0–255
	Status      *int    `json:"status,omitempty"`    // TP-ST of a delivery report
	Code        string  `json:"code,omitempty"`      // machine-readable cause
	WaitSeconds float64 `json:"waitSeconds,omitempty"`
	State       State   `json:"state,omitempty"`   // of the recipient from here on, if it changed
	EventID     string  `json:"eventId,omitempty"` // of the event that was stored with it
}
