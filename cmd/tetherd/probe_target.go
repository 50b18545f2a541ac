package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tetherd/cmd/tetherd/config"
	"tetherd/gateway/api"
	"tetherd/modem"
	"tetherd/modem/device"
)

// probeTarget is a modem to be probed: one that a gateway runs, or one to be set up.
type probeTarget struct {
	running *api.Modem
	options modem.Options
}

// proberName is what a modem is called that has no name in a configuration.
const proberName = "tetherd modem probe"

// probeTarget finds out what is to be probed.
func (c *cli) probeTarget(ctx context.Context, system device.System, ref string, o probeOptions) (probeTarget, error) {
	if port, ok := portOf(system, ref); ok {
		return c.probeTargetAt(ctx, system, port, o)
	}
	conn, err := c.connect(o.client, true)
	if err == nil {
		m, err := conn.Modem(ctx, ref)
		if err == nil {
			return probeTarget{running: &m}, nil
		}
		if _, offline := errors.AsType[*net.OpError](err); !offline {
			return probeTarget{}, c.explainRef(ref, conn, err)
		}
	}
	cfg, cfgErr := c.clientConfig(o.client)
	if cfgErr != nil {
		if err == nil {
			err = cfgErr
		}
		return probeTarget{}, fmt.Errorf("%q is no port, and there is no configuration that could have a modem of that name: %w", ref, err)
	}
	i := slices.IndexFunc(cfg.Modems, func(m config.Modem) bool { return m.Name == ref })
	if n, err := strconv.Atoi(ref); i < 0 && err == nil && n >= 1 && n <= len(cfg.Modems) {
		i = n - 1
	}
	if i < 0 {
		names := make([]string, len(cfg.Modems))
		for i, m := range cfg.Modems {
			names[i] = m.Name
		}
		return probeTarget{}, usagef("%q is no port, and no modem of the configuration, which has %s", ref, strings.Join(names, ", "))
	}
	m := cfg.Modems[i]
	if m.Emulator != "" {
		return probeTarget{}, fmt.Errorf("the modem %s is emulated, and is there only while the gateway runs", m.Name)
	}
	return probeTarget{options: modem.Options{
		Name: m.Name, Slot: i + 1, Port: m.Port, IMEI: m.IMEI, USB: m.USB, Baud: m.Baud, SlowWrite: m.SlowWrite,
		Number: m.Number, SMSC: m.SMSC, PIN: m.PIN,
	}}, nil
}

// explainRef says why a gateway did not tell about a modem.
func (c *cli) explainRef(ref string, conn connection, err error) error {
	if e, ok := errors.AsType[*api.Error](err); ok && e.Status == http.StatusNotFound {
		return usagef("%q is no port, and no modem of the gateway at %s", ref, conn.url)
	}
	return conn.explain(err)
}

// portOf returns the path of the port that ref names, with or without its folder; ok
// is false if it names none.
func portOf(system device.System, ref string) (path string, ok bool) {
	if strings.ContainsRune(ref, filepath.Separator) {
		return filepath.Clean(ref), true
	}
	path = system.Path(ref)
	_, err := os.Stat(path)
	return path, err == nil && ref != "" && ref != "." && ref != ".."
}

// probeTargetAt asks the gateway that has the port, if one has.
func (c *cli) probeTargetAt(ctx context.Context, system device.System, port string, o probeOptions) (probeTarget, error) {
	own := probeTarget{options: modem.Options{Name: proberName, Slot: 1, Port: port}}
	node, err := filepath.EvalSymlinks(port)
	if err != nil {
		return own, nil // the probe says what is wrong with it
	}
	name, locked := system.LockOwner(node)
	if !locked || strings.HasPrefix(proberName, name+" ") {
		return own, nil // or of a tool, which the probe says
	}
	held := func(err error) error {
		return fmt.Errorf("port %s is in use by the modem %s of a running gateway, which could not be asked about it: %w", port, cmp.Or(name, "(its name is not known)"), err)
	}
	conn, err := c.connect(o.client, true)
	if err != nil {
		return own, held(err)
	}
	ms, err := conn.Modems(ctx)
	if err != nil {
		return own, held(conn.explain(err))
	}
	i := slices.IndexFunc(ms, func(m api.Modem) bool { return m.Port != "" && samePort(m.Port, node) })
	if i < 0 {
		return own, held(fmt.Errorf("the gateway at %s has no modem on it; give the address of the other one with --url", conn.url))
	}
	if o.pin {
		fmt.Fprintln(c.stderr, "The gateway has the modem: --pin is of no use.")
	}
	return probeTarget{running: &ms[i]}, nil
}
