package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"tetherd/cmd/tetherd/certificate"
)

func (c *cli) tlsCommand() *cobra.Command {
	return group("tls", "Look after the certificate of the API", c.tlsFingerprintCommand())
}

func (c *cli) tlsFingerprintCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "fingerprint",
		Short: "Print the SHA-256 fingerprint of the certificate",
		Long: `Print the SHA-256 fingerprint of the certificate that the API has by the
configuration, to be compared with what a browser or a client shows.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			path, err := c.configFile(file)
			if err != nil {
				return err
			}
			cfg, err := c.loadConfig(path)
			if err != nil {
				return err
			}
			cert, _ := certificateFiles(cfg)
			if cert == "" {
				return errors.New("the API speaks plain HTTP: set tls.mode in the configuration to auto, or to files")
			}
			certs, err := certificate.Read(cert)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%w: it is made when the gateway starts for the first time", err)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.stdout, "%s\n", certificate.Fingerprint(certs[0]))
			return err
		},
	}
	configFlag(cmd, &file)
	return cmd
}
