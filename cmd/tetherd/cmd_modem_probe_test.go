package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"tetherd/modem/device"
	"tetherd/modem/device/devicetest"
	"tetherd/modem/emulator"
)

// bench is an emulated modem on a port of a machine.
type bench struct {
	machine *devicetest.Machine
	device  *emulator.Modem
	port    string // to be probed
	pty     string
}

// newBench plugs an emulated modem in. stick returns what it is plugged in as, given
// the pseudo terminal of its port, and the name of the terminal; nil for a port that
// belongs to no device.
func newBench(t *testing.T, o emulator.ModemOptions, stick func(target string) (s devicetest.Stick, tty string)) *bench {
	t.Helper()
	network := emulator.NewNetwork(emulator.NetworkOptions{})
	t.Cleanup(network.Close)
	o.Number, o.IMEI, o.ICCID, o.IMSI = "+4915110000001", "490154203237518", "89490200001234567890", "262019876543210"
	b := &bench{machine: devicetest.New(t), device: emulator.NewModem(network, o)}
	link := filepath.Join(t.TempDir(), "modem")
	p, err := emulator.OpenPort(b.device, link)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	if b.pty, err = filepath.EvalSymlinks(link); err != nil {
		t.Fatal(err)
	}
	if b.port = link; stick != nil {
		s, tty := stick(b.pty)
		b.machine.Plug(s)
		b.port = filepath.Join(b.machine.Root, "dev", tty)
	}
	return b
}

// probe runs "modem probe" on the bench.
func (b *bench) probe(t *testing.T, c *cli, o probeOptions) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	c.stdout, c.stderr = &out, &errs
	err = c.probeModem(t.Context(), device.At(b.machine.Root), b.port, o)
	return out.String(), errs.String(), err
}

// On which port of which stick an emulated modem is.
func on(s devicetest.Stick, i int) func(string) (devicetest.Stick, string) {
	return func(target string) (devicetest.Stick, string) {
		s.Interfaces[i].Target = target
		return s, s.Interfaces[i].TTY
	}
}

func TestModemProbe(t *testing.T) {
	profile := func(name string) emulator.ModemOptions {
		p, ok := emulator.ProfileNamed(name)
		if !ok {
			t.Fatalf("no profile %s", name)
		}
		return emulator.ModemOptions{Profile: p}
	}
	phone := devicetest.Phone("1-1.5")
	phone.Vendor, phone.Product, phone.Manufacturer, phone.Name = "04e8", "6860", "SAMSUNG", "SAMSUNG_Android"
	for _, tt := range []struct {
		name   string
		device emulator.ModemOptions
		stick  func(string) (devicetest.Stick, string)
		before func(b *bench)
		fails  bool
		full   bool // numbers are shown
	}{
		{name: "generic", device: profile("generic")},
		{name: "huawei-stick", device: profile("huawei-stick"), stick: on(devicetest.HuaweiE3131("1-1.2", 0), 2), before: func(b *bench) {
			b.machine.Plug(devicetest.HuaweiE3131("1-1.3", 3))
			b.machine.Hold(712, "ModemManager", "ttyUSB2")
		}},
		{name: "sim800", device: profile("sim800"), stick: on(devicetest.CP2102("1-1.2", 0), 0)},
		{name: "quectel-ec25", device: profile("quectel-ec25"), stick: on(devicetest.QuectelEC25("1-1.3", 3), 2), full: true},
		{name: "samsung-galaxy", device: profile("samsung-galaxy"), stick: on(phone, 0), fails: true},
		{name: "wavecom", device: profile("wavecom"), before: func(b *bench) { b.device.SetSignal(3) }},
		{name: "navigation", device: profile("quectel-ec25"), stick: on(devicetest.QuectelEC25("1-1.3", 3), 1), fails: true, before: func(b *bench) {
			b.device.Fault(emulator.Fault{At: emulator.OnCommand, Times: -1, Do: emulator.DropAnswer, Emit: []byte("$GPRMC,,V,,,,,,,,,,N*53\r\n")})
		}},
		{name: "mute", device: profile("generic"), before: func(b *bench) { b.device.SetMute(true) }, fails: true},
		{name: "locked", device: emulator.ModemOptions{Profile: emulator.HuaweiStick(), PIN: "1234"}, fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, tt.device, tt.stick)
			if tt.before != nil {
				tt.before(b)
			}
			stored := b.device.Stored()
			out, progress, err := b.probe(t, withEnv(nil), probeOptions{numbers: tt.full, wait: time.Minute})
			if (err != nil) != tt.fails {
				t.Errorf("error %v", err)
			}
			if !strings.HasPrefix(progress, "calling the modem …\n") {
				t.Errorf("progress %q", progress)
			}
			if diff := cmp.Diff(stored, b.device.Stored()); diff != "" || b.device.PINAttempts() != 0 {
				t.Errorf("%d attempts at the PIN; storages (-before +after)\n%s", b.device.PINAttempts(), diff)
			}
			for _, secret := range []string{"15110000001", "490154203237518", "1234567890", "9876543210", "351234567890123", emulator.DefaultSMSC} {
				if strings.Contains(out, secret) != (tt.full && !strings.HasPrefix(secret, "351")) {
					t.Errorf("%s is in the report: %v", secret, !tt.full)
				}
			}
			checkGolden(t, filepath.Join("modem_probe", tt.name+".txt"), b.plain(out))
		})
	}
}

// plain makes a report the same everywhere.
func (b *bench) plain(out string) string {
	out = strings.ReplaceAll(out, b.pty, "/dev/pts/1")
	out = regexp.MustCompile(`/\S*/\d{3}/(dev/)`).ReplaceAllString(out, "/$1")
	out = regexp.MustCompile(`/\S*/\d{3}/(modem)`).ReplaceAllString(out, "/tmp/$1")
	out = regexp.MustCompile(`^tetherd \S+ on \S+:`).ReplaceAllString(out, "tetherd VERSION on OS/ARCH:")
	// Whether the network was asked for the last time before the report is made, or after it,
	// depends on when the modem announced that it is registered.
	out = regexp.MustCompile(`(?m)^  AT\+C5GREG\? +ERROR\n`).ReplaceAllString(out, "")
	return regexp.MustCompile(`"\d\d/\d\d/\d\d,\d\d:\d\d:\d\d[+-]\d\d"`).ReplaceAllString(out, `"TIME"`)
}

// The modem of a running gateway is reported on by name and by port, without touching
// it.
func TestModemProbeThroughGateway(t *testing.T) {
	r, other := start(t, emulatedConfig(t)), start(t, emulatedConfig(t))
	port := ""
	until(t, "the modem", func() bool {
		m, err := r.Modem(t.Context(), "alice")
		port = m.Port
		return err == nil && m.State == "ready"
	})
	env := map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "secret"}
	for _, ref := range []string{"alice", "1", port} {
		var got struct {
			Gateway, Verdict, Profile string
			Setup                     struct{ CNMI, Messages string }
			SIM                       struct{ ICCID string }
			Config                    []string
		}
		out := runCLI(t, env, "modem", "probe", ref, "--json")
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatal(err)
		}
		if got.Gateway != "alice" || got.Verdict != "works" || got.Profile != "generic" || got.Setup.CNMI != "2,1,0,1,0" ||
			got.Setup.Messages != "stored" || !strings.HasPrefix(got.SIM.ICCID, "…") || len(got.Config) > 0 {
			t.Errorf("%s: %s", ref, out)
		}
	}
	if out := runCLI(t, env, "modem", "probe", port, "--show-numbers"); !strings.Contains(out, "\nA running gateway uses it as alice, and tells what it knows.\n") ||
		!strings.Contains(out, "+4915110000001") || !strings.HasSuffix(out, "\nVerdict: works\n") {
		t.Errorf("got\n%s", out)
	}
	m, err := r.Modem(t.Context(), "alice")
	if err != nil || m.Counters.Sessions != 1 || m.State != "ready" {
		t.Errorf("afterwards: %+v, %v", m, err)
	}
	for _, tt := range []struct {
		ref, want string
		env       map[string]string
	}{
		{"carol", `no modem of the gateway at ` + r.url, env},
		{port, "in use by the modem alice of a running gateway, which could not be asked", map[string]string{"TETHERD_URL": "http://127.0.0.1:1", "TETHERD_PASSWORD": "x"}},
		{port, "in use by the modem alice of a running gateway, which could not be asked", nil},
		{port, "has no modem on it; give the address of the other one", map[string]string{"TETHERD_URL": other.url, "TETHERD_PASSWORD": "secret"}},
		{port, "does not accept this password", map[string]string{"TETHERD_URL": r.url, "TETHERD_PASSWORD": "wrong"}},
	} {
		c := withEnv(tt.env)
		c.stdout, c.stderr = io.Discard, io.Discard
		if err := c.probeModem(t.Context(), device.Host(), tt.ref, probeOptions{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.ref, err, tt.want)
		}
	}
}

// Without a gateway that runs, a name stands for a modem of the configuration. Its PIN
// is entered only if that is asked for, and once, whoever asks.
func TestModemProbePIN(t *testing.T) {
	b := newBench(t, emulator.ModemOptions{PIN: "1234"}, nil)
	dir := t.TempDir()
	env := map[string]string{
		"TETHERD_URL": "http://127.0.0.1:1", "TETHERD_AUTH_PASSWORD": "secret", "TETHERD_DATA_DIR": filepath.Join(dir, "data"), "XDG_STATE_HOME": filepath.Join(dir, "state"),
		"TETHERD_MODEMS_0_NAME": "office", "TETHERD_MODEMS_0_PORT": b.port, "TETHERD_MODEMS_0_PIN": "1111",
		"TETHERD_MODEMS_1_NAME": "van", "TETHERD_MODEMS_1_EMULATOR": "generic", "TETHERD_MODEMS_1_NUMBER": "+4915110000002",
	}
	for _, tt := range []struct {
		name, ref, stdin string
		pin              bool
		verdict          string
		attempts         int
	}{
		{name: "not asked for", ref: "office", verdict: "needs its owner: The SIM asks for its PIN"},
		{name: "that of the configuration", ref: "office", pin: true, verdict: "needs its owner: The SIM refused the PIN", attempts: 1},
		{name: "again", ref: "1", pin: true, verdict: "needs its owner: The PIN in the configuration was entered once", attempts: 1},
		{name: "the same by hand", ref: b.port, pin: true, stdin: "1111\n", verdict: "needs its owner: The PIN in the configuration was entered once", attempts: 1},
		{name: "the right one by hand", ref: b.port, pin: true, stdin: "1234\n", verdict: "works", attempts: 2},
	} {
		b.port = tt.ref
		c := withEnv(env)
		c.stdin = strings.NewReader(tt.stdin)
		out, progress, err := b.probe(t, c, probeOptions{pin: tt.pin, wait: time.Minute})
		if !strings.Contains(out, "\nVerdict: "+tt.verdict) || (err == nil) != (tt.verdict == "works") || b.device.PINAttempts() != tt.attempts {
			t.Errorf("%s: %v, %d attempts\n%s%s", tt.name, err, b.device.PINAttempts(), progress, out)
		}
		if (tt.stdin != "") != strings.Contains(progress, "The PIN is entered once.") || strings.Contains(out, "1111") {
			t.Errorf("%s: %q\n%s", tt.name, progress, out)
		}
	}
	for ref, want := range map[string]string{
		"van": "is emulated", "nobody": "no modem of the configuration, which has office, van",
	} {
		b.port = ref
		if _, _, err := b.probe(t, withEnv(env), probeOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", ref, err, want)
		}
	}
	b.port = "nobody"
	if _, _, err := b.probe(t, withEnv(nil), probeOptions{}); err == nil || !strings.Contains(err.Error(), "is no port, and there is no configuration") {
		t.Errorf("no configuration: %v", err)
	}
	b.port = "/dev/nothing"
	if out, _, err := b.probe(t, withEnv(nil), probeOptions{}); err == nil || !strings.Contains(out, "Verdict: cannot be used: Port /dev/nothing is not there") {
		t.Errorf("no port: %v\n%s", err, out)
	}
}

// Without a PORT it says what there is.
func TestModemProbeSuggests(t *testing.T) {
	m := devicetest.New(t)
	var out bytes.Buffer
	c := withEnv(nil)
	c.stdout = &out
	if err := c.suggestProbe(t.Context(), device.At(m.Root)); err == nil || !strings.Contains(err.Error(), "no port to probe") {
		t.Errorf("nothing plugged in: %v", err)
	}
	m.Plug(devicetest.QuectelEC25("1-1.3", 3))
	m.Plug(devicetest.HuaweiStorage("1-1.4"))
	out.Reset()
	err := c.suggestProbe(t.Context(), device.At(m.Root))
	if _, isUsage := errors.AsType[usageError](err); !isUsage || !strings.HasSuffix(out.String(), "\n\nTo find out all about it: tetherd modem probe /dev/ttyUSB5\n") {
		t.Errorf("%v\n%s", err, out.String())
	}
	keyboard, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer keyboard.Close()
	defer terminal.Close()
	c.stdin = terminal
	if err := c.suggestProbe(t.Context(), device.At(m.Root)); err != nil {
		t.Errorf("at a terminal: %v", err)
	}
}
