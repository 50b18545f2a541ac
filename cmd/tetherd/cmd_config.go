package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"tetherd/cmd/tetherd/config"
)

// defaultConfig is read if no other file is named and it exists.
const defaultConfig = "/etc/tetherd/tetherd.yaml"

// configFile returns the file to read: the one given, that of TETHERD_CONFIG, or
// the default one if it exists. Empty: the environment alone counts.
func (c *cli) configFile(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if file := c.getenv("TETHERD_CONFIG"); file != "" {
		return file, nil
	}
	switch _, err := os.Stat(defaultConfig); {
	case err == nil:
		return defaultConfig, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	default:
		return "", fmt.Errorf("look for configuration: %w", err)
	}
}

// loadConfig reads the configuration.
func (c *cli) loadConfig(given string) (*config.Config, error) {
	file, err := c.configFile(given)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(file, c.environ)
	if ps, ok := errors.AsType[config.Problems](err); ok {
		if file == "" {
			return nil, fmt.Errorf("there is no %s (--config names another), and the environment alone is not a valid configuration:\n%w", defaultConfig, ps)
		}
		return nil, fmt.Errorf("the configuration is not valid:\n%w", ps)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("%w: give the right path with --config, or try \"tetherd serve --demo\"", err)
	}
	return cfg, err
}

// configFlag adds the flag --config.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", "", "configuration `FILE` (default $TETHERD_CONFIG, else "+defaultConfig+")")
	_ = cmd.MarkFlagFilename("config", "yaml", "yml") // fails only if there is no such flag
}

func (c *cli) configCommand() *cobra.Command {
	check := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say whether a configuration is valid, and what is wrong with it",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			file := ""
			if len(args) == 1 {
				file = args[0]
			}
			cfg, err := c.loadConfig(file)
			if err != nil {
				return err
			}
			for _, text := range cfg.Cautions(os.Stat) {
				fmt.Fprintf(c.stderr, "tetherd: caution: %s\n", text)
			}
			_, err = fmt.Fprintf(c.stdout, "The configuration is valid: %s, listening on %s.\n", count(len(cfg.Modems), "modem"), cfg.Listen)
			return err
		},
	}
	var file string
	show := &cobra.Command{
		Use:   "print",
		Short: "Print every key with its value and where it was set",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := c.loadConfig(file)
			if err != nil {
				return err
			}
			return cfg.Print(c.stdout)
		},
	}
	configFlag(show, &file)
	return group("config", "Check or print the configuration", check, show)
}

// count writes a number with its noun: "1 modem", "2 modems".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
