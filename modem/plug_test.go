package modem

import (
	"context"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"sync"
	"testing"

	"tetherd/modem/emulator"
)

// plug connects and disconnects the emulated modem.
type plug interface {
	options(o *Options)
	in()
	out()
	close()
}

// pipePlug connects through memory.
type pipePlug struct {
	device *emulator.Modem
	wire   func(net.Conn) io.ReadWriteCloser // may be nil

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
		if p.wire != nil {
			return p.wire(near), nil
		}
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

// left waits until nobody is connected to the modem any more: it serves one at a time, and
// notices a moment later that a connection was closed.
func (p *pipePlug) left() {
	p.mu.Lock()
	served := p.served
	p.mu.Unlock()
	if served != nil {
		<-served
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
