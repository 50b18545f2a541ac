package main

import (
	"context"
	"fmt"
	stdlog "log"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"tetherd/cmd/tetherd/config"
)

// gcPercent is how much the heap may grow before garbage is collected, in percent of what
// is in use. That is a few MB, of which nearly all outlives the requests, so Go's default
// of 100 has them pay a fifth of their time for collections that find little. It costs
// about as much memory again as is in use.
const gcPercent = 200

// memoryLimit is from how many bytes on garbage is collected more often than that: a few
// large requests at once must not take up the memory of a small computer.
const memoryLimit = 128 << 20

// serveOptions are the flags of serve.
type serveOptions struct {
	config   string
	logLevel string
	demo     bool
	listen   string // demo only
	stateDir string // demo only
}

func (c *cli) serveCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve [--config FILE | --demo]",
		Short: "Run the gateway",
		Long: `Run the gateway until SIGTERM or SIGINT. It then takes nothing new, waits up to
75 s for what the modems have in hand, and ends. A second signal ends it at once.

With --demo it needs neither a configuration nor a modem: two emulated modems
that reach each other, and a receiver that prints what webhooks bring.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.demo && o.config != "":
				return usagef("--demo needs no configuration: leave out --config")
			case !o.demo && (o.listen != "" || o.stateDir != ""):
				return usagef("--listen and --state-dir are for --demo: set listen and data_dir in the configuration")
			}
			signals := make(chan os.Signal, 2)
			signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
			defer signal.Stop(signals)
			if o.demo {
				return c.serveDemo(cmd.Context(), o, signals)
			}
			cfg, err := c.loadConfig(o.config)
			if err != nil {
				return err
			}
			return c.serve(cmd.Context(), cfg, o, signals, nil)
		},
	}
	configFlag(cmd, &o.config)
	cmd.Flags().StringVar(&o.logLevel, "log-level", "", "debug, info, warn or error, in place of log.level")
	cmd.Flags().BoolVar(&o.demo, "demo", false, "emulate two modems and keep everything in a folder of its own")
	cmd.Flags().StringVar(&o.listen, "listen", "", "with --demo: `ADDRESS` to listen on (default "+demoListen+")")
	cmd.Flags().StringVar(&o.stateDir, "state-dir", "", "with --demo: `FOLDER` to keep things in (default $XDG_STATE_HOME/tetherd/demo)")
	return cmd
}

// serve runs a daemon with the given configuration and, if demo is not nil, the
// demo's receiver beside it.
func (c *cli) serve(ctx context.Context, cfg *config.Config, o serveOptions, signals <-chan os.Signal, demo *demo) error {
	if o.logLevel != "" {
		cfg.Log.Level = o.logLevel
	}
	book := &logbook{}
	log, err := newLogger(cfg.Log, c.stderr, c.getenv("JOURNAL_STREAM"), book)
	if err != nil {
		return usageError{fmt.Errorf("%w: use debug, info, warn or error", err)}
	}
	// The client half of net/http, which cannot be given a logger, writes here what
	// receivers of webhooks sent.
	stdlog.SetFlags(0)
	stdlog.SetOutput(httpLog{log})
	if c.getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if c.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	for _, text := range cfg.Cautions(os.Stat) {
		log.Warn().Str("caution", text).Msg("the configuration is a risk")
	}
	d, err := openDaemon(ctx, cfg, log)
	if err != nil {
		return err
	}
	d.components = append(d.components, component{"log", func(ctx context.Context) error { return book.run(ctx, d.store) }})
	if demo != nil {
		d.components = append(d.components, component{"demo receiver", demo.run})
		d.ready = demo.greet
	}
	return d.run(ctx, signals)
}
