package modem

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/modem/emulator"
)

// wire is a port on which nothing is understood at another rate than the modem's.
type wire struct {
	net.Conn
	modem *atomic.Int64 // its rate
	rate  atomic.Int64  // of our side
	sets  *atomic.Int64 // how often a rate was set
}

func (w *wire) SetBaud(rate int) error {
	w.rate.Store(int64(rate))
	w.sets.Add(1)
	return nil
}

func (w *wire) garbled() bool { return w.rate.Load() != w.modem.Load() }

func (w *wire) Write(p []byte) (int, error) {
	if w.garbled() {
		return len(p), nil
	}
	return w.Conn.Write(p)
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if w.garbled() {
		for i := range p[:n] {
			p[i] = p[i]<<1 | 0x80
		}
	}
	return n, err
}

// The rate of a modem is found, and remembered when the port is opened again.
func TestBaud(t *testing.T) {
	for _, rate := range baudRates {
		for _, fixed := range []bool{false, true} {
			t.Run(fmt.Sprint(rate, " ", fixed), func(t *testing.T) {
				pipe(t, func(t *testing.T, w world) {
					profile := emulator.Generic()
					profile.Noise = []emulator.Noise{{Every: time.Second, Line: "^RSSI: 11"}}
					var device, sets atomic.Int64
					device.Store(int64(rate))
					o := rigOptions{unborn: true, device: emulator.ModemOptions{Profile: profile}}
					if fixed {
						o.modem.Baud = rate
					}
					o.wire = func(c net.Conn) io.ReadWriteCloser { return &wire{Conn: c, modem: &device, sets: &sets} }
					r := newRig(t, w, o)
					r.plug.in()
					if s := r.awaitState(gateway.ModemReady); s.Baud != rate {
						t.Errorf("status says %d baud, want %d", s.Baud, rate)
					}
					if fixed && sets.Load() != 1 {
						t.Errorf("%d rates were set, want the one alone", sets.Load())
					}
					sets.Store(0)
					r.plug.out()
					r.awaitState(gateway.ModemAbsent)
					r.plug.in()
					r.awaitState(gateway.ModemReady)
					if sets.Load() != 1 {
						t.Errorf("%d rates were set when the port was opened again, want the one alone", sets.Load())
					}
				})
			})
		}
	}
}

// A modem at a rate nobody tries is looked for again and again, and found when it
// changes its mind.
func TestBaudUnknown(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		var device, sets atomic.Int64
		device.Store(300)
		r := newRig(t, w, rigOptions{wire: func(c net.Conn) io.ReadWriteCloser { return &wire{Conn: c, modem: &device, sets: &sets} }})
		time.Sleep(time.Minute)
		r.awaitState(gateway.ModemAbsent)
		if got := sets.Load(); got < int64(len(baudRates)) {
			t.Errorf("%d rates were set, want all", got)
		}
		device.Store(38400)
		if got := r.awaitState(gateway.ModemReady).Baud; got != 38400 {
			t.Errorf("status says %d baud, want 38400", got)
		}
	})
}

func TestIsUART(t *testing.T) {
	sysfs := t.TempDir()
	for name, driver := range map[string]string{
		"ttyUSB0": "option1", "ttyUSB1": "cp210x", "ttyUSB2": "qcserial", "ttyUSB3": "ch341-uart", "ttyACM0": "cdc_acm",
		"ttyAMA0": "uart-pl011", "ttyS0": "serial8250",
	} {
		dir := filepath.Join(sysfs, "class/tty", name, "device")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("../../../bus/drivers/"+driver, filepath.Join(dir, "driver")); err != nil {
			t.Fatal(err)
		}
	}
	for node, want := range map[string]bool{
		"/dev/ttyUSB0": false, "/dev/ttyUSB1": true, "/dev/ttyUSB2": false, "/dev/ttyUSB3": true, "/dev/ttyACM0": false,
		"/dev/ttyAMA0": true, "/dev/ttyS0": true, "/dev/pts/3": false, "/dev/ttyUSB9": false,
	} {
		if got := isUART(sysfs, node); got != want {
			t.Errorf("isUART(%s) = %v, want %v", node, got, want)
		}
	}
}
