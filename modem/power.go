package modem

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"tetherd/gateway"
)

// sign is something that a supply that is too weak does.
type sign struct {
	Kind signKind
	At   time.Time
}

type signKind int

// The kinds of signs. The numbers are stored.
const (
	signVoltage  signKind = 1 // the modem says so itself
	signBrownOut signKind = 2 // it was lost right after it began to send
	signReboot   signKind = 3 // it restarted by itself
	signLoss     signKind = 4 // its port was lost
	signBoard    signKind = 5 // the computer says that its own supply is too weak
)

// When signs make a suspicion.
const (
	brownOutWithin  = 5 * time.Second // after a PDU was complete
	brownOutsEnough = 2
	rebootsEnough   = 3 // within rebootsWithin
	rebootsWithin   = time.Hour
	lossesEnough    = 5 // within lossesWithin
	lossesWithin    = 10 * time.Minute
	suspectFor      = 24 * time.Hour // after the latest sign
	maxSigns        = 16
)

// powerAdvice is what helps.
const powerAdvice = " Use a powered USB hub or a stronger supply and a short cable, put a capacitor of 1000 µF at a bare module, and keep USB autosuspend off."

// power collects signs of a weak supply. It is a value without a clock, kept in
// the durable record. The zero value has seen none.
type power struct {
	Signs []sign // the latest, oldest first
	// Since is when the signs last were enough; zero if there is no suspicion.
	Since time.Time
	Why   signKind
}

// see takes a sign.
func (p *power) see(now time.Time, kind signKind) {
	p.Signs = append(p.Signs, sign{kind, now})
	if n := len(p.Signs) - maxSigns; n > 0 {
		p.Signs = slices.Delete(p.Signs, 0, n)
	}
	count := func(kind signKind, within time.Duration) (n int) {
		for _, s := range p.Signs {
			if s.Kind == kind && now.Sub(s.At) <= within {
				n++
			}
		}
		return n
	}
	enough := false
	switch kind {
	case signVoltage, signBoard:
		enough = true
	case signBrownOut:
		enough = count(kind, suspectFor) >= brownOutsEnough
	case signReboot:
		enough = count(kind, rebootsWithin) >= rebootsEnough
	case signLoss:
		enough = count(kind, lossesWithin) >= lossesEnough
	}
	// The strongest reason stays.
	if enough {
		if p.Since.IsZero() || kind < p.Why {
			p.Why = kind
		}
		p.Since = now
	} else if !p.Since.IsZero() {
		p.Since = now // not a quiet day
	}
}

// problem returns the suspicion as of now. A clock that was set back does not keep
// one for ever.
func (p *power) problem(now time.Time) gateway.PowerProblem {
	if p.Since.IsZero() {
		return gateway.PowerProblem{}
	}
	if age := now.Sub(p.Since); age >= suspectFor || age < -suspectFor {
		p.Since, p.Why, p.Signs = time.Time{}, 0, nil
		return gateway.PowerProblem{}
	}
	return gateway.PowerProblem{Reason: p.reason() + powerAdvice, Since: p.Since}
}

func (p *power) reason() string {
	switch p.Why {
	case signVoltage:
		return "The modem reports a supply voltage out of bounds."
	case signBrownOut:
		return "The modem was lost or restarted right after it began to send, more than once: its power supply seems too weak."
	case signReboot:
		return "The modem keeps restarting by itself: its power supply may be too weak."
	case signLoss:
		return "The modem's port keeps getting lost: its power supply may be too weak, or a plug loose."
	}
	return "This computer reports that its own supply voltage is too low."
}

// throttledFile is where the firmware of a Raspberry Pi tells of its supply.
const throttledFile = "/sys/devices/platform/soc/soc:firmware/get_throttled"

// The bits of it: the voltage is too low now, and it was since the start.
const (
	underVoltageNow  = 1 << 0
	underVoltageOnce = 1 << 16
)

// throttled reads the bits; ok is false on other computers.
func throttled(file string) (bits uint64, ok bool) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	text := strings.TrimPrefix(strings.TrimSpace(string(b)), "0x")
	bits, err = strconv.ParseUint(text, 16, 64)
	return bits, err == nil
}

func (k signKind) String() string {
	switch k {
	case signVoltage:
		return "voltage out of bounds"
	case signBrownOut:
		return "lost while sending"
	case signReboot:
		return "restarted by itself"
	case signLoss:
		return "port lost"
	case signBoard:
		return "board under-voltage"
	}
	return fmt.Sprintf("sign %d", int(k))
}
