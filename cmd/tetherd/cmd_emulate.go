package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"tetherd/modem/emulator"
	"tetherd/modem/emulator/control"
)

// emulateOptions are the flags of emulate.
type emulateOptions struct {
	profiles []string
	numbers  []string
	sides    []string
	modems   int
	pin      string
	link     string
	http     string
	script   string
	seed     int64
}

// maxEmulated is how many modems emulate runs at most.
const maxEmulated = 64

func (c *cli) emulateCommand() *cobra.Command {
	var o emulateOptions
	cmd := &cobra.Command{
		Use:   "emulate [--profile KIND]... [--modems N] [--number NUMBER]... [--script FILE]",
		Short: "Emulate modems for any program to use",
		Long: `Emulate modems on pseudo terminals, for this gateway or any other program to use as
if they were real: put their paths into modems[].port. They share one network and
reach each other by their numbers.

Commands are read from standard input; "help" lists them. They play the network and
the hands at the plug: deliver messages, call, make submits fail, unplug, reset, or let
one of some 200 things go wrong. The end of the input ends nothing unless it is a
terminal; "quit", SIGTERM and SIGINT do.

With --http the same commands are served on a local address: GET / lists them,
GET /ledger runs one that only reads, POST /deliver with an object of JSON runs any:

  curl -H 'Content-Type: application/json' http://127.0.0.1:8090/deliver \
    -d '{"from":"+491701234567","to":"+4915110000001","text":"Hello"}'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGINT)
			defer stop()
			return c.emulate(ctx, o)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.profiles, "profile", []string{"generic"}, "`KIND` of modem, given in turn to the modems; \"profiles\" at the prompt lists them")
	f.IntVar(&o.modems, "modems", 0, "how many modems (default as many as kinds or numbers)")
	f.StringSliceVar(&o.numbers, "number", nil, "`NUMBER` of a modem, given in turn (default +4915110000001 and so on)")
	f.StringSliceVar(&o.sides, "side", nil, "further port of each modem: at, nmea, diag or silent, as modem1-diag")
	f.StringVar(&o.pin, "pin", "", "`PIN` all SIMs ask for")
	f.StringVar(&o.link, "link", "", "`FOLDER` for links to the ports, modem1 and so on (default a new one that is removed at the end)")
	f.StringVar(&o.http, "http", "", "local `ADDRESS` to serve the commands on, such as 127.0.0.1:8090")
	f.StringVar(&o.script, "script", "", "`FILE` of commands to run first; one that fails ends the program")
	f.Int64Var(&o.seed, "seed", 0, "of what is drawn by chance; 0 is different each time")
	return cmd
}

// check finds mistakes in the flags and fills in the defaults.
func (o *emulateOptions) check() ([]emulator.ModemOptions, error) {
	if o.modems < 0 || o.modems > maxEmulated {
		return nil, usagef("--modems: %d is not from 1 to %d", o.modems, maxEmulated)
	}
	if o.modems == 0 {
		o.modems = max(len(o.profiles), len(o.numbers))
	}
	if len(o.numbers) > o.modems || len(o.profiles) > o.modems {
		return nil, usagef("--modems: %d is less than there are kinds or numbers", o.modems)
	}
	if o.http != "" {
		host, _, err := net.SplitHostPort(o.http)
		ip, err2 := netip.ParseAddr(host)
		if err != nil || host != "localhost" && (err2 != nil || !ip.IsLoopback()) {
			return nil, usagef("--http: %q is no local address: use one such as 127.0.0.1:8090", o.http)
		}
	}
	var out []emulator.ModemOptions
	seen := map[string]bool{}
	for i := range o.modems {
		number := fmt.Sprintf("+491511%07d", i+1)
		if i < len(o.numbers) {
			number = o.numbers[i]
		}
		if seen[number] {
			return nil, usagef("--number: two modems have %s", number)
		}
		seen[number] = true
		profile, err := emulatorProfile(o.profiles[i%len(o.profiles)])
		if err != nil {
			return nil, usagef("--profile: %w", err)
		}
		out = append(out, emulator.ModemOptions{Name: fmt.Sprintf("modem%d", i+1), Number: number, PIN: o.pin, Profile: profile})
	}
	return out, nil
}

// emulate runs the modems until "quit", the end of a terminal's input, or the end of ctx.
func (c *cli) emulate(ctx context.Context, o emulateOptions) (err error) {
	modems, err := o.check()
	if err != nil {
		return err
	}
	if o.link == "" {
		if o.link, err = os.MkdirTemp("", "tetherd-emulate-"); err != nil {
			return fmt.Errorf("make folder of ports: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.link)) }()
	}
	if o.seed == 0 {
		o.seed = rand.Int64()
	}
	network := newNetwork(o.seed)
	defer network.Close()
	bench := control.NewBench(network)
	defer func() { err = errors.Join(err, bench.Close()) }()
	for _, m := range modems {
		if err := bench.Add(m, o.link, o.sides...); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	if o.http != "" {
		l, err := listen(ctx, o.http)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.stdout, "control    http://%s/\n", l.Addr())
		server := newServer(bench.Handler(), zerolog.Nop())
		group.Go(func() error { return serveHTTP(ctx, context.WithoutCancel(ctx), server, l) })
	}
	fmt.Fprint(c.stdout, bench.Banner())
	group.Go(func() error {
		defer stop()
		return c.control(ctx, bench, o.script)
	})
	return group.Wait()
}

// control runs the script, then what is typed.
func (c *cli) control(ctx context.Context, bench *control.Bench, script string) error {
	if script != "" {
		f, err := os.Open(script)
		if err != nil {
			return fmt.Errorf("open script: %w", err)
		}
		defer f.Close()
		n := 0
		for s := bufio.NewScanner(f); s.Scan() && ctx.Err() == nil; {
			n++
			switch err := c.interpret(ctx, bench, s.Text()); {
			case errors.Is(err, control.ErrQuit):
				return nil
			case err != nil:
				return fmt.Errorf("%s:%d: %w", script, n, err)
			}
		}
	}
	file, _ := c.stdin.(*os.File)
	terminal := file != nil && isTerminal(file)
	typed := readLines(ctx, c.stdin)
	for {
		if terminal {
			fmt.Fprint(c.stdout, "> ")
		}
		select {
		case line, open := <-typed:
			switch {
			case !open && terminal:
				return nil
			case !open:
				<-ctx.Done()
				return nil
			}
			switch err := c.interpret(ctx, bench, line); {
			case errors.Is(err, control.ErrQuit):
				return nil
			case err != nil:
				fmt.Fprintf(c.stdout, "error: %v\n", err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// interpret runs one line and prints what comes of it.
func (c *cli) interpret(ctx context.Context, bench *control.Bench, line string) error {
	out, err := bench.Interpret(ctx, line)
	for _, l := range out {
		fmt.Fprintln(c.stdout, l)
	}
	return err
}

// readLines reads lines until the end or until ctx ends. A read of standard input cannot be
// ended from outside, so nobody waits for this goroutine: it ends with the program.
func readLines(ctx context.Context, r io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(r); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}
