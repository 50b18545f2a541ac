package modem

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
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
	changed chan struct{} // capacity 1
	cancel  context.CancelFunc
	stopped chan struct{} // closed when Run returned
}

// plug connects and disconnects the emulated modem.
type plug interface {
	options(o *Options)
	in()
	out()
	close()
}

// rigOptions adapt a rig.
type rigOptions struct {
	network emulator.NetworkOptions
	device  emulator.ModemOptions
	modem   Options
	journal *journal
	unborn  bool // the device is not there at first
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
		t: t, world: w, network: emulator.NewNetwork(o.network), inbox: &inbox{}, journal: o.journal,
		changed: make(chan struct{}, 1),
	}
	if r.journal == nil {
		r.journal = &journal{}
	}
	r.device = emulator.NewModem(r.network, o.device)
	if w.pty {
		r.plug = newPtyPlug(t, r.device, o.unborn)
	} else {
		r.plug = &pipePlug{device: r.device, present: !o.unborn}
	}
	mo := o.modem
	mo.Name, mo.Slot, mo.Inbox, mo.Journal = "test", 1, r.inbox, r.journal
	mo.Changed = func() { kick(r.changed) }
	mo.Log = zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.TraceLevel)
	if os.Getenv("TRACE") == "" {
		mo.Log = mo.Log.Level(zerolog.WarnLevel)
	}
	r.plug.options(&mo)
	var err error
	if r.modem, err = New(mo); err != nil {
		t.Fatalf("New: %v", err)
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
	var err error
	if r.modem, err = New(r.modem.o); err != nil {
		r.t.Fatalf("New: %v", err)
	}
	r.run()
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

// inbox is an Inbox that remembers.
type inbox struct {
	mu        sync.Mutex
	fragments []gateway.Fragment
	reports   []gateway.Report
	refuse    func(f gateway.Fragment) error // nil stores everything
	arrived   chan struct{}
}

func (i *inbox) Receive(_ context.Context, f gateway.Fragment) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuse != nil {
		if err := i.refuse(f); err != nil {
			return err
		}
	}
	i.fragments = append(i.fragments, f)
	i.tell()
	return nil
}

func (i *inbox) Report(_ context.Context, r gateway.Report) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.reports = append(i.reports, r)
	i.tell()
	return nil
}

// tell wakes whoever waits. The caller holds mu.
func (i *inbox) tell() {
	if i.arrived != nil {
		close(i.arrived)
		i.arrived = nil
	}
}

// await waits until ok holds of what arrived.
func (i *inbox) await(t *testing.T, what string, ok func(fs []gateway.Fragment, rs []gateway.Report) bool) {
	t.Helper()
	limit := time.NewTimer(10 * time.Minute)
	defer limit.Stop()
	for {
		i.mu.Lock()
		done := ok(i.fragments, i.reports)
		if i.arrived == nil {
			i.arrived = make(chan struct{})
		}
		arrived := i.arrived
		i.mu.Unlock()
		if done {
			return
		}
		select {
		case <-arrived:
		case <-limit.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (i *inbox) awaitFragments(t *testing.T, n int) []gateway.Fragment {
	t.Helper()
	i.await(t, "messages", func(fs []gateway.Fragment, _ []gateway.Report) bool { return len(fs) >= n })
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]gateway.Fragment(nil), i.fragments...)
}

func (i *inbox) awaitReports(t *testing.T, n int) []gateway.Report {
	t.Helper()
	i.await(t, "reports", func(_ []gateway.Fragment, rs []gateway.Report) bool { return len(rs) >= n })
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]gateway.Report(nil), i.reports...)
}

// texts returns the texts of single fragments.
func texts(fs []gateway.Fragment) []string {
	var out []string
	for _, f := range fs {
		out = append(out, sms.Join([]sms.Body{f.Body}))
	}
	return out
}

// journal is a Journal in memory, which outlives modems as a durable one does.
type journal struct {
	mu    sync.Mutex
	tried map[string]bool
	fail  error
}

func (j *journal) PINTried(sim, pin string) (bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.tried[sim+"/"+pin], j.fail
}

func (j *journal) RecordPIN(_ context.Context, sim, pin string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.fail != nil {
		return j.fail
	}
	if j.tried == nil {
		j.tried = make(map[string]bool)
	}
	j.tried[sim+"/"+pin] = true
	return nil
}

func (j *journal) ClearPIN(_ context.Context, sim, pin string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.tried, sim+"/"+pin)
	return nil
}

func (j *journal) records() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.tried)
}

// pipePlug connects through memory.
type pipePlug struct {
	device *emulator.Modem

	mu      sync.Mutex
	present bool
	far     net.Conn
	served  chan struct{} // closed when the Serve before returned
	opens   int
}

func (p *pipePlug) options(o *Options) {
	o.Port = "/dev/ttyTEST"
	o.Open = func(ctx context.Context) (io.ReadWriteCloser, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.present {
			return nil, fs.ErrNotExist
		}
		if p.served != nil {
			<-p.served
		}
		near, far := net.Pipe()
		served := make(chan struct{})
		p.far, p.served = far, served
		p.opens++
		go func() {
			defer close(served)
			_ = p.device.Serve(context.WithoutCancel(ctx), far)
		}()
		return near, nil
	}
}

func (p *pipePlug) in() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.present = true
}

func (p *pipePlug) out() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.present = false
	if p.far != nil {
		_ = p.far.Close()
	}
	p.device.Reset()
}

func (p *pipePlug) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.far != nil {
		_ = p.far.Close()
		<-p.served
	}
}

// ptyPlug connects through a pseudo terminal, reached by a link as by-id links are.
type ptyPlug struct {
	t    testing.TB
	port *emulator.Port
}

func newPtyPlug(t testing.TB, device *emulator.Modem, unborn bool) *ptyPlug {
	t.Helper()
	port, err := emulator.OpenPort(device, filepath.Join(t.TempDir(), "ports", "modem"))
	if err != nil {
		t.Fatalf("open pty: %v", err)
	}
	if unborn {
		port.Unplug()
	}
	return &ptyPlug{t, port}
}

func (p *ptyPlug) options(o *Options) { o.Port = p.port.Path() }

func (p *ptyPlug) in() {
	if err := p.port.Plug(); err != nil {
		p.t.Errorf("plug: %v", err)
	}
}

func (p *ptyPlug) out()   { p.port.Unplug() }
func (p *ptyPlug) close() { _ = p.port.Close() }

func segments(t testing.TB, text string) []sms.Segment {
	t.Helper()
	out, err := sms.Split(text, 20)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
