package emulator

import (
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
	OnWrite // the modem is about to write; only Delay and Mangle act
)

// Action is what a Fault does to the modem.
type Action int

// The actions. Each ends the command it strikes; the zero value lets it go on.
const (
	ClosePort  Action = iota + 1 // the stream ends; the modem keeps its power and state
	Reboot                       // the modem resets; the stream stays
	Hang                         // nothing is heard or answered until Reset
	DropAnswer                   // the command stops here and nothing more is written for it
	PullOut                      // the stream ends and the modem loses power
)

// Fault is one planned misbehaviour. When its point is reached the fields act in the order
// Delay, Emit, Func, Final, Do; each is optional.
type Fault struct {
	At      Point
	Command string        // prefix of the command without AT, as "+CMGD=3"; "" strikes any
	Skip    int           // how often the point passes unharmed first
	Times   int           // how often the fault strikes; 0 is once, negative is always
	Delay   time.Duration // the command waits this long
	Emit    []byte        // written as it is: unsolicited lines, garbage
	Func    func()        // called without locks; must not wait for this modem's port
	// Final ends the command with this result line, as "ERROR" or "+CMS ERROR: 320". At
	// OnCommand an "OK" is the answer of a modem that ignores what it was told.
	Final string
	Do    Action
	// Mangle is for OnWrite: what it returns is written instead. It must not keep the slice.
	Mangle func([]byte) []byte
	// Back is for ClosePort and PullOut on a Port: it plugs itself in again after this
	// time. 0 leaves it out until Port.Plug.
	Back time.Duration
}

// Fault plans a fault. Faults at one point strike in the order they were planned, one at
// each passing.
func (m *Modem) Fault(f Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	m.faults = append(m.faults, &f)
}

// ClearFaults drops all planned faults.
func (m *Modem) ClearFaults() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = nil
}

// takeFault returns the fault that strikes at a point now.
func (m *Modem) takeFault(at Point, command string) (Fault, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, f := range m.faults {
		if f.At != at || !strings.HasPrefix(command, strings.ToUpper(f.Command)) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
			if f.Times == 0 {
				m.faults = append(m.faults[:i:i], m.faults[i+1:]...)
			}
		}
		return *f, true
	}
	return Fault{}, false
}

// hasFaults is the cheap question before takeFault.
func (m *Modem) hasFaults() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.faults) > 0
}
