package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"tetherd/cmd/tetherd/config"
)

// The exit statuses.
const (
	exitOK      = 0
	exitUsage   = 1 // the command line or the configuration is wrong
	exitFailure = 2
)

// cli is what the commands share: the streams they talk to, and the environment.
type cli struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	environ        []string
	started        bool // a command began its work: the command line was in order
}

// usageError is a mistake in the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run executes the command line and returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &cli{stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.Getenv, environ: os.Environ()}
	root := c.rootCommand()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	status := c.exitStatus(err)
	switch {
	case err == nil:
	case status == exitUsage && !c.started:
		fmt.Fprintf(stderr, "tetherd: %v\nRun \"%s --help\" for usage.\n", err, cmd.CommandPath())
	default:
		fmt.Fprintf(stderr, "tetherd: %v\n", err)
	}
	return status
}

// exitStatus maps an error of a command to the exit status.
func (c *cli) exitStatus(err error) int {
	if err == nil {
		return exitOK
	}
	if _, ok := errors.AsType[usageError](err); ok || !c.started {
		return exitUsage
	}
	if _, ok := errors.AsType[config.Problems](err); ok {
		return exitUsage
	}
	return exitFailure
}

func (c *cli) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "tetherd",
		Short: "SMS gateway for GSM modems",
		Long: `tetherd turns GSM modems on serial ports into an SMS gateway with a REST API
and webhooks.

  tetherd serve --demo                      try it without a modem
  tetherd serve --config tetherd.yaml       run the gateway
  tetherd send +4915110000002 "Hello"       send an SMS through a running gateway
  tetherd emulate --modems 2                emulated modems for any program

Exit status: 0 success, 1 a mistake in the command line or the configuration,
2 any other failure.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		PersistentPreRun: func(*cobra.Command, []string) {
			c.started = true
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(c.stdin)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.AddCommand(
		c.serveCommand(),
		c.configCommand(),
		c.explainCommand(),
		c.hashPasswordCommand(),
		c.sendCommand(),
		c.previewCommand(),
		c.messagesCommand(),
		c.inboxCommand(),
		c.eventsCommand(),
		c.canaryCommand(),
		c.traceCommand(),
		c.logsCommand(),
		c.settingsCommand(),
		c.statusCommand(),
		c.limitsCommand(),
		c.webhookCommand(),
		c.routeCommand(),
		c.optOutCommand(),
		c.modemCommand(),
		c.tokenCommand(),
		c.tlsCommand(),
		c.dbCommand(),
		c.supportBundleCommand(),
		c.emulateCommand(),
		c.versionCommand(),
	)
	return root
}

// group returns a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(commands...)
	return cmd
}

// exactly returns a check for n arguments; what names them.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("it takes %s, not %s", what, count(len(args), "argument"))
		}
		return nil
	}
}
