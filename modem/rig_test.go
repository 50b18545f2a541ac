package modem

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"tetherd/gateway"
	"tetherd/gateway/sms"
	"tetherd/modem/emulator"
)

// Numbers of the rig.
const (
	ownNumber  = "+4915110000001"
	peerNumber = "+4915220000002"
	testICCID  = "89490200001234567890"
)

// rig is a Modem with an emulated one behind its port.
type rig struct {
	t       testing.TB
	world   world
	network *emulator.Network
	device  *emulator.Modem
	inbox   *inbox
	journal *journal
	modem   *Modem
	plug    plug
	usb     usbBus
	changed chan struct{} // capacity 1
	cancel  context.CancelFunc
	stopped chan struct{} // closed when Run returned
}

// rigOptions adapt a rig.
type rigOptions struct {
	network emulator.NetworkOptions
	device  emulator.ModemOptions
	modem   Options
	journal *journal
	disk    *diskJournal                      // instead of journal, if not nil
	unborn  bool                              // the device is not there at first
	engine  *engine                           // takes in what arrives, instead of an inbox; nil is none
	plug    func(device *emulator.Modem) plug // nil is the world's
	wire    func(net.Conn) io.ReadWriteCloser // what the pipe is opened as, if not nil
	usb     usbBus                            // nil: that of the system
}

// world is a way to connect.
type world struct {
	name string
	pty  bool
}

// worlds runs body over an in-memory pipe with fake time, and over a pty that is
// opened like hardware.
func worlds(t *testing.T, body func(t *testing.T, w world)) {
	t.Run("pipe", func(t *testing.T) { synctest.Test(t, func(t *testing.T) { body(t, world{name: "pipe"}) }) })
	t.Run("pty", func(t *testing.T) { body(t, world{name: "pty", pty: true}) })
}

// pipe runs body over an in-memory pipe with fake time.
func pipe(t *testing.T, body func(t *testing.T, w world)) {
	synctest.Test(t, func(t *testing.T) { body(t, world{name: "pipe"}) })
}

func newRig(t testing.TB, w world, o rigOptions) *rig {
	t.Helper()
	o.device.Number, o.device.ICCID = ownNumber, testICCID
	r := &rig{
		t: t, world: w, network: emulator.NewNetwork(o.network), inbox: &inbox{}, journal: o.journal, usb: o.usb,
		changed: make(chan struct{}, 1),
	}
	if r.journal == nil {
		r.journal = &journal{}
	}
	r.device = emulator.NewModem(r.network, o.device)
	if o.plug != nil {
		r.plug = o.plug(r.device)
	} else if w.pty {
		r.plug = newPtyPlug(t, r.device, o.unborn)
	} else {
		r.plug = &pipePlug{device: r.device, present: !o.unborn, wire: o.wire}
	}
	mo := o.modem
	mo.Name, mo.Slot, mo.Inbox, mo.Journal = "test", 1, r.inbox, r.journal
	mo.Changed = func() { kick(r.changed) }
	if e := o.engine; e != nil {
		mo.Inbox, mo.Outbox = e.gw, e.gw
		mo.Changed = func() { kick(r.changed); e.gw.Kick() }
	}
	mo.Log = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.TraceLevel)
	if os.Getenv("TRACE") == "" {
		mo.Log = mo.Log.Level(zerolog.WarnLevel)
	}
	if o.disk != nil {
		mo.Journal = o.disk
	}
	r.plug.options(&mo)
	r.renew(mo)
	if o.engine != nil {
		o.engine.run(r.modem)
	}
	r.run()
	t.Cleanup(func() {
		r.stop()
		r.plug.close()
		r.network.Close()
	})
	return r
}

// run starts Run.
func (r *rig) run() {
	ctx, cancel := context.WithCancel(r.t.Context())
	stopped := make(chan struct{})
	r.cancel, r.stopped = cancel, stopped
	go func() {
		defer close(stopped)
		if err := r.modem.Run(ctx); err != nil {
			r.t.Errorf("Run = %v, want nil", err)
		}
	}()
}

// restart replaces the Modem by a new one, as a new process would.
func (r *rig) restart() {
	r.t.Helper()
	r.stop()
	r.renew(r.modem.o)
	r.run()
}

// renew makes a Modem.
func (r *rig) renew(o Options) {
	r.t.Helper()
	var err error
	if r.modem, err = New(o); err != nil {
		r.t.Fatalf("New: %v", err)
	}
	r.modem.switches = func() bool { return false }
	if r.usb != nil {
		r.modem.usb = r.usb
	}
}

// stop ends Run and waits for it.
func (r *rig) stop() {
	r.cancel()
	<-r.stopped
}

// await waits until the status is as wanted.
func (r *rig) await(what string, ok func(s gateway.ModemStatus) bool) gateway.ModemStatus {
	r.t.Helper()
	limit := time.NewTimer(10 * time.Minute) // of fake time; the test's own deadline guards real time
	defer limit.Stop()
	for {
		s := r.modem.Status()
		if ok(s) {
			return s
		}
		select {
		case <-r.changed:
		case <-limit.C:
			r.t.Fatalf("waited in vain for %s; status is %+v", what, s)
		}
	}
}

func (r *rig) awaitState(want gateway.ModemState) gateway.ModemStatus {
	r.t.Helper()
	return r.await("state "+string(want), func(s gateway.ModemStatus) bool { return s.State == want })
}

// send sends text and returns the references and the error.
func (r *rig) send(to, text string) (mrs []int, err error) {
	r.t.Helper()
	return r.sendWith(r.t.Context(), gateway.Outgoing{To: to}, text)
}

func (r *rig) sendWith(ctx context.Context, o gateway.Outgoing, text string) (mrs []int, err error) {
	r.t.Helper()
	if o.Segments, err = sms.Split(text, 20); err != nil {
		r.t.Fatal(err)
	}
	err = r.modem.Send(ctx, o, func(p gateway.SentPart) error {
		mrs = append(mrs, p.MR)
		return nil
	})
	return mrs, err
}

// sendPatiently sends as the engine does: what was not sent is sent again when the
// modem is ready.
func (r *rig) sendPatiently(to, text string) {
	r.t.Helper()
	for {
		r.awaitState(gateway.ModemReady)
		_, err := r.send(to, text)
		switch f := fault(r.t, err); {
		case err == nil:
			return
		case f.Fate != gateway.NotSent:
			r.t.Fatalf("Send: %v", err)
		}
		<-r.changed
	}
}

// fault returns the SendError in err, a zero one for nil.
func fault(t testing.TB, err error) gateway.SendError {
	t.Helper()
	if err == nil {
		return gateway.SendError{}
	}
	e, ok := errors.AsType[*gateway.SendError](err)
	if !ok {
		t.Fatalf("error %v is no SendError", err)
	}
	return *e
}

func segments(t testing.TB, text string) []sms.Segment {
	t.Helper()
	out, err := sms.Split(text, 20)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
