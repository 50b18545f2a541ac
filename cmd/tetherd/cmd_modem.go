package main

import (
	"context"

	"github.com/spf13/cobra"
)

// modemCommand holds what is about modems.
func (c *cli) modemCommand() *cobra.Command {
	return group("modem", "Find modems, look at them, talk to them and restart them",
		c.modemListCommand(),
		c.modemProbeCommand(),
		c.modemStatusCommand(),
		c.modemHistoryCommand(),
		c.modemRestartCommand(),
		c.modemTraceCommand(),
		c.modemUSSDCommand(),
		c.modemBalanceCommand(),
		c.modemPurgeCommand(),
		c.modemATCommand(),
	)
}

func (c *cli) modemRestartCommand() *cobra.Command {
	var o clientOptions
	var level string
	cmd := &cobra.Command{
		Use:   "restart NAME",
		Short: "Restart a modem of a running gateway",
		Long: `Restart a modem of a running gateway, given by its name or its SIM number. An SMS
that was handed over is waited for. The levels, each stronger than the one before:

  1 reopen    close its port and open it again
  2 init      the same, with more patience
  3 radio     switch its radio off and on
  4 reboot    restart it by its own command, if it comes back from that
  5 usb       reset the USB device, if the system allows it
  6 command   run reset_command of the configuration

Levels from 4 on are possible every 10 minutes, others every 30 seconds.`,
		Args: exactly(1, "the NAME of a modem"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.call(cmd.Context(), o, func(ctx context.Context, conn connection) error {
				r, err := conn.RestartModem(ctx, args[0], level)
				if err != nil || !o.json {
					return err
				}
				return c.printJSON(r)
			})
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().StringVar(&level, "level", "reopen", "`LEVEL`: its name or number")
	return cmd
}
