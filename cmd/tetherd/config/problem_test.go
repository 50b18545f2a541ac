package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseProblems(t *testing.T) {
	const ok = "auth: {password: secret}\nmodems: [{port: /dev/ttyUSB0}]\n"
	tests := []struct {
		name string
		doc  string
		env  []string
		want []string // beginnings of the problems, in order
	}{
		{name: "nothing at all", want: []string{
			`t.yaml: auth.password: is not set: choose one`,
			"t.yaml: modems: there is none: add one with the port",
		}},
		{name: "empty list of modems", doc: "auth: {password: x}\nmodems: []", want: []string{"t.yaml:2: modems: there is none"}},
		{name: "syntax", doc: "listen: [", want: []string{"t.yaml:1: not valid YAML: "}},
		{name: "not a mapping", doc: "- a", want: []string{"t.yaml:1: expected lines of the form key: value"}},
		{name: "two documents", doc: ok + "---\nlisten: :80\n", want: []string{"t.yaml:3: a second document begins here"}},
		{name: "misspelt key", doc: ok + "send:\n  atempts: 3", want: []string{`t.yaml:4: send.atempts: unknown key: did you mean "attempts"?`}},
		{name: "misspelt section", doc: ok + "webhook: {timeout: 1s}", want: []string{`t.yaml:3: webhook: unknown key: did you mean "webhooks"?`}},
		{name: "key of another section", doc: ok + "result_timeout: 1s", want: []string{"t.yaml:3: result_timeout: unknown key here: did you mean send.result_timeout?"}},
		{name: "unheard of", doc: ok + "log: {colour: 1}", want: []string{"t.yaml:3: log.colour: unknown key: known here are level, format"}},
		{name: "dotted key", doc: ok + "send.attempts: 3", want: []string{"t.yaml:3: send.attempts: unknown key"}},
		{name: "unknown key of a modem", doc: "auth: {password: x}\nmodems:\n- port: /dev/a\n  nam: b", want: []string{`t.yaml:4: modems[0].nam: unknown key: did you mean "name"?`}},
		{name: "twice", doc: ok + "region: DE\nregion: FR", want: []string{"t.yaml:4: region: given twice, first in line 3"}},
		{name: "section as value", doc: ok + "send: 5", want: []string{"t.yaml:3: send: expected indented lines below it: result_timeout, "}},
		{name: "value as section", doc: ok + "region: {a: b}", want: []string{"t.yaml:3: region: expected a single value"}},
		{name: "modems as mapping", doc: "auth: {password: x}\nmodems: {port: /dev/a}", want: []string{`t.yaml:2: modems: expected a list`, "t.yaml:2: modems: there is none"}},
		{name: "modem as word", doc: "auth: {password: x}\nmodems: [/dev/ttyUSB0]", want: []string{"t.yaml:2: modems[0]: expected lines such as", "t.yaml:2: modems[0].port: is missing"}},
		{name: "loop of aliases", doc: ok + "send: &a [*a]", want: []string{"t.yaml:3: send: expected indented lines"}},
		{name: "several, by line", doc: ok + "region: XX\nlisten: x\nsend: {attempts: 0}", want: []string{
			`t.yaml:3: region: "XX" is not the two-letter code`,
			`t.yaml:4: listen: "x" is not an address`,
			`t.yaml:5: send.attempts: "0" is not a whole number from 1 to 100`,
		}},
		{name: "address without a port", doc: ok + "listen: 127.0.0.1", want: []string{`t.yaml:3: listen: "127.0.0.1" is not an address: write host:port`}},
		{name: "host name", doc: ok + "listen: example.org:80", want: []string{`t.yaml:3: listen: "example.org:80" names a host`}},
		{name: "port too large", doc: ok + "listen: :70000", want: []string{`t.yaml:3: listen: ":70000" has no port from 0 to 65535`}},
		{name: "duration without a unit", doc: ok + "send: {result_timeout: 180}", want: []string{`t.yaml:3: send.result_timeout: "180" is not a length of time`}},
		{name: "duration out of bounds", doc: ok + "send: {result_timeout: 2h}", want: []string{`t.yaml:3: send.result_timeout: "2h" is not between 1s and 1h`}},
		{name: "retention of nothing", doc: ok + "retention: {inbox: 0}", want: []string{`t.yaml:3: retention.inbox: "0" is not between 1h and 36500d, nor the word forever`}},
		{name: "wrong word", doc: ok + "send: {on_unknown: resent}", want: []string{`t.yaml:3: send.on_unknown: "resent" is none of resend, fail: did you mean resend?`}},
		{name: "what to allow", doc: ok + "webhooks: {allow: '10.0.0.1, http://x'}", want: []string{`t.yaml:3: webhooks.allow: "http://x" is neither an address, such as 10.0.0.5, nor a block of them`}},
		{name: "size", doc: ok + "webhooks: {max_size: 256, history_size: 1KiB}", want: []string{
			`t.yaml:3: webhooks.max_size: "256" is not a size: write a number with its unit`,
			`t.yaml:3: webhooks.history_size: "1KiB" is not between 1MiB and 64GiB`,
		}},
		{name: "proxy", doc: ok + "webhooks: {proxy: 'ftp://user:pass@x'}", want: []string{`t.yaml:3: webhooks.proxy: this value cannot be used: it must begin with http://, https:// or socks5://`}},
		{name: "source address", doc: ok + "webhooks: {source_address: eth0}", want: []string{`t.yaml:3: webhooks.source_address: "eth0" is not an address of this machine`}},
		{name: "no keyword", doc: ok + "optout: {enabled: 1, stop: [no, '!'], start: '?'}", want: []string{
			`t.yaml:3: optout.enabled: "1" is neither true nor false`, `t.yaml:3: optout.stop: "no, !" has "!", which is no keyword`, `t.yaml:3: optout.start: "?" has "?", which is no keyword`,
		}},
		{name: "name as an admin", doc: ok + "alerts: {admin_numbers: [+4915110000009, bob]}", want: []string{`t.yaml:3: alerts.admin_numbers: "+4915110000009, bob" has "bob", which is not a telephone number`}},
		{name: "number of no country", doc: ok + "alerts: {admin_numbers: '+999 123456'}", want: []string{`t.yaml:3: alerts.admin_numbers: "+999 123456" has "+999 123456", which is not a telephone number`}},
		{name: "many admins", doc: ok + "alerts: {admin_numbers: '100,101,102,103,104,105,106,107,108,109,110'}", want: []string{`t.yaml:3: alerts.admin_numbers: "100,101,102,103,104,105,106,107,108,109,110" has 11 numbers, the most is 10`}},
		{name: "canary of no modem", doc: ok + "canary: {modems: [modem1, lost]}", want: []string{`t.yaml:3: canary.modems: "modem1, lost" names no modem: there is no lost; the modems are modem1`}},
		{name: "canary to a name", doc: ok + "canary: {to: bob}", want: []string{`t.yaml:3: canary.to: "bob" is neither the word self nor a telephone number`}},
		{name: "canary at an odd time", doc: ok + "canary: {window: 9-25:00}", want: []string{`t.yaml:3: canary.window: "9-25:00" is no part of the day`}},
		{name: "no alerts at all", doc: ok + "alerts: {per_day: 0}", want: []string{`t.yaml:3: alerts.per_day: "0" is not a whole number from 1 to 1000`}},
		{name: "short PIN", doc: "auth: {password: x}\nmodems: [{port: /dev/a, pin: 123}]", want: []string{"t.yaml:2: modems[0].pin: a PIN has 4 to 8 digits"}},
		{name: "PIN of letters in a file", doc: "auth: {password: x}\nmodems: [{port: /dev/a, pin_file: /pin}]", want: []string{"t.yaml:2: modems[0].pin_file: a PIN has 4 to 8 digits"}},
		{name: "imei", doc: "auth: {password: x}\nmodems: [{imei: '1'}]", want: []string{`t.yaml:2: modems[0].imei: "1" has 1 digits, an IMEI has 15`}},
		{name: "mistyped imei", doc: "auth: {password: x}\nmodems: [{imei: 490154203237519}]", want: []string{`t.yaml:2: modems[0].imei: "490154203237519" is not an IMEI: its last digit does not fit`}},
		{name: "equal imeis", doc: "auth: {password: x}\nmodems:\n- imei: 490154203237518\n- imei: 49-015420-323751-8", want: []string{`t.yaml:4: modems[1].imei: "490154203237518" is that of modems[0], too`}},
		{name: "imei and emulator", doc: "auth: {password: x}\nmodems: [{imei: 490154203237518, emulator: generic, number: '123'}]", want: []string{"t.yaml:2: modems[0].emulator: cannot be given together with imei"}},
		{name: "equal sticks", doc: "auth: {password: x}\nmodems:\n- usb: 12d1:1506\n- usb: 12D1:1506", want: []string{`t.yaml:4: modems[1].usb: "12d1:1506" is that of modems[0], too`}},
		{name: "usb", doc: "auth: {password: x}\nmodems: [{usb: 'a:b'}]", want: []string{`t.yaml:2: modems[0].usb: "a:b" needs four hexadecimal digits`}},
		{name: "balance without a code", doc: "auth: {password: x}\nmodems: [{port: /dev/a, balance: {every: 1h}}]", want: []string{
			`t.yaml:2: modems[0].balance.code: is missing`, `t.yaml:2: modems[0].balance.match: is missing`,
		}},
		{name: "balance of nonsense", doc: "auth: {password: x}\nmodems:\n- port: /dev/a\n  balance:\n    code: call\n    match: 'is [0-9]+'\n    every: 1s\n    below: much", want: []string{
			`t.yaml:5: modems[0].balance.code: "call" is no service code`, `t.yaml:6: modems[0].balance.match: "is [0-9]+" needs one group`,
			`t.yaml:7: modems[0].balance.every: "1s" is not between 1m and 90d`, `t.yaml:8: modems[0].balance.below: "much" is no amount`,
		}},
		{name: "balance of half an expression", doc: "auth: {password: x}\nmodems: [{port: /dev/a, balance: {code: '*100#', match: 'is ('}}]", want: []string{`t.yaml:2: modems[0].balance.match: "is (" is no regular expression`}},
		{name: "no port", doc: "auth: {password: x}\nmodems:\n- port: /dev/a\n- name: b", want: []string{"t.yaml:4: modems[1].port: is missing"}},
		{name: "port without its folder", doc: "auth: {password: x}\nmodems: [{port: ttyUSB0}]", want: []string{`t.yaml:2: modems[0].port: "ttyUSB0" is not the path of a device`}},
		{name: "port and emulator", doc: "auth: {password: x}\nmodems: [{port: /dev/a, emulator: generic, number: '123'}]", want: []string{"t.yaml:2: modems[0].emulator: cannot be given together with port"}},
		{name: "emulator without a number", doc: "auth: {password: x}\nmodems: [{emulator: generic}]", want: []string{"t.yaml:2: modems[0].number: is needed with emulator"}},
		{name: "unknown emulator", doc: "auth: {password: x}\nmodems: [{emulator: generik, number: '123'}]", want: []string{`t.yaml:2: modems[0].emulator: "generik" is none of generic, huawei-stick, zte, sim800, sim7600, quectel-ec25, quectel-m26, u-blox, telit, cinterion, wavecom, gobi, nokia, samsung-galaxy, pantech, motorola-text, huawei, ec25: did you mean generic?`}},
		{name: "equal names", doc: "auth: {password: x}\nmodems:\n- {name: a, port: /dev/a}\n- {name: A, port: /dev/b}", want: []string{`t.yaml:4: modems[1].name: "a" is that of modems[0], too`}},
		{name: "equal ports", doc: "auth: {password: x}\nmodems:\n- port: /dev/a\n- port: /dev/./a", want: []string{`t.yaml:4: modems[1].port: "/dev/a" is that of modems[0], too`}},
		{name: "name with a blank", doc: "auth: {password: x}\nmodems: [{port: /dev/a, name: my modem}]", want: []string{`t.yaml:2: modems[0].name: "my modem" cannot be a name`}},
		{name: "number of letters", doc: "auth: {password: x}\nmodems: [{port: /dev/a, number: mine}]", want: []string{`t.yaml:2: modems[0].number: "mine" is not a telephone number`}},
		{name: "empty password", doc: "auth: {password: ''}\nmodems: [{port: /dev/a}]", want: []string{"t.yaml:1: auth.password: this value is empty"}},
		{name: "no password", doc: "auth: {username: x}\nmodems: [{port: /dev/a}]", want: []string{"t.yaml:1: auth.password: is not set"}},
		{name: "empty password file", doc: "auth: {password_file: /empty}\nmodems: [{port: /dev/a}]", want: []string{"t.yaml:1: auth.password_file: /empty is empty"}},
		{name: "missing password file", doc: "auth: {password_file: /gone}\nmodems: [{port: /dev/a}]", want: []string{"t.yaml:1: auth.password_file: cannot be read: open /gone: "}},
		{name: "password and hash", doc: "auth:\n  password: x\n  password_hash: $2a$04$Ot9RnZrBRRBDEYiS7nZoJOP6sY7D6tW4/TjlOaZ9FzmVm9ZAXLHDK\nmodems: [{port: /dev/a}]", want: []string{"t.yaml:3: auth.password_hash: cannot be given together with password"}},
		{name: "not a hash", doc: "auth: {password_hash: 5f4dcc}\nmodems: [{port: /dev/a}]", want: []string{"t.yaml:1: auth.password_hash: this value is not a bcrypt hash"}},
		{name: "user name with a colon", doc: "auth: {username: 'a:b', password: x}\nmodems: [{port: /dev/a}]", want: []string{`t.yaml:1: auth.username: "a:b" cannot be a user name`}},
		{name: "example password in the open", doc: "listen: :8080\nauth: {password: change-me}\nmodems: [{port: /dev/a}]", want: []string{`t.yaml:2: auth.password: is still "change-me" although others can reach listen :8080`}},
		{name: "unknown variable", doc: ok, env: []string{"TETHERD_SEND_ATEMPTS=1"}, want: []string{"TETHERD_SEND_ATEMPTS: unknown variable: did you mean TETHERD_SEND_ATTEMPTS?"}},
		{name: "unheard of variable", doc: ok, env: []string{"TETHERD_XYZZY_PLUGH_FROTZ=1"}, want: []string{`TETHERD_XYZZY_PLUGH_FROTZ: unknown variable: "tetherd config print"`}},
		{name: "variable of an odd index", doc: ok, env: []string{"TETHERD_MODEMS_00_PORT=/dev/b"}, want: []string{"TETHERD_MODEMS_00_PORT: unknown variable: did you mean TETHERD_MODEMS_0_PORT?"}},
		{name: "bad variable", doc: ok, env: []string{"TETHERD_MODEMS_0_PIN=12"}, want: []string{"TETHERD_MODEMS_0_PIN: modems[0].pin: a PIN has 4 to 8 digits"}},
		{name: "gap in the variables", doc: ok, env: []string{"TETHERD_MODEMS_2_PORT=/dev/c"}, want: []string{"TETHERD_MODEMS_1_PORT: modems[1]: the entries of a list count from 0 without gaps"}},
		{name: "rules as mapping", doc: ok + "routing: {rules: {prefix: '+49'}}", want: []string{"t.yaml:3: routing.rules: expected a list"}},
		{name: "empty rule", doc: ok + "routing:\n  rules:\n  - fallback: true", want: []string{"t.yaml:5: routing.rules[0].prefix: is missing", "t.yaml:5: routing.rules[0].modem: is missing"}},
		{name: "rule for letters", doc: ok + "routing: {rules: [{prefix: de, modem: modem1}]}", want: []string{`t.yaml:3: routing.rules[0].prefix: "de" cannot be how a number begins`}},
		{name: "rule for a modem that is not there", doc: ok + "routing: {rules: [{prefix: '+', modem: [modem1, office]}]}", want: []string{`t.yaml:3: routing.rules[0].modem: "modem1, office" names no modem: there is no office; the modems are modem1`}},
		{name: "two rules for a prefix", doc: ok + "routing:\n  rules:\n  - {prefix: '+49', modem: modem1}\n  - {prefix: '+49', modem: modem1}", want: []string{`t.yaml:6: routing.rules[1].prefix: "+49" is that of routing.rules[0], too`}},
		{name: "rule with an odd fallback", doc: ok + "routing: {rules: [{prefix: '+', modem: modem1, fallback: maybe}]}", want: []string{`t.yaml:3: routing.rules[0].fallback: "maybe" is neither true nor false`}},
		{name: "gap in the rules", doc: ok, env: []string{"TETHERD_ROUTING_RULES_1_PREFIX=+49", "TETHERD_ROUTING_RULES_1_MODEM=modem1"}, want: []string{
			"TETHERD_ROUTING_RULES_0_PREFIX: routing.rules[0]: the entries of a list count from 0",
		}},
		{name: "rival variables", doc: ok, env: []string{"TETHERD_AUTH_PASSWORD=a", "TETHERD_AUTH_PASSWORD_FILE=/pin"}, want: []string{"TETHERD_AUTH_PASSWORD_FILE: auth.password_file: cannot be given together with password"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(Input{Name: "t.yaml", Data: []byte(tt.doc), Env: tt.env, ReadFile: files(map[string]string{"/empty": "\n", "/pin": "12ab"})})
			if err == nil {
				t.Fatal("Parse found nothing wrong")
			}
			ps, ok := err.(Problems)
			if !ok {
				t.Fatalf("error is a %T, want Problems: %v", err, err)
			}
			got := make([]string, len(ps))
			for i, p := range ps {
				got[i] = p.Error()
				if i < len(tt.want) && strings.HasPrefix(got[i], tt.want[i]) {
					got[i] = tt.want[i]
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems, cut to the expected beginning (-want +got)\n%s", diff)
			}
		})
	}
}

func TestProblemsKeepSecrets(t *testing.T) {
	const secret = "do-not-show-this"
	for _, doc := range []string{
		"auth: {password_hash: " + secret + "}",
		"modems: [{port: /dev/a, pin: " + secret + "}]",
		"auth: {password: {x: " + secret + "}}",
		"auth: {password: " + secret + ", password: " + secret + "}",
	} {
		_, err := Parse(Input{Name: "t.yaml", Data: []byte(doc)})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: error %v, want one without the secret", doc, err)
		}
	}
}
