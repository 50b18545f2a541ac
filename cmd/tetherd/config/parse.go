package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tetherd/gateway/access"
)

// Input is what a configuration is read from.
type Input struct {
	// Name of the file, for messages and as the place that relative paths in it
	// start from. Empty: there is no file.
	Name string
	Data []byte   // contents of the file
	Env  []string // variables as NAME=value; those without TETHERD_ are ignored
	// ReadFile reads a file that holds a secret. Nil means the file system.
	ReadFile func(path string) ([]byte, error)
}

// Load reads the file at path, or no file if path is empty, and the given
// environment. The error is a [Problems] unless the file cannot be read.
func Load(path string, env []string) (*Config, error) {
	in := Input{Name: path, Env: env}
	if path != "" {
		data, err := readLimited(path)
		if err != nil {
			return nil, fmt.Errorf("read configuration: %w", err)
		}
		in.Data = data
	}
	return Parse(in)
}

// maxFile bounds what is read of a configuration or a secret.
const maxFile = 1 << 20

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return data, nil
}

// Parse turns a configuration as written into one as used. The error is a
// [Problems].
func Parse(in Input) (*Config, error) {
	w := &written{values: make(map[string]value), sections: make(map[string]Source), lengths: make(map[string]int)}
	if !w.readYAML(in.Name, in.Data) {
		return nil, w.problems
	}
	w.readEnvironment(in.Env)
	b := &builder{written: w, in: in}
	if b.in.ReadFile == nil {
		b.in.ReadFile = readLimited
	}
	c := b.build()
	if len(w.problems) > 0 {
		return nil, w.problems.sorted()
	}
	c.entries, c.secretFiles = w.entries(), b.secretFiles
	return c, nil
}

// builder turns written values into a Config, noting what is wrong.
type builder struct {
	*written
	in Input

	secretFiles []string
}

func (b *builder) build() *Config {
	c := &Config{
		Listen: b.listen("listen"),
		TLS:    b.tls(),
		Network: Network{
			Allow:          b.prefixes("network.allow"),
			TrustedProxies: b.prefixes("network.trusted_proxies"),
			Hosts:          b.hosts("network.hosts"),
			CORSOrigins:    b.origins("network.cors_origins"),
		},
		DataDir: b.path("data_dir"),
		Auth: Auth{
			Username:     b.username("auth.username"),
			Password:     b.secret("auth.password"),
			PasswordHash: b.hash("auth.password_hash"),
			TokenTTL:     b.duration("auth.token_ttl", time.Minute, access.MaxTTL),
		},
		Send: Send{
			ResultTimeout: b.duration("send.result_timeout", time.Second, time.Hour),
			UnknownGrace:  b.duration("send.unknown_grace", time.Millisecond, 24*time.Hour),
			OnUnknown:     b.choice("send.on_unknown", "resend", "fail"),
			Attempts:      b.integer("send.attempts", 1, 100),
			MaxParts:      b.integer("send.max_parts", 1, 255),
			Encoding:      b.choice("send.encoding", "auto", "smart", "gsm7", "ucs2"),
			Order:         b.choice("send.order", "fifo", "lifo"),
			IntervalMin:   b.duration("send.interval_min", 0, day),
			IntervalMax:   b.duration("send.interval_max", 0, day),
			IntervalEach:  b.choice("send.interval_between", "messages", "recipients") == "recipients",
			WorkHours:     b.workHours("send.work_hours"),
			Zone:          b.zone("send.time_zone"),
		},
		Limits: b.protection(),
		Region: b.region("region"),
		Routing: Routing{
			Selection: b.choice("routing.selection", "os-default", "round-robin", "random"),
			Sticky:    b.boolean("routing.sticky"),
			Handover:  b.duration("routing.handover", time.Second, 24*time.Hour),
		},
		OptOut: OptOut{
			Enabled: b.boolean("optout.enabled"),
			Stop:    b.keywords("optout.stop", 50),
			Start:   b.keywords("optout.start", 50),
		},
		Alerts: Alerts{
			OfflineAfter: b.duration("alerts.offline_after", time.Second, 24*time.Hour),
			AdminNumbers: b.numbers("alerts.admin_numbers", 10),
			Every:        b.duration("alerts.every", time.Second, 24*time.Hour),
			PerDay:       b.integer("alerts.per_day", 1, 1000),
		},
		Canary: b.canary(),
		Webhooks: Webhooks{
			Policy:      b.choice("webhooks.policy", "home", "https-only", "strict"),
			Allow:       b.allow("webhooks.allow"),
			Proxy:       b.proxy("webhooks.proxy"),
			Source:      b.ownAddress("webhooks.source_address"),
			RetryCount:  b.integer("webhooks.retry_count", 1, 50),
			Timeout:     b.duration("webhooks.timeout", time.Millisecond, 10*time.Minute),
			MaxPending:  b.integer("webhooks.max_pending", 1, 10_000_000),
			MaxSize:     b.size("webhooks.max_size", mebibyte, 64*1024*mebibyte),
			History:     b.duration("webhooks.history", time.Minute, 10*365*day),
			HistorySize: b.size("webhooks.history_size", mebibyte, 64*1024*mebibyte),
			Recovery:    b.integer("webhooks.recovery_rate", 1, 10_000),
			Log:         b.choice("webhooks.log", "all", "failures", "off"),
			SigningKey:  b.secret("webhooks.signing_key"),
		},
		Encryption: Encryption{Passphrase: b.secret("encryption.passphrase")},
		Ping:       Ping{Interval: b.durationOr("ping.interval", "off", time.Second, 365*24*time.Hour)},
		Retention: Retention{
			Messages: b.durationOr("retention.messages", "forever", time.Hour, 100*365*24*time.Hour),
			Inbox:    b.durationOr("retention.inbox", "forever", time.Hour, 100*365*24*time.Hour),
			Logs:     b.durationOr("retention.logs", "forever", time.Hour, 100*365*24*time.Hour),

			Idempotency: b.duration("retention.idempotency", time.Minute, 30*24*time.Hour),
		},
		Metrics: Metrics{Public: b.boolean("metrics.public")},
		Log: Log{
			Level:  b.choice("log.level", "debug", "info", "warn", "error"),
			Format: b.choice("log.format", "auto", "console", "json"),
		},
	}
	for i := range b.lengths["modems"] {
		c.Modems = append(c.Modems, b.modem(i))
	}
	for i := range b.lengths["users"] {
		c.Users = append(c.Users, b.user(i))
	}
	for i := range b.lengths["routing.rules"] {
		c.Routing.Rules = append(c.Routing.Rules, b.rule(i))
	}
	b.checkInterval(&c.Send)
	b.checkRivals()
	b.checkAuth(c)
	b.checkUsers(c)
	b.checkModems(c)
	b.checkRules(c)
	b.checkCanary(c)
	return c
}

// get returns the value at a path, or that of its default.
func (b *builder) get(path string) value {
	if v, ok := b.values[path]; ok {
		return v
	}
	k, ok := keyOf(path)
	if !ok {
		panic("config: no such key: " + path)
	}
	return value{text: k.fallback}
}

// section returns where a section is written, or else the file as a whole.
func (b *builder) section(path string) Source {
	if src, ok := b.sections[path]; ok {
		return src
	}
	return Source{File: b.in.Name}
}

// bad notes that the value at path is wrong, quoting it unless it is secret.
func (b *builder) bad(path string, v value, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if k, _ := keyOf(path); !k.secret {
		text = fmt.Sprintf("%q %s", shorten(v.text), text)
	} else {
		text = "this value " + text
	}
	b.problem(v.source, path, "%s", text)
}

func shorten(s string) string {
	if len(s) > 80 {
		return s[:77] + "..."
	}
	return s
}

// path returns a path of the file system. In the file it starts from the file's
// folder, in the environment from the working directory.
func (b *builder) path(path string) string {
	v := b.get(path)
	if v.text == "" || filepath.IsAbs(v.text) {
		return v.text
	}
	if v.source.File != "" {
		return filepath.Join(filepath.Dir(v.source.File), v.text)
	}
	return filepath.Clean(v.text)
}

// secret returns the value at path, or the contents of the file named by the
// key with _file appended.
func (b *builder) secret(path string) string {
	if v, ok := b.values[path]; ok {
		if v.text == "" {
			b.bad(path, v, "is empty: set it or remove the line")
		}
		if v.source.File != "" {
			b.secretFiles = append(b.secretFiles, v.source.File)
		}
		return v.text
	}
	v, ok := b.values[path+"_file"]
	if !ok {
		return ""
	}
	file := b.path(path + "_file")
	if file == "" {
		b.bad(path+"_file", v, "is empty: give a path or remove the line")
		return ""
	}
	b.secretFiles = append(b.secretFiles, file)
	data, err := b.in.ReadFile(file)
	if err != nil {
		b.problem(v.source, path+"_file", "cannot be read: %v", err)
		return ""
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		b.problem(v.source, path+"_file", "%s is empty: write the secret into it", file)
	}
	return text
}
