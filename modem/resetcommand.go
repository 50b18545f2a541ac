package modem

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	resetCommandLimit = time.Minute
	resetOutputMost   = 4 << 10 // octets of output that are kept for the log
)

// runResetCommand runs the owner's command and waits for it. No shell is between,
// and nothing of the daemon's environment but what programs need to run reaches
// it: secrets may be there.
func (m *Modem) runResetCommand(ctx context.Context) error {
	argv := m.o.ResetCommand
	ctx, cancel := context.WithTimeout(ctx, resetCommandLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = []string{"TETHERD_MODEM=" + m.o.Name, "TETHERD_PORT=" + m.portName(), "TETHERD_USB=" + m.dog.snapshot().USB}
	for _, name := range []string{"PATH", "HOME", "LANG", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	out := &bounded{most: resetOutputMost}
	cmd.Stdout, cmd.Stderr = out, out
	// What it started ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	begun := time.Now()
	err := cmd.Run()
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, context.DeadlineExceeded) {
		err = fmt.Errorf("it took longer than %v", resetCommandLimit)
	}
	m.log.Info().Str("command", argv[0]).Dur("took", time.Since(begun)).Str("output", out.String()).Msg("reset command ended")
	if err != nil {
		return fmt.Errorf("run reset command %s: %w", argv[0], err)
	}
	return nil
}

// bounded keeps the first octets written to it. It is used by one goroutine.
type bounded struct {
	most int
	text []byte
	lost int
}

func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), b.most-len(b.text))
	b.text = append(b.text, p[:n]...)
	b.lost += len(p) - n
	return len(p), nil
}

// String returns what was kept as valid UTF-8.
func (b *bounded) String() string {
	s := strings.TrimSpace(strings.ToValidUTF8(string(b.text), "?"))
	if b.lost > 0 {
		s += fmt.Sprintf(" … and %d octets more", b.lost)
	}
	return s
}
