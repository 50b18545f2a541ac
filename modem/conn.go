package modem

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/warthog618/modem/at"

	"tetherd/modem/line"
)

// Time limits of commands.
const (
	quickLimit = 3 * time.Second
	storeLimit = 20 * time.Second // the SIM is slow
	listLimit  = 60 * time.Second
	pinLimit   = 20 * time.Second
	copsLimit  = 60 * time.Second
	cfunLimit  = 180 * time.Second // some look for a network first

	promptLimit = 10 * time.Second
	loneLimit   = 5 * time.Second // for the final result behind the only line that matters

	resyncListen = 2 * time.Second
	resyncTries  = 3
	muteAfter    = 3 // commands in a row without an answer
)

// noTimeout leaves deadlines to the line, which knows what else to do then.
const noTimeout = at.TimeoutOption(-1)

// conn is an open port with a modem behind it. One goroutine uses it.
type conn struct {
	line      *line.Line
	engine    *at.AT
	unheard   int            // commands in a row without an answer
	resyncing func()         // called before answers are brought in step; may be nil
	told      func(exchange) // called after each command; may be nil
	restarted atomic.Bool    // the modem restarted: written by abort and renew
}

// newConn takes over port.
func newConn(port io.ReadWriteCloser, o line.Options) *conn {
	l := line.New(port, o)
	return &conn{line: l, engine: at.New(l)}
}

// close closes the port and waits for everything that used it.
func (c *conn) close() {
	c.line.Close()
	<-c.engine.Closed()
}

// abort ends the running command and refuses further ones until renew, because
// the modem restarted. It may be called from any goroutine.
func (c *conn) abort() {
	c.restarted.Store(true)
	c.line.Abort()
}

// renew makes the connection usable for setting the modem up, after a silence.
func (c *conn) renew() {
	c.restarted.Store(false)
	c.line.Clean()
}

// set runs a command that is answered with a final result alone.
func (c *conn) set(cmd string, limit time.Duration) error {
	_, err := c.run(cmd, line.Command{Timeout: limit})
	return err
}

// query runs a command that is answered with one line of the given prefix.
func (c *conn) query(cmd, prefix string, limit time.Duration) ([]string, error) {
	info, err := c.run(cmd, line.Command{Prefix: []string{prefix}, Timeout: limit})
	if err == nil && len(info) == 0 {
		err = errNoAnswer
	}
	return info, err
}

// identity runs a command that may be answered with lines without a prefix.
func (c *conn) identity(cmd string) ([]string, error) {
	prefix := cmd
	for i := range len(cmd) {
		if cmd[i] == '=' || cmd[i] == '?' {
			prefix = cmd[:i]
			break
		}
	}
	return c.run(cmd, line.Command{Prefix: []string{prefix + ":"}, Bare: true, Timeout: quickLimit})
}

// run runs a command. An error result is returned as the engine's error; see
// refused. Any other error than errTimeout ends the session.
func (c *conn) run(cmd string, w line.Command) ([]string, error) {
	info, _, err := c.watched(cmd, w)
	return info, err
}

// watched is run that tells whether nothing but the answer came meanwhile. If anything
// did, a line of the answer may not be what the modem wrote.
func (c *conn) watched(cmd string, w line.Command) (info []string, clean bool, err error) {
	if c.restarted.Load() {
		return nil, false, errRebooted
	}
	c.line.Begin(w)
	info, err = c.engine.Command(cmd, noTimeout)
	out := c.line.End()
	masked := line.Mask("AT" + cmd)
	err = c.conclude(masked, err, out)
	if c.told != nil {
		c.told(exchange{command: masked, lines: info, err: err})
	}
	return info, out.Strays == 0, err
}

// conclude returns what became of a command, and brings the line back in step if
// its answer may still come.
func (c *conn) conclude(cmd string, err error, out line.Outcome) error {
	if !out.TimedOut && !out.Aborted {
		if _, answered := refused(err); err == nil || answered {
			c.unheard = 0
			if !out.Dirty {
				return err
			}
			if lost := c.resync(); lost != nil {
				return fmt.Errorf("run %s: %w", cmd, lost)
			}
			return err
		}
		return fmt.Errorf("run %s: %w", cmd, c.gone(err))
	}
	if out.Aborted {
		return fmt.Errorf("run %s: %w", cmd, errRebooted)
	}
	c.unheard++
	if c.unheard >= muteAfter {
		return fmt.Errorf("run %s: %w", cmd, errMute)
	}
	if lost := c.resync(); lost != nil {
		return fmt.Errorf("run %s: %w", cmd, lost)
	}
	return fmt.Errorf("run %s: %w", cmd, errTimeout)
}

// gone returns errGone with the reason why the port is gone.
func (c *conn) gone(err error) error {
	if cause := c.line.Err(); cause != nil {
		err = cause
	}
	return errors.Join(errGone, err)
}

// syncQuery is a query whose answer cannot be mistaken for another's.
type syncQuery struct{ cmd, prefix string }

var syncQueries = [...]syncQuery{{"+CMEE?", "+CMEE:"}, {"+CSCS?", "+CSCS:"}}

// resync waits for an answer that is overdue, then asks for something that
// cannot be mistaken for it.
func (c *conn) resync() error {
	if c.resyncing != nil {
		c.resyncing()
	}
	for try := range resyncTries {
		if err := c.rest(resyncListen); err != nil {
			return err
		}
		if try == resyncTries-1 {
			if err := c.line.Interrupt(true); err != nil {
				return c.gone(err)
			}
			if err := c.rest(500 * time.Millisecond); err != nil {
				return err
			}
		}
		if done, err := c.sync(syncQueries[try%len(syncQueries)]); err != nil || done {
			return err
		}
	}
	return errDesync
}

// sync passes over everything up to the answer to q; done is false if there was
// none.
func (c *conn) sync(q syncQuery) (done bool, err error) {
	c.line.Begin(line.Command{Prefix: []string{q.prefix}, Resync: true, Timeout: quickLimit})
	_, err = c.engine.Command(q.cmd, noTimeout)
	switch out := c.line.End(); {
	case out.Aborted:
		return false, errRebooted
	case out.TimedOut:
		return false, nil
	case out.Answer != "":
		return true, nil
	}
	return false, c.gone(err)
}

// rest lets time pass, unless the port is lost.
func (c *conn) rest(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-c.line.Done():
		return c.gone(nil)
	}
}

// fatal tells errors after which the session cannot go on with the next command.
func fatal(err error) bool {
	for _, e := range []error{errGone, errRebooted, errMute, errDesync} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
