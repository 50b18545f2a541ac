package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tetherd/modem/device"
)

func (c *cli) supportBundleCommand() *cobra.Command {
	var o clientOptions
	var out string
	cmd := &cobra.Command{
		Use:   "support-bundle",
		Short: "Collect what helps to find a fault, fit for a bug report",
		Long: `Collect what helps to find a fault in one archive: version and machine, what is
plugged in, the configuration, health and modems of the running gateway, the latest dialogue with
each modem, and the recordings of failures. Passwords, keys, PINs, texts of
messages, telephone numbers and identities of SIMs are left out or masked.

Without a running gateway it collects what it can, and the archive says what is
missing.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			now := time.Now()
			if out == "" {
				out = "tetherd-support-" + now.Format("20060102-150405") + ".tar.gz"
			}
			b := newBundle()
			cfg, err := c.clientConfig(o)
			if err != nil {
				b.miss("config.txt", err)
			}
			b.collectMachine(cfg)
			b.collectDevices(cmd.Context(), device.Host())
			running := false
			if conn, err := c.connect(o, true); err != nil {
				b.miss("what a running gateway tells", err)
			} else {
				running = b.collectGateway(cmd.Context(), conn)
			}
			if !running && cfg != nil {
				b.collectRecordings(filepath.Join(cfg.DataDir, "traces"))
			}
			if out == "-" {
				return b.write(c.stdout, now)
			}
			f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return fmt.Errorf("create bundle: %w", err)
			}
			if err := errors.Join(b.write(f, now), f.Close()); err != nil {
				return errors.Join(err, os.Remove(out))
			}
			_, err = fmt.Fprintf(c.stdout, "%s\n%s is ready.\n", b.readme(now), out)
			return err
		},
	}
	clientFlags(cmd, &o)
	_ = cmd.Flags().MarkHidden("json") // there is nothing to print
	cmd.Flags().StringVarP(&out, "output", "o", "", "`FILE` to write (default tetherd-support-DATE.tar.gz), - for standard output")
	return cmd
}
