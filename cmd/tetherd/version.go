package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
)

// Set by the linker (-X main.version=… -X main.buildDate=…), see the Makefile.
var (
	version   string
	buildDate string // RFC 3339
)

// versionString returns the version the linker was given, or else what the Go
// toolchain knows of the commit.
func versionString() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value[:min(len(s.Value), 12)]
			}
		}
	}
	return "unknown"
}

// builtAt returns the date of the build, or the zero time if it is not known.
// The present cannot be before it.
func builtAt() time.Time {
	t, err := time.Parse(time.RFC3339, buildDate)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (c *cli) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.stdout, "tetherd %s (built %s, %s %s/%s)\n",
				versionString(), cmp.Or(buildDate, "at an unknown date"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
