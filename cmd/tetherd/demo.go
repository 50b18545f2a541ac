package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"tetherd/cmd/tetherd/config"
)

// demoListen is where the demo's API listens unless --listen says otherwise.
const demoListen = "127.0.0.1:8080"

// demoPasswordFile keeps the demo's password in its folder.
const demoPasswordFile = "password"

// demo is what "serve --demo" adds to a daemon: a receiver of webhooks, and a
// banner.
type demo struct {
	cli      *cli
	cfg      *config.Config
	receiver *receiver
}

// serveDemo runs a daemon on emulated modems, with a folder of its own.
func (c *cli) serveDemo(ctx context.Context, o serveOptions, signals <-chan os.Signal) error {
	dir, err := c.demoDir(o.stateDir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make folder of the demo: %w: choose another with --state-dir", err)
	}
	cfg, err := demoConfig(dir, o.listen, true)
	if err != nil {
		return err
	}
	key, err := signingKey(cfg, true)
	if err != nil {
		return fmt.Errorf("signing key: %w", err)
	}
	r, err := openReceiver(ctx, beside(cfg.Listen), key, c.stdout)
	if err != nil {
		return err
	}
	err = c.serve(ctx, cfg, o, signals, &demo{cli: c, cfg: cfg, receiver: r})
	r.close()
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("the demo wants to listen on %s, which is in use, perhaps by another demo: stop that, or choose another address, such as --listen 127.0.0.1:8090", cfg.Listen)
	}
	return err
}

// demoDir returns the folder of the demo: the one given, or one in the user's
// state folder (XDG Base Directory Specification).
func (c *cli) demoDir(given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	if state := c.getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "tetherd", "demo"), nil
	}
	home := c.getenv("HOME")
	if home == "" {
		return "", usagef("neither XDG_STATE_HOME nor HOME is set: say where to keep things with --state-dir")
	}
	return filepath.Join(home, ".local", "state", "tetherd", "demo"), nil
}

// demoConfig returns the configuration of the demo in a folder. create makes a
// password there if there is none.
func demoConfig(dir, listen string, create bool) (*config.Config, error) {
	password, err := secretFile(filepath.Join(dir, demoPasswordFile), create)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no demo in %s: start it with \"tetherd serve --demo\"", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("password of the demo: %w", err)
	}
	if listen == "" {
		listen = demoListen
	}
	cfg, err := config.Parse(config.Input{Env: []string{
		"TETHERD_LISTEN=" + listen,
		"TETHERD_DATA_DIR=" + dir,
		"TETHERD_AUTH_PASSWORD=" + password,
		"TETHERD_MODEMS_0_NAME=alice",
		"TETHERD_MODEMS_0_EMULATOR=generic",
		"TETHERD_MODEMS_0_NUMBER=+4915110000001",
		"TETHERD_MODEMS_1_NAME=bob",
		"TETHERD_MODEMS_1_EMULATOR=generic",
		"TETHERD_MODEMS_1_NUMBER=+4915110000002",
		"TETHERD_LOG_LEVEL=warn", // the banner and what happens are to be seen
	}})
	if ps, ok := errors.AsType[config.Problems](err); ok {
		return nil, usagef("--listen: %s", ps[0].Text) // nothing else comes from outside
	}
	return cfg, err
}

// beside returns the address with the next higher port, where the demo's receiver
// is at home.
func beside(listen string) string {
	_, port, err := net.SplitHostPort(listen)
	n, err2 := strconv.Atoi(port)
	if err != nil || err2 != nil || n == 0 || n == 65535 {
		return "127.0.0.1:0"
	}
	return fmt.Sprintf("127.0.0.1:%d", n+1)
}

func (d *demo) run(ctx context.Context) error { return d.receiver.run(ctx) }

// greet says what is there and what to try.
func (d *demo) greet(api net.Addr) {
	base := baseURL(api.String(), false)
	curl := fmt.Sprintf("curl -sS -u %s:%s", d.cfg.Auth.Username, d.cfg.Auth.Password)
	fmt.Fprintf(d.cli.stdout, `
tetherd demo: two emulated modems that reach each other

  alice     %s
  bob       %s
  API       %s  (user %s, password %s)
  docs      %s/docs  (the API, as a page)
  webhooks  %s  (what arrives there is shown here)
  data      %s  (delete it to start over)

Paste these lines into another terminal.

1. Have every SMS that is received posted to this terminal:

%s -d '{"id":"demo","url":"%s","event":"sms:received"}' %s/webhooks

2. Send an SMS from alice to bob:

%s -d '{"textMessage":{"text":"Hello Bob"},"phoneNumbers":["%s"],"simNumber":1}' %s/messages

3. Read the inbox:

%s %s/inbox

A second or two after the second line, the SMS arrives at bob: a line appears
below, and the inbox shows it. Ctrl-C ends the demo.

`,
		d.cfg.Modems[0].Number, d.cfg.Modems[1].Number,
		base, d.cfg.Auth.Username, d.cfg.Auth.Password, base,
		d.receiver.url(), d.cfg.DataDir,
		curl, d.receiver.url(), base,
		curl, d.cfg.Modems[1].Number, base,
		curl, base)
}
