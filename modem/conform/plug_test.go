package conform

import (
	"context"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"tetherd/modem"
	"tetherd/modem/emulator"
)

// plug connects and disconnects an emulated modem.
type plug interface {
	options(o *modem.Options)
	in()
	out()
	cut(back time.Duration)
	close()
}

// pipePlug connects through memory, so that time can be fake.
type pipePlug struct {
	device   *emulator.Modem
	recorder *Recorder

	mu      sync.Mutex
	present bool
	closed  bool
	far     net.Conn
	served  chan struct{} // closed when the latest Serve returned
	pulled  bool          // the modem loses its power at the end of Serve
	back    time.Duration // and is back then; 0 leaves it out
}

func (p *pipePlug) options(o *modem.Options) {
	o.Port = "/dev/ttyTEST"
	o.Open = func(ctx context.Context) (io.ReadWriteCloser, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.present {
			return nil, fs.ErrNotExist
		}
		if p.served != nil {
			select {
			case <-p.served:
			default:
				return nil, syscall.EBUSY // the other end has not noticed yet
			}
		}
		near, far := net.Pipe()
		served := make(chan struct{})
		p.far, p.served = far, served
		go func() {
			defer close(served)
			_ = p.device.Serve(context.WithoutCancel(ctx), far) // ends with the pipe
			p.fell()
		}()
		return p.recorder.Wrap(near), nil
	}
}

func (p *pipePlug) in() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.present && !p.closed {
		p.device.Reset()
		p.present = true
	}
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

// cut makes out happen when the modem ends the pipe, and in later.
func (p *pipePlug) cut(back time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pulled, p.back = true, back
}

// fell is called when the pipe has ended.
func (p *pipePlug) fell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.pulled {
		return
	}
	p.present, p.pulled = false, false
	if p.back > 0 {
		time.AfterFunc(p.back, p.in)
	}
}

func (p *pipePlug) close() {
	p.mu.Lock()
	p.closed, p.present = true, false
	far, served := p.far, p.served
	p.mu.Unlock()
	if far != nil {
		_ = far.Close()
		<-served
	}
}

// ptyPlug connects through a pseudo terminal, reached by a link as by-id links are.
type ptyPlug struct {
	t    testing.TB
	port *emulator.Port
}

func newPtyPlug(t testing.TB, device *emulator.Modem, dir string) *ptyPlug {
	t.Helper()
	port, err := emulator.OpenPort(device, filepath.Join(dir, "ports", "modem"))
	if err != nil {
		t.Fatalf("open pty: %v", err)
	}
	return &ptyPlug{t, port}
}

func (p *ptyPlug) options(o *modem.Options) { o.Port = p.port.Path() }

func (p *ptyPlug) in() {
	if err := p.port.Plug(); err != nil {
		p.t.Errorf("plug: %v", err)
	}
}

func (p *ptyPlug) out()              { p.port.Unplug() }
func (p *ptyPlug) cut(time.Duration) {} // the port does it by itself
func (p *ptyPlug) close()            { _ = p.port.Close() }
