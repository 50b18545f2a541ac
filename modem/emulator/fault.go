package emulator

import (
	"math/rand"
	"slices"
	"strings"
	"time"
)

// Point is a moment in the modem's work at which a Fault can strike.
type Point int

// Points of a submit with +CMGS or +CMSS, in their order.
const (
	AfterCMGS   Point = iota + 1 // the command was received, nothing was written
	AfterPrompt                  // the prompt was written
	MidPDU                       // half of the PDU was received
	AfterCtrlZ                   // the PDU is complete, the network has nothing
	AfterSubmit                  // the network accepted, nothing was written
	AfterMR                      // the +CMGS line was written, not the OK
)

// Points of other commands.
const (
	OnCommand   Point = iota + 100 // any command, or AT alone, was received; see Fault.Command
	BeforeFinal                    // its lines were written, not the final result
	AfterFinal                     // its final result was written
	BeforeCMGD
	AfterCMGD // its final result was written
	BeforeCMGL
	AfterCMGL // its final result was written
	BeforeCMGR
	AfterCMGR // its final result was written
	BeforeCNMA
	OnWrite // the modem is about to write; Delay, Mangle and Do act
	OnRead  // octets of the host arrived; only Mangle acts
	OnOpen  // Serve begins; what it emits is the first the host reads
	AtTime  // After has passed since the fault was planned or struck; Delay and Final do not act
)

// Action is what a Fault does to the modem.
type Action int

// The actions. Those up to PullOut end the command they strike; with the zero value and the
// others it goes on.
const (
	ClosePort  Action = iota + 1 // the stream ends; the modem keeps its power and state
	Reboot                       // the modem resets; the stream stays
	Hang                         // nothing is heard or answered until Fault.Cure
	DropAnswer                   // the command stops here and nothing more is written for it
	PullOut                      // the stream ends and the modem loses power
	Silence                      // SetMute for Fault.For, then off again
	Stall                        // nothing is read from the host for Fault.For
	OpenPrompt                   // at OnOpen: the host is at a prompt it never asked for
)

// Cure is what ends a Hang, besides [Modem.Reset] and a loss of power, which always do.
type Cure int

// The cures.
const (
	CurePower  Cure = iota // nothing else
	CureReopen             // the host closes the port and opens it again
	CureRadio              // AT+CFUN; until then only what needs SIM or radio has no answer
	CureReboot             // AT+CFUN=1,1 or one of Profile.Resets, which are the only ones answered
)

// Fault is one planned misbehaviour. When its point is reached the fields act in the order
// Delay, Emit, Func, With, Final, Do; each is optional.
type Fault struct {
	At      Point
	Command string // prefix of the command without AT, as "+CMGD=3"; "" strikes any
	Skip    int    // how often the point passes unharmed first
	Times   int    // how often the fault strikes; 0 is once, negative is always
	// After and Until limit it to a span since it was planned; an Until of 0 is no limit.
	After, Until time.Duration
	// Probability is the chance to strike at each passing, drawn from Seed; 0 is always.
	Probability float64
	Seed        int64
	// Offset is for OnWrite: so many octets are written before the fault strikes, within
	// a line if need be.
	Offset int
	Delay  time.Duration // the command waits this long
	Emit   []byte        // written as it is: unsolicited lines, garbage
	Func   func()        // called without locks; must not wait for this modem's port
	With   func(*Modem)  // the same with the modem that is struck
	// Final ends the command with this result line, as "ERROR" or "+CMS ERROR: 320". At
	// OnCommand an "OK" is the answer of a modem that ignores what it was told.
	Final string
	Do    Action
	// For is how long Hang, Silence and Stall last; 0 is for good, but for Stall nothing.
	For  time.Duration
	Cure Cure // of a Hang
	// Mangle is for OnWrite and OnRead: what it returns is written or read instead. It may
	// change the slice and must not keep it.
	Mangle func([]byte) []byte
	// Back is for ClosePort and PullOut on a Port: it plugs itself in again after this
	// time. 0 leaves it out until Port.Plug.
	Back time.Duration
}

// plannedFault is a Fault in force.
type plannedFault struct {
	Fault
	at    time.Time
	begin int64 // octets the modem had written then
	rand  *rand.Rand
	timer *time.Timer // of AtTime
}

// Fault plans a fault. Faults at one point strike in the order they were planned, one at
// each passing.
func (m *Modem) Fault(f Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	p := &plannedFault{Fault: f, at: time.Now(), begin: m.written}
	if f.Probability > 0 {
		p.rand = rand.New(rand.NewSource(f.Seed))
	}
	m.faults = append(m.faults, p)
	if f.At == AtTime {
		p.timer = time.AfterFunc(f.After, func() { m.strikeOnTime(p) })
	}
}

// ClearFaults drops all planned faults.
func (m *Modem) ClearFaults() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.faults {
		if f.timer != nil {
			f.timer.Stop()
		}
	}
	m.faults = nil
}

// takeFault returns the fault that strikes at a point now.
func (m *Modem) takeFault(at Point, command string) (Fault, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.faults {
		if f.At == at && strings.HasPrefix(command, strings.ToUpper(f.Command)) && f.due() {
			m.strikes(f)
			return f.Fault, true
		}
	}
	return Fault{}, false
}

// takeWriteFault returns the fault that strikes a write of size octets, and how many of
// them it spares.
func (m *Modem) takeWriteFault(command string, size int) (f Fault, spared int, struck bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.faults {
		spared := max(f.begin+int64(f.Offset)-m.written, 0)
		if f.At == OnWrite && strings.HasPrefix(command, strings.ToUpper(f.Command)) && (f.Offset == 0 || spared < int64(size)) && f.due() {
			m.strikes(f)
			return f.Fault, int(spared), true
		}
	}
	return Fault{}, 0, false
}

// due tells whether a fault whose point is reached strikes; it counts Skip.
func (f *plannedFault) due() bool {
	since := time.Since(f.at)
	switch {
	case since < f.After, f.Until > 0 && since >= f.Until:
		return false
	case f.rand != nil && f.rand.Float64() >= f.Probability:
		return false
	case f.Skip > 0:
		f.Skip--
		return false
	}
	return true
}

// strikes counts a strike and forgets a fault that has no more.
func (m *Modem) strikes(f *plannedFault) {
	if f.Times > 0 {
		if f.Times--; f.Times == 0 {
			m.faults = slices.DeleteFunc(slices.Clone(m.faults), func(g *plannedFault) bool { return g == f })
		}
	}
}

// hasFaults is the cheap question before takeFault.
func (m *Modem) hasFaults() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.faults) > 0
}
