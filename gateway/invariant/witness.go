package invariant

import "time"

// Held is a TPDU that a modem had in a storage, in the network's account.
type Held struct {
	What    string    // for people
	Deleted time.Time // zero: it is still there
	Durable time.Time // when the gateway had stored what it says; zero: never
}

// Line is something that went over the port of a modem.
type Line struct {
	At   time.Time
	Dir  Direction
	Text string // a command line without its CR, a PDU without its Ctrl-Z, or what was read
}

// Direction says who wrote a [Line].
type Direction byte

// The directions.
const (
	FromHost  Direction = '>'
	FromModem Direction = '<'
	Opened    Direction = '|' // the host opened or lost the port: what came before is over
	Cleared   Direction = 'P' // the owner allowed another attempt at the PIN
)

// Transcript is all that went over the port of a modem, in order.
type Transcript struct {
	Modem string
	SIM   string // ICCID of the SIM in it
	Lines []Line
	// Quiet is how long nothing may be written after the Ctrl-Z of a PDU while the
	// modem gives no result. 0 does not look.
	Quiet time.Duration
	// Restarts are the beginnings of lines by which the modem says that it started
	// anew, and so that no result will come.
	Restarts []string
}

// Shown is a fact about a modem as the gateway showed it, beside the truth.
type Shown struct {
	What, Got, Want string
}

// Recovery is how long it took after a fault until a message could be sent again.
type Recovery struct {
	Fault string
	Took  time.Duration // negative: it never could
	Limit time.Duration
}

// Usage is what the gateway took of the machine at some time. A zero field was
// not measured.
type Usage struct {
	Goroutines int
	Files      int   // open descriptors
	Memory     int64 // octets
}

// Timed is something that was to happen at a time, whatever people did to the
// wall clock. Both times are measured since the machine booted.
type Timed struct {
	What  string
	Due   time.Duration
	At    time.Duration // negative: it never happened
	Slack time.Duration // how late it may be
}
