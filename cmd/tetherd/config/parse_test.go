package config

import (
	"errors"
	"io/fs"
	"net/netip"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tetherd/modem/device"
)

// files stands in for the file system.
func files(m map[string]string) func(string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		text, ok := m[path]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
}

// minimal is the least that is valid.
const minimal = `
auth: {password: secret}
modems:
  - port: /dev/ttyUSB0
`

// defaults returns the Config of minimal, altered by edit.
func defaults(edit func(*Config)) *Config {
	c := &Config{
		Listen: "127.0.0.1:8080", TLS: TLS{Mode: "off"}, DataDir: "/var/lib/tetherd",
		Auth:    Auth{Username: "sms", Password: "secret", TokenTTL: day},
		Modems:  []Modem{{Name: "modem1", Port: "/dev/ttyUSB0"}},
		Send:    Send{ResultTimeout: 180 * time.Second, UnknownGrace: 120 * time.Second, OnUnknown: "resend", Attempts: 5, MaxParts: 20, Encoding: "auto", Order: "fifo", WorkHours: allDay, Zone: "Local"},
		Limits:  noLimits,
		Routing: Routing{Selection: "os-default", Handover: time.Minute},
		Alerts:  Alerts{OfflineAfter: time.Minute, Every: 10 * time.Minute, PerDay: 20},
		Canary:  Canary{Every: 24 * time.Hour, Timeout: 10 * time.Minute, Misses: 2, PerDay: 10},
		Webhooks: Webhooks{
			Policy: "home", RetryCount: 14, Timeout: 30 * time.Second, Recovery: 50, Log: "all",
			MaxPending: 100_000, MaxSize: 256 << 20, History: 7 * day, HistorySize: 100 << 20,
		},
		Retention: Retention{Messages: 365 * day, Inbox: 365 * day, Logs: 30 * day, Idempotency: day},
		Log:       Log{Level: "info", Format: "auto"},
	}
	if edit != nil {
		edit(c)
	}
	return c
}

// sameConfig compares configurations.
var sameConfig = cmp.Options{
	cmpopts.IgnoreUnexported(Config{}), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}),
	cmp.Comparer(func(a, b *regexp.Regexp) bool { return a.String() == b.String() }),
}

func TestParse(t *testing.T) {
	const hash = "$2a$04$Ot9RnZrBRRBDEYiS7nZoJOP6sY7D6tW4/TjlOaZ9FzmVm9ZAXLHDK"
	tests := []struct {
		name string
		doc  string
		env  []string
		want *Config
	}{
		{name: "minimal", doc: minimal, want: defaults(nil)},
		{
			name: "everything",
			doc: `
listen: 0.0.0.0:80
tls: {mode: files, cert_file: c.pem, key_file: /k.pem}
network: {allow: [10.0.0.0/8, "::1"], trusted_proxies: ["127.0.0.1", "::ffff:10.1.0.0/112"], hosts: "SMS.example.org., box", cors_origins: "https://Panel.example, http://localhost:3000"}
data_dir: /srv/sms
auth: {username: bob, password: hunter2, token_ttl: 1h}
modems:
  - {name: a, port: /dev//ttyUSB0, pin: 0123, number: +49 151 1000-0001, smsc: "+491710760000", baud: 9600, sms_domain: ps-preferred, purge_foreign: true, calls: hangup, send: store}
  - {name: b, emulator: ec25, number: "12345", slow_write: on, send: direct, balance: {code: "*100#", match: 'is ([0-9.]+)', every: 12h, below: 2.50}}
send: {result_timeout: 1500ms, unknown_grace: 1s, on_unknown: fail, attempts: 1, max_parts: 255}
region: no
webhooks: {policy: strict, allow: [10.0.0.0/8, nas.lan], proxy: "http://u:p@proxy:3128", source_address: "fd12::5", retry_count: 3, timeout: 5s, recovery_rate: 7, log: failures, max_pending: 7, max_size: 1GiB, history: 30d, history_size: 2MiB, signing_key: k}
encryption: {passphrase: open sesame}
ping: {interval: 1h30m}
retention: {messages: 1d12h, inbox: forever, logs: 7d}
log: {level: debug, format: json}
routing:
  selection: random
  sticky: true
  handover: 5m
  rules:
  - {prefix: "+49", modem: [b, a]}
  - {prefix: "0", modem: "a, b", fallback: false}
optout: {enabled: true, stop: [no, "kein Interesse"], start: "yes, weiter"}
alerts: {offline_after: 10m, admin_numbers: ["+49 151 10000009", "0171 1", +4915110000009], every: 1h, per_day: 3}
canary: {enabled: true, every: 6h, modems: [b], to: "0171 1", window: "22:00-06:30", timeout: 5m, fail_after: 3, budget_per_day: 4, events: true}
`,
			want: &Config{
				Listen: "0.0.0.0:80", TLS: TLS{Mode: "files", CertFile: "/etc/tetherd/c.pem", KeyFile: "/k.pem"}, DataDir: "/srv/sms",
				Network: Network{
					Allow:          []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")},
					TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.1.0.0/16")},
					Hosts:          []string{"sms.example.org", "box"},
					CORSOrigins:    []string{"https://panel.example", "http://localhost:3000"},
				},
				Auth: Auth{Username: "bob", Password: "hunter2", TokenTTL: time.Hour},
				Modems: []Modem{
					{Name: "a", Port: "/dev/ttyUSB0", PIN: "0123", Number: "+4915110000001", SMSC: "+491710760000", Baud: 9600, Domain: "ps-preferred", PurgeForeign: true, RefuseCalls: true, SendStored: true},
					{
						Name: "b", Emulator: "ec25", Number: "12345", SlowWrite: new(true),
						Balance: &Balance{Code: "*100#", Match: regexp.MustCompile(`is ([0-9.]+)`), Every: 12 * time.Hour, Below: new(2.5)},
					},
				},
				Send:   Send{ResultTimeout: 1500 * time.Millisecond, UnknownGrace: time.Second, OnUnknown: "fail", Attempts: 1, MaxParts: 255, Encoding: "auto", Order: "fifo", WorkHours: allDay, Zone: "Local"},
				Limits: noLimits,
				Region: "NO",
				Webhooks: Webhooks{
					Policy: "strict", Allow: []string{"10.0.0.0/8", "nas.lan"}, Proxy: "http://u:p@proxy:3128", Source: netip.MustParseAddr("fd12::5"),
					RetryCount: 3, Timeout: 5 * time.Second, Recovery: 7, Log: "failures", MaxPending: 7, MaxSize: 1 << 30, History: 30 * day, HistorySize: 2 << 20, SigningKey: "k",
				},
				Encryption: Encryption{Passphrase: "open sesame"},
				Ping:       Ping{Interval: 90 * time.Minute},
				Retention:  Retention{Messages: 36 * time.Hour, Logs: 7 * day, Idempotency: day},
				Log:        Log{Level: "debug", Format: "json"},
				Routing: Routing{
					Selection: "random", Sticky: true, Handover: 5 * time.Minute,
					Rules: []Rule{
						{Prefix: "+49", Modems: []string{"b", "a"}, Fallback: true},
						{Prefix: "0", Modems: []string{"a", "b"}},
					},
				},
				OptOut: OptOut{Enabled: true, Stop: []string{"no", "kein Interesse"}, Start: []string{"yes", "weiter"}},
				Alerts: Alerts{OfflineAfter: 10 * time.Minute, AdminNumbers: []string{"+4915110000009", "01711"}, Every: time.Hour, PerDay: 3},
				Canary: Canary{
					Enabled: true, Every: 6 * time.Hour, Modems: []string{"b"}, To: "01711", Window: Window{22 * 60, 6*60 + 30},
					Timeout: 5 * time.Minute, Misses: 3, PerDay: 4, Events: true,
				},
			},
		},
		{
			name: "modems by what they are",
			doc:  "auth: {password: secret}\nmodems:\n- imei: 49-015420-323751-8\n  usb: 12d1:1506\n- usb: 2c7c:0125:02@1-1.2\n- usb: 12d1:1506\n  port: /dev/a",
			want: defaults(func(c *Config) {
				c.Modems = []Modem{
					{Name: "modem1", IMEI: "490154203237518", USB: device.USB{Vendor: 0x12d1, Product: 0x1506}},
					{Name: "modem2", USB: device.USB{Vendor: 0x2c7c, Product: 0x125, Interface: 2, HasInterface: true, At: "1-1.2"}},
					{Name: "modem3", USB: device.USB{Vendor: 0x12d1, Product: 0x1506}, Port: "/dev/a"},
				}
			}),
		},
		{
			name: "empty sections and values stand for their defaults",
			doc:  minimal + "send:\nping: {interval: }\nregion:\nlog: ~\n",
			want: defaults(nil),
		},
		{
			name: "hash instead of a password",
			doc:  "auth: {password_hash: '" + hash + "'}\nmodems: [{port: /dev/ttyUSB0}]",
			want: defaults(func(c *Config) { c.Auth = Auth{Username: "sms", PasswordHash: hash, TokenTTL: day} }),
		},
		{
			name: "secrets from files, relative to the configuration",
			doc: `
auth: {password_file: pw}
modems: [{port: /dev/ttyUSB0, pin_file: /run/pin}]
webhooks: {signing_key_file: keys/../key}
`,
			want: defaults(func(c *Config) {
				c.Modems[0].PIN = "4321"
				c.Webhooks.SigningKey = "the key"
			}),
		},
		{
			name: "relative data folder",
			doc:  minimal + "data_dir: state",
			want: defaults(func(c *Config) { c.DataDir = "/etc/tetherd/state" }),
		},
		{
			name: "environment alone",
			env:  []string{"TETHERD_AUTH_PASSWORD=secret", "TETHERD_MODEMS_0_PORT=/dev/ttyUSB0", "HOME=/root"},
			want: defaults(nil),
		},
		{
			name: "environment wins",
			doc:  minimal,
			env: []string{
				"TETHERD_LISTEN=127.0.0.1:9", "TETHERD_SEND_RESULT_TIMEOUT=1s", "TETHERD_DATA_DIR=rel", "TETHERD_REGION=",
				"TETHERD_ROUTING_RULES_0_PREFIX=+1", "TETHERD_ROUTING_RULES_0_MODEM=x, modem2", "TETHERD_ROUTING_STICKY=true",
				"TETHERD_MODEMS_0_NAME=x", "TETHERD_MODEMS_1_PORT=/dev/ttyUSB1", "TETHERD_MODEMS_1_PIN=1111",
			},
			want: defaults(func(c *Config) {
				c.Listen, c.DataDir, c.Send.ResultTimeout = "127.0.0.1:9", "rel", time.Second
				c.Modems[0].Name = "x"
				c.Routing.Sticky = true
				c.Routing.Rules = []Rule{{Prefix: "+1", Modems: []string{"x", "modem2"}, Fallback: true}}
				c.Modems = append(c.Modems, Modem{Name: "modem2", Port: "/dev/ttyUSB1", PIN: "1111"})
			}),
		},
		{
			name: "environment replaces a rival key of the file",
			doc:  minimal,
			env:  []string{"TETHERD_AUTH_PASSWORD_FILE=/run/pin", "TETHERD_MODEMS_0_EMULATOR=generic", "TETHERD_MODEMS_0_NUMBER=123"},
			want: defaults(func(c *Config) {
				c.Auth.Password = "4321"
				c.Modems = []Modem{{Name: "modem1", Emulator: "generic", Number: "123"}}
			}),
		},
		{
			name: "variables of the client commands are not the daemon's",
			doc:  minimal,
			env:  []string{"TETHERD_URL=http://x", "TETHERD_USERNAME=u", "TETHERD_PASSWORD=p", "TETHERD_CONFIG=/f"},
			want: defaults(nil),
		},
		{
			name: "aliases",
			doc:  "auth: {password: &p secret}\nmodems: [{port: /dev/ttyUSB0}]\nwebhooks: {signing_key: *p}",
			want: defaults(func(c *Config) { c.Webhooks.SigningKey = "secret" }),
		},
		{
			name: "example password on a loopback address",
			doc:  "listen: '[::1]:8080'\nauth: {password: change-me}\nmodems: [{port: /dev/ttyUSB0}]",
			want: defaults(func(c *Config) { c.Listen, c.Auth.Password = "[::1]:8080", "change-me" }),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(Input{
				Name: "/etc/tetherd/tetherd.yaml", Data: []byte(tt.doc), Env: tt.env,
				ReadFile: files(map[string]string{"/etc/tetherd/pw": "secret\r\n", "/run/pin": "4321\n", "/etc/tetherd/key": "the key"}),
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, sameConfig); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseDuration(t *testing.T) {
	tests := []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"1d", day, true},
		{"1d1h", 25 * time.Hour, true},
		{"90m", 90 * time.Minute, true},
		{"0", 0, true},
		{"60", 0, false},
		{"", 0, false},
		{"d", 0, false},
		{"-1s", 0, false},
		{"1h1d", 0, false},
		{"1.5d", 0, false},
		{"106751d", 0, false}, // more than an int64 of nanoseconds holds, with the hours behind it
		{"99999d2562047h", 0, false},
	}
	for _, tt := range tests {
		got, ok := parseDuration(tt.in)
		if ok != tt.ok || got != tt.want {
			t.Errorf("parseDuration(%q) = %v, %v; want %v, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestLoadMissingFile(t *testing.T) {
	if _, err := Load(t.TempDir()+"/none.yaml", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load of a missing file = %v, want fs.ErrNotExist", err)
	}
}
