package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"tetherd/store"
)

// databaseName is the file of the store in data_dir.
const databaseName = "tetherd.db"

// dbOptions say which database is meant.
type dbOptions struct {
	config string
	file   string // of the database; empty: that of the configuration
}

func (c *cli) dbCommand() *cobra.Command {
	cmd := group("db", "Check, copy or compact the database",
		c.dbCheckCommand(), c.dbBackupCommand(), c.dbCompactCommand())
	cmd.Long = `Check, copy or compact the database. The gateway keeps its file locked, so it must
be stopped first, for example with "systemctl stop tetherd".`
	return cmd
}

// dbFlags adds the flags of a command that works on the database.
func dbFlags(cmd *cobra.Command, o *dbOptions) {
	configFlag(cmd, &o.config)
	cmd.Flags().StringVar(&o.file, "db", "", "`FILE` of the database (default "+databaseName+" in data_dir of the configuration)")
}

// database returns the file that the options name.
func (c *cli) database(o dbOptions) (string, error) {
	if o.file != "" {
		return o.file, nil
	}
	cfg, err := c.loadConfig(o.config)
	if err != nil {
		return "", fmt.Errorf("%w\n(--db names the database without a configuration)", err)
	}
	return filepath.Join(cfg.DataDir, databaseName), nil
}

func (c *cli) dbCheckCommand() *cobra.Command {
	var o dbOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Prove that the database agrees with itself",
		Long: `Prove that the pages of the database, its rows, their indexes and the counters
agree with each other. Nothing is written.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := c.database(o)
			if err != nil {
				return err
			}
			if err := store.CheckFile(cmd.Context(), file); err != nil {
				return stopFirst(err)
			}
			_, err = fmt.Fprintf(c.stdout, "%s is in order.\n", file)
			return err
		},
	}
	dbFlags(cmd, &o)
	return cmd
}

func (c *cli) dbBackupCommand() *cobra.Command {
	var o dbOptions
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the database to a file",
		Long: `Copy the database to a file, which must not exist yet. The copy holds messages and
secrets, and only its owner can read it. To restore it, stop the gateway and put
it in the place of ` + databaseName + `, with the same owner.`,
		Args: exactly(1, "the FILE to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := c.database(o)
			if err != nil {
				return err
			}
			size, err := store.BackupFile(cmd.Context(), file, args[0])
			if err != nil {
				return stopFirst(err)
			}
			_, err = fmt.Fprintf(c.stdout, "%s is ready, %s.\n", args[0], mebibytes(size))
			return err
		},
	}
	dbFlags(cmd, &o)
	return cmd
}

func (c *cli) dbCompactCommand() *cobra.Command {
	var o dbOptions
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "Give the disk back what the database does not use",
		Long: `Write the database anew without the pages that rows left behind that were deleted.
The gateway does that by itself when it starts and more than half of the file is
unused. An interruption leaves the old file or the new one.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := c.database(o)
			if err != nil {
				return err
			}
			before, after, err := store.CompactFile(cmd.Context(), file)
			if err != nil {
				return stopFirst(err)
			}
			_, err = fmt.Fprintf(c.stdout, "%s had %s and has %s now.\n", file, mebibytes(before), mebibytes(after))
			return err
		},
	}
	dbFlags(cmd, &o)
	return cmd
}

// stopFirst says what to do about a database that is in use.
func stopFirst(err error) error {
	if errors.Is(err, store.ErrInUse) {
		return fmt.Errorf("%w: stop the gateway first, for example with \"systemctl stop tetherd\"", err)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: run this as the user of the gateway, for example with \"sudo -u tetherd\"", err)
	}
	return err
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
