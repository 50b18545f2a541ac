package config

import (
	"slices"
	"strconv"
	"strings"
)

// key is something that can be set.
type key struct {
	path     string // "send.attempts"; "modems[].port" stands for every modem
	fallback string // the default, as it would be written; empty if there is none
	secret   bool   // the value is never shown
}

// keys lists everything that can be set, in the order it is printed.
var keys = []key{
	{path: "listen", fallback: "127.0.0.1:8080"},
	{path: "tls.mode", fallback: "off"},
	{path: "tls.cert_file"},
	{path: "tls.key_file"},
	{path: "network.allow"},
	{path: "network.trusted_proxies"},
	{path: "network.hosts"},
	{path: "network.cors_origins"},
	{path: "data_dir", fallback: "/var/lib/tetherd"},
	{path: "auth.username", fallback: "sms"},
	{path: "auth.password", secret: true},
	{path: "auth.password_hash", secret: true},
	{path: "auth.password_file"},
	{path: "auth.token_ttl", fallback: "24h"},
	{path: "users[].name"},
	{path: "users[].password", secret: true},
	{path: "users[].password_hash", secret: true},
	{path: "users[].password_file"},
	{path: "users[].role", fallback: "sender"},
	{path: "users[].limits.per_minute"},
	{path: "users[].limits.per_hour"},
	{path: "users[].limits.per_day"},
	{path: "modems[].name"},
	{path: "modems[].port"},
	{path: "modems[].imei"},
	{path: "modems[].usb"},
	{path: "modems[].emulator"},
	{path: "modems[].pin", secret: true},
	{path: "modems[].pin_file"},
	{path: "modems[].number"},
	{path: "modems[].smsc"},
	{path: "modems[].baud"},
	{path: "modems[].sms_domain"},
	{path: "modems[].slow_write", fallback: "auto"},
	{path: "modems[].send", fallback: "direct"},
	{path: "modems[].purge_foreign", fallback: "false"},
	{path: "modems[].calls", fallback: "ignore"},
	{path: "modems[].balance.code"},
	{path: "modems[].balance.match"},
	{path: "modems[].balance.every", fallback: "24h"},
	{path: "modems[].balance.below"},
	{path: "modems[].reset_command"},
	{path: "modems[].limits.per_minute"},
	{path: "modems[].limits.per_30_minutes"},
	{path: "modems[].limits.per_hour"},
	{path: "modems[].limits.per_day"},
	{path: "modems[].limits.per_month"},
	{path: "modems[].limits.recipients_per_month"},
	{path: "modems[].limits.cost_per_day"},
	{path: "modems[].limits.cost_per_month"},
	{path: "send.result_timeout", fallback: "180s"},
	{path: "send.unknown_grace", fallback: "120s"},
	{path: "send.on_unknown", fallback: "resend"},
	{path: "send.attempts", fallback: "5"},
	{path: "send.max_parts", fallback: "20"},
	{path: "send.encoding", fallback: "auto"},
	{path: "send.order", fallback: "fifo"},
	{path: "send.interval_min", fallback: "0s"},
	{path: "send.interval_max", fallback: "0s"},
	{path: "send.interval_between", fallback: "messages"},
	{path: "send.work_hours", fallback: "always"},
	{path: "send.time_zone", fallback: "local"},
	{path: "limits.per_minute"},
	{path: "limits.per_30_minutes"},
	{path: "limits.per_hour"},
	{path: "limits.per_day"},
	{path: "limits.per_month"},
	{path: "limits.recipients_per_month"},
	{path: "limits.cost_per_day"},
	{path: "limits.cost_per_month"},
	{path: "limits.currency"},
	{path: "limits.prices[].prefix"},
	{path: "limits.prices[].price"},
	{path: "limits.reserve", fallback: "0%"},
	{path: "limits.reserve_priority", fallback: "100"},
	{path: "limits.repeats", fallback: "10"},
	{path: "limits.replies", fallback: "30"},
	{path: "limits.repeat_window", fallback: "10m"},
	{path: "region"},
	{path: "routing.selection", fallback: "os-default"},
	{path: "routing.sticky", fallback: "false"},
	{path: "routing.handover", fallback: "60s"},
	{path: "routing.rules[].prefix"},
	{path: "routing.rules[].modem"},
	{path: "routing.rules[].fallback", fallback: "true"},
	{path: "optout.enabled", fallback: "false"},
	{path: "optout.stop"},
	{path: "optout.start"},
	{path: "alerts.offline_after", fallback: "60s"},
	{path: "alerts.admin_numbers"},
	{path: "alerts.every", fallback: "10m"},
	{path: "alerts.per_day", fallback: "20"},
	{path: "canary.enabled", fallback: "false"},
	{path: "canary.every", fallback: "24h"},
	{path: "canary.modems"},
	{path: "canary.to", fallback: "self"},
	{path: "canary.window", fallback: "always"},
	{path: "canary.timeout", fallback: "10m"},
	{path: "canary.fail_after", fallback: "2"},
	{path: "canary.budget_per_day", fallback: "10"},
	{path: "canary.events", fallback: "false"},
	{path: "webhooks.policy", fallback: "home"},
	{path: "webhooks.allow"},
	{path: "webhooks.proxy", secret: true},
	{path: "webhooks.source_address"},
	{path: "webhooks.retry_count", fallback: "14"},
	{path: "webhooks.timeout", fallback: "30s"},
	{path: "webhooks.max_pending", fallback: "100000"},
	{path: "webhooks.max_size", fallback: "256MiB"},
	{path: "webhooks.history", fallback: "7d"},
	{path: "webhooks.history_size", fallback: "100MiB"},
	{path: "webhooks.recovery_rate", fallback: "50"},
	{path: "webhooks.log", fallback: "all"},
	{path: "webhooks.signing_key", secret: true},
	{path: "webhooks.signing_key_file"},
	{path: "encryption.passphrase", secret: true},
	{path: "encryption.passphrase_file"},
	{path: "ping.interval", fallback: "off"},
	{path: "retention.messages", fallback: "365d"},
	{path: "retention.inbox", fallback: "365d"},
	{path: "retention.logs", fallback: "30d"},
	{path: "retention.idempotency", fallback: "24h"},
	{path: "metrics.public", fallback: "false"},
	{path: "log.level", fallback: "info"},
	{path: "log.format", fallback: "auto"},
}

const (
	modemPrefix = "modems[]."
	envPrefix   = "TETHERD_"
)

// list is a section of which there can be several.
type list struct {
	path  string // "modems"
	most  int    // entries
	first string // the key that an entry should begin with
}

// lists are all that there are.
var lists = []list{
	{path: "modems", most: 250, first: "port"},
	{path: "routing.rules", most: 250, first: "prefix"},
	{path: "users", most: 250, first: "name"},
	{path: "limits.prices", most: 1000, first: "prefix"},
}

// listOf returns the list that a concrete path goes through, with the index of
// its entry: modems and 3 for modems[3].port.
func listOf(path string) (l list, n int, ok bool) {
	name, rest, found := strings.Cut(path, "[")
	number, _, closed := strings.Cut(rest, "]")
	i := slices.IndexFunc(lists, func(l list) bool { return l.path == name })
	n, err := strconv.Atoi(number)
	if !found || !closed || i < 0 || err != nil || n < 0 {
		return list{}, 0, false
	}
	return lists[i], n, true
}

// rivals are keys of which only one may be given.
var rivals = [][]string{
	{"auth.password", "auth.password_hash", "auth.password_file"},
	{"users[].password", "users[].password_hash", "users[].password_file"},
	{"modems[].port", "modems[].emulator"},
	{"modems[].imei", "modems[].emulator"},
	{"modems[].usb", "modems[].emulator"},
	{"modems[].pin", "modems[].pin_file"},
	{"webhooks.signing_key", "webhooks.signing_key_file"},
	{"encryption.passphrase", "encryption.passphrase_file"},
}

// clientVariables are read by the commands that talk to a running daemon, not
// by the daemon, and so are no mistake here.
var clientVariables = []string{"TETHERD_URL", "TETHERD_USERNAME", "TETHERD_PASSWORD", "TETHERD_CONFIG", "TETHERD_CA_FILE", "TETHERD_TOKEN"}

// pattern turns a concrete path into that of its key: "modems[3].port" into
// "modems[].port".
func pattern(path string) string {
	i, j := strings.IndexByte(path, '['), strings.IndexByte(path, ']')
	if i < 0 || j < i {
		return path
	}
	return path[:i+1] + path[j:]
}

// keyOf returns the key a concrete path is of.
func keyOf(path string) (key, bool) {
	p := pattern(path)
	i := slices.IndexFunc(keys, func(k key) bool { return k.path == p })
	if i < 0 {
		return key{}, false
	}
	return keys[i], true
}

// isSection reports whether keys lie below the pattern.
func isSection(pattern string) bool {
	return slices.ContainsFunc(keys, func(k key) bool {
		return strings.HasPrefix(k.path, pattern+".") || strings.HasPrefix(k.path, pattern+"[]")
	})
}

// children returns the names that may stand in a section, "" being the top.
func children(section string) []string {
	var names []string
	for _, k := range keys {
		rest := k.path
		if section != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(k.path, section+"."); !ok {
				continue
			}
		}
		name, _, _ := strings.Cut(rest, ".")
		name = strings.TrimSuffix(name, "[]")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// lastName returns the part of a path behind its last dot.
func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
