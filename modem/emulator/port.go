package emulator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Port is a pseudo terminal that carries a modem, reached through a symbolic link that
// stays the same while the terminal behind it changes, as udev's by-id links do. All
// methods are safe for concurrent use.
type Port struct {
	m    *Modem
	link string // guarded by mu
	next string // the link from the next plug on; "" is the same

	wg sync.WaitGroup // the goroutines of all lines

	mu     sync.Mutex
	sides  []*side
	line   *ptyLine // nil while unplugged
	last   *ptyLine // the one that was plugged last; its end is awaited before the next
	back   *time.Timer
	closed bool
}

// ptyLine is one pseudo terminal from plug to unplug.
type ptyLine struct {
	*ptyPair
	ctx   context.Context // of everything that runs on the port
	stop  context.CancelFunc
	ended atomic.Bool   // set before the terminal hangs up
	done  chan struct{} // closed when Serve has returned
}

// Close hangs up, and lets Plug know before the host can.
func (l *ptyLine) Close() error {
	l.ended.Store(true)
	return l.ptyPair.Close()
}

// OpenPort makes a pseudo terminal, starts serving the modem on it and links link to it. The
// folder of the link is created for the owner alone. What stands at link must be a symbolic
// link or nothing. Modem.Serve must not run for the modem elsewhere.
func OpenPort(m *Modem, link string) (*Port, error) {
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of port link: %w", err)
	}
	p := &Port{m: m, link: link}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.plug(); err != nil {
		return nil, err
	}
	return p, nil
}

// Path is the link, which is what a host opens.
func (p *Port) Path() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.link
}

// Plugged tells whether the port is there.
func (p *Port) Plugged() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.line != nil && !p.line.ended.Load()
}

// Rename makes the port come back under another link with the next Plug, as a device that
// is enumerated anew gets another number. A port that is plugged keeps its link until then.
func (p *Port) Rename(link string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = link
}

// Unplug pulls the stick: whoever has the terminal open reads an end or an I/O error, the
// link is gone, and the modem loses power. Unplugging twice is nothing.
func (p *Port) Unplug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.back != nil {
		p.back.Stop()
		p.back = nil
	}
	if p.line == nil {
		return
	}
	p.m.powerOff()
	p.drop()
}

// Plug brings the stick back on a new terminal under the same link, with the modem booting
// if it had lost its power. Plugging twice is nothing. It must not be called from a Fault's
// Func; use Fault.Back there.
func (p *Port) Plug() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return fmt.Errorf("plug port %s: %w", p.link, os.ErrClosed)
	}
	return p.plug()
}

// Close unplugs for good and waits until nothing of the port runs.
func (p *Port) Close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Unplug()
	p.wg.Wait()
	return nil
}

// plug starts a new line, after the last one has ended. The caller holds mu.
func (p *Port) plug() error {
	if p.line != nil {
		if !p.line.ended.Load() {
			return nil
		}
		p.drop() // a fault closed it just now
	}
	if p.last != nil {
		<-p.last.done
	}
	if p.next != "" {
		p.link, p.next = p.next, ""
	}
	pair, err := openPTY(p.m.hostLeft)
	if err != nil {
		return fmt.Errorf("open pseudo terminal: %w", err)
	}
	if err := relink(pair.Name(), p.link); err != nil {
		pair.Close()
		return err
	}
	p.m.ensurePower()
	ctx, stop := context.WithCancel(context.Background())
	for _, s := range p.sides {
		if err := p.plugSide(ctx, s); err != nil {
			stop()
			pair.Close()
			os.Remove(p.link)
			return err
		}
	}
	line := &ptyLine{ptyPair: pair, ctx: ctx, stop: stop, done: make(chan struct{})}
	p.line, p.last = line, line
	p.wg.Go(func() {
		_ = p.m.Serve(ctx, line) // whatever ended it, the port is out
		close(line.done)
		p.fell(line)
	})
	return nil
}

// fell is called when a line has ended. If that was a fault's doing the port is out now,
// maybe to come back.
func (p *Port) fell(line *ptyLine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.line != line {
		return
	}
	p.drop()
	if d := p.m.takeBack(); d > 0 && !p.closed {
		p.back = time.AfterFunc(d, func() { p.Plug() })
	}
}

// drop removes the line and its link. The caller holds mu.
func (p *Port) drop() {
	line := p.line
	p.line = nil
	os.Remove(p.link)
	for _, s := range p.sides {
		os.Remove(s.link)
	}
	line.stop()
	line.Close()
}

// relink points a symbolic link to a target at once: a host sees the old one or the new one.
func relink(target, link string) error {
	if fi, err := os.Lstat(link); err == nil && fi.Mode()&os.ModeSymlink == 0 {
		return fmt.Errorf("link port: %s is not a symbolic link", link)
	}
	next := link + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove stale link: %w", err)
	}
	if err := os.Symlink(target, next); err != nil {
		return fmt.Errorf("link port: %w", err)
	}
	if err := os.Rename(next, link); err != nil {
		return fmt.Errorf("link port: %w", err)
	}
	return nil
}
