package emulator

import (
	"fmt"
	"slices"
)

// NamedFault is an entry of the catalogue of faults.
type NamedFault struct {
	Name  string // as "drop-octets"
	About string // what it does, in one line
	// Closes: the stream ends at least once, so that whoever serves a pipe has to serve
	// again; a Port comes back by itself.
	Closes bool
	// Lasts: the fault has no end of its own; Modem.Reset, Modem.ClearFaults or Port.Plug
	// ends it. The others are over within two minutes, or strike a few times only.
	Lasts bool
	// New makes the faults. What they draw by chance follows from the seed.
	New func(seed int64) []Fault
}

// Faults returns the catalogue: what goes wrong on the line, at the port and in the modem.
// What goes wrong in the network is in [Network]. Names are unique.
func Faults() []NamedFault {
	return slices.Concat(lineFaults(), dialogueFaults(), portFaults(), modemFaults(), storageFaults())
}

// FaultNamed returns an entry of [Faults].
func FaultNamed(name string) (NamedFault, bool) {
	i := slices.IndexFunc(Faults(), func(f NamedFault) bool { return f.Name == name })
	if i < 0 {
		return NamedFault{}, false
	}
	return Faults()[i], true
}

// PlanFault plans the faults of an entry of [Faults]. It fails if there is none of the name.
func (m *Modem) PlanFault(name string, seed int64) error {
	f, ok := FaultNamed(name)
	if !ok {
		return fmt.Errorf("plan fault: there is no %q", name)
	}
	for _, p := range f.New(seed) {
		m.Fault(p)
	}
	return nil
}

// once is the constructor of faults without chance.
func once(faults ...Fault) func(int64) []Fault {
	return func(int64) []Fault { return slices.Clone(faults) }
}
