package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"tetherd/cmd/tetherd/certificate"
	"tetherd/cmd/tetherd/config"
	"tetherd/gateway/api"
)

// clientOptions are the flags of commands that talk to a running gateway.
type clientOptions struct {
	url, username, password string
	config                  string
	demo                    bool
	stateDir                string
	caFile                  string
	json                    bool
}

// clientFlags adds them to a command, behind flags of its own.
func clientFlags(cmd *cobra.Command, o *clientOptions) {
	f := cmd.Flags()
	f.StringVar(&o.url, "url", "", "`ADDRESS` of the gateway (default $TETHERD_URL, else from the configuration)")
	f.StringVar(&o.username, "username", "", "`NAME` to log in with (default $TETHERD_USERNAME, else from the configuration)")
	f.StringVar(&o.password, "password", "", "`PASSWORD` to log in with; others on this machine can see it, so better use $TETHERD_PASSWORD")
	configFlag(cmd, &o.config)
	f.BoolVar(&o.demo, "demo", false, "talk to a running \"tetherd serve --demo\"")
	f.StringVar(&o.stateDir, "state-dir", "", "with --demo: `FOLDER` given to it")
	if f.Lookup("ca-file") == nil { // elsewhere it is about the receiver of a webhook
		f.StringVar(&o.caFile, "ca-file", "", "`FILE` with certificates to trust, in PEM (default $TETHERD_CA_FILE, else that of the configuration)")
	}
	f.BoolVar(&o.json, "json", false, "print JSON")
}

// clientTimeout bounds one call.
const clientTimeout = 30 * time.Second

// connection is a client and what it was made of, for messages.
type connection struct {
	*api.Client
	url, username string
	token         bool // instead of username and a password
	http          *http.Client
}

// patience changes how long one call may take.
func (c connection) patience(d time.Duration) { c.http.Timeout = d }

// connect makes a client from flags, environment and configuration, in this
// order. The configuration is read only if something is missing. A token counts if
// neither a name nor a password is given.
func (c *cli) connect(o clientOptions, login bool) (connection, error) {
	first := func(texts ...string) string {
		for _, s := range texts {
			if s != "" {
				return s
			}
		}
		return ""
	}
	url := first(o.url, c.getenv("TETHERD_URL"))
	username := first(o.username, c.getenv("TETHERD_USERNAME"))
	password := first(o.password, c.getenv("TETHERD_PASSWORD"))
	token := ""
	if o.username == "" && password == "" {
		token = c.getenv("TETHERD_TOKEN")
	}
	login = login && token == ""
	var cfg *config.Config // nil unless it is needed
	if o.demo || url == "" || login && password == "" {
		var err error
		if cfg, err = c.clientConfig(o); err != nil {
			return connection{}, fmt.Errorf("%w\n(to do without a configuration set TETHERD_URL, TETHERD_USERNAME and TETHERD_PASSWORD)", err)
		}
		url = first(url, baseURL(cfg.Listen, cfg.TLS.Mode != config.TLSOff))
		username = first(username, cfg.Auth.Username)
		if password = first(password, cfg.Auth.Password); login && password == "" {
			return connection{}, errors.New("the configuration holds only a hash of the password: set TETHERD_PASSWORD")
		}
	}
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return connection{}, usagef("the address %q does not begin with http:// or https://", url)
	}
	username = first(username, "sms")
	hc, err := c.httpClient(first(o.caFile, c.getenv("TETHERD_CA_FILE")), cfg)
	if err != nil {
		return connection{}, err
	}
	client := api.New(url, username, password, hc)
	if token != "" {
		client = client.WithToken(token)
	}
	return connection{client, url, username, token != "", hc}, nil
}

// httpClient returns a client that trusts what is in caFile, or else the certificate
// of the gateway by its configuration; both may be missing.
func (c *cli) httpClient(caFile string, cfg *config.Config) (*http.Client, error) {
	hc := &http.Client{Timeout: clientTimeout}
	own := ""
	if cfg != nil {
		own, _ = certificateFiles(cfg)
	}
	var trust *tls.Config
	switch {
	case caFile != "":
		certs, err := certificate.Read(caFile)
		if err != nil {
			return nil, err
		}
		trust = certificate.Trusting(certs)
	case own != "":
		certs, err := certificate.Read(own)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil, fmt.Errorf("%w: run as a user who may, or name a copy of it with --ca-file", err)
		case err != nil:
			return nil, err
		}
		trust = certificate.Pinned(certs[0])
	default:
		return hc, nil
	}
	hc.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: trust, ForceAttemptHTTP2: true}
	return hc, nil
}

// clientConfig returns the configuration of the daemon to talk to.
func (c *cli) clientConfig(o clientOptions) (*config.Config, error) {
	if !o.demo {
		file, err := c.configFile(o.config)
		if err == nil && file == "" && !c.configured() {
			err = usagef("which gateway? There is no %s; name another with --config, or use --demo", defaultConfig)
		}
		if err != nil {
			return nil, err
		}
		return c.loadConfig(file)
	}
	dir, err := c.demoDir(o.stateDir)
	if err != nil {
		return nil, err
	}
	return demoConfig(dir, "", false)
}

// configured reports whether the environment holds a configuration.
func (c *cli) configured() bool {
	return slices.ContainsFunc(c.environ, func(kv string) bool {
		return strings.HasPrefix(kv, "TETHERD_MODEMS_")
	})
}

// baseURL returns the address under which a listener is reached from its own
// machine.
func baseURL(listen string, encrypted bool) string {
	scheme := "http://"
	if encrypted {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return scheme + listen
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return scheme + net.JoinHostPort(host, port)
}

// explain adds to the error of a call what to do about it.
func (c connection) explain(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*api.Error](err); ok && e.Status == http.StatusUnauthorized {
		if c.token {
			return fmt.Errorf("the gateway at %s does not accept the token in TETHERD_TOKEN: it may have expired, or have been revoked", c.url)
		}
		return fmt.Errorf("the gateway at %s does not accept this password of %s: is it that of its configuration?", c.url, c.username)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("do not trust the gateway at %s: %w\n(name a file with its certificate, or that of who signed it, with --ca-file)", c.url, err)
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("cannot reach the gateway: %w\n(is it running, and is %s its address?)", err, c.url)
	}
	return err
}

// printJSON writes v for machines.
func (c *cli) printJSON(v any) error {
	enc := json.NewEncoder(c.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// printable makes text that others wrote safe for a terminal, on one line.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return '·'
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
}
