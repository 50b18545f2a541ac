package modem

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"go.bug.st/serial"

	"tetherd/modem/device"
)

// baudRates are tried in turn on a port where the rate matters. The first suits most
// modules; those that find the rate themselves take it, too.
var baudRates = []int{115200, 9600, 57600, 19200, 38400, 460800}

// BaudRates returns the rates Options.Baud can have, in ascending order.
func BaudRates() []int {
	return []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600}
}

// baudSetter is a port whose rate matters and can be changed while it is open.
type baudSetter interface {
	SetBaud(rate int) error
}

// setterOf returns the setter of a port, nil if the rate makes no difference to it.
func setterOf(port io.ReadWriteCloser) baudSetter {
	if p, ok := port.(*placedPort); ok {
		port = p.ReadWriteCloser
	}
	setter, _ := port.(baudSetter)
	return setter
}

// uartPort is an open port with wires at its end.
type uartPort struct{ *lockedPort }

// SetBaud changes the rate, keeping 8 data bits, no parity and one stop bit.
func (p *uartPort) SetBaud(rate int) error {
	if err := p.Port.SetMode(&serial.Mode{BaudRate: rate}); err != nil {
		return fmt.Errorf("set baud rate: %w", err)
	}
	return nil
}

// newPort returns an open port with its lock, one that can change its rate if node is
// a UART.
func newPort(node string, port serial.Port, lock *device.Lock) io.ReadWriteCloser {
	p := &lockedPort{Port: port, lock: lock}
	if isUART("/sys", node) {
		return &uartPort{p}
	}
	return p
}

// rateless are the drivers of terminals that pass data on to the modem without wires
// in between, by their names in sysfs.
var rateless = []string{
	"cdc_acm", "option", "option1", "qcserial", "qcaux", "sierra", "hso", "usb_wwan", "ipw", "moto_modem", "moto-modem", "visor", "debug", "generic",
}

// isUART tells whether a terminal has wires at its end, on which both sides have to
// agree on a rate: what has no driver, such as a pseudo terminal, has none, and USB
// modems have their own. The adapters from USB to serial lines do.
func isUART(sysfs, node string) bool {
	driver, err := os.Readlink(filepath.Join(sysfs, "class/tty", filepath.Base(node), "device/driver"))
	return err == nil && !slices.Contains(rateless, filepath.Base(driver))
}

// How long a rate is tried, in commands.
const (
	rateTriesFirst = 4
	rateTries      = 3
)

// rateSearch is the search for the rate of a modem.
type rateSearch struct {
	setter baudSetter // nil if there is nothing to search
	rates  []int
	tries  int // left at the rate that is set
}

// startRates sets the first rate to try: the one that was configured, which is the
// only one then, or the one that was found last.
func (s *session) startRates() error {
	m := s.m
	s.rates = rateSearch{setter: s.setter, rates: baudRates}
	switch {
	case s.setter == nil:
		return nil
	case m.o.Baud != 0:
		s.rates.rates = []int{m.o.Baud}
	case m.baud != 0:
		s.rates.rates = concat([]int{m.baud}, baudRates)
	}
	return s.setBaud()
}

// allow gives the rate that is set its tries: all there are if it is the only one.
func (r *rateSearch) allow(tries int) {
	r.tries = tries
	if r.setter != nil && len(r.rates) > 1 {
		r.tries = max(rateTriesFirst, tries-wakeTries+rateTriesFirst)
	}
}

// nextRate sets the next rate after a command was not answered, once there were enough
// of them. It returns errMute if there is none.
func (s *session) nextRate() error {
	l := &s.rates
	if l.tries--; l.tries > 0 {
		return nil
	}
	if l.setter == nil || len(l.rates) < 2 {
		return errMute
	}
	l.rates, l.tries = l.rates[1:], rateTries
	if err := s.setBaud(); err != nil {
		return err
	}
	return s.hush()
}

func (s *session) setBaud() error {
	if err := s.rates.setter.SetBaud(s.rates.rates[0]); err != nil {
		return s.conn.gone(err)
	}
	return nil
}

// foundBaud returns the rate at which the modem answered, 0 if the port has none.
func (s *session) foundBaud() int {
	if s.rates.setter == nil {
		return 0
	}
	return s.rates.rates[0]
}
