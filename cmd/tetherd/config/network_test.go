package config

import (
	"strings"
	"testing"
)

func TestNetworkProblems(t *testing.T) {
	for doc, want := range map[string]string{
		"tls: {mode: on}":                            `tls.mode: "on" is none of off, auto, files`,
		"tls: {mode: files, key_file: k}":            "tls.cert_file: is missing: with tls.mode files it names a file in PEM",
		"tls: {mode: files, cert_file: k}":           "tls.key_file: is missing",
		"tls: {mode: auto, cert_file: k}":            "tls.cert_file: is of no use with tls.mode auto: set tls.mode to files, or remove it",
		"tls: {key_file: k}":                         "tls.key_file: is of no use with tls.mode off",
		"network: {allow: home}":                     `network.allow: "home" has "home", which is neither an address`,
		"network: {allow: 'fe80::1%eth0'}":           `which is neither an address`,
		"network: {allow: [10.0.0.0/33]}":            `which is neither an address`,
		"network: {allow: [10.0.0.1/8]}":             "has 10.0.0.1/8, which has more digits than its length says: write 10.0.0.0/8",
		"network: {trusted_proxies: all}":            `network.trusted_proxies: "all" has "all"`,
		"network: {hosts: 'sms.lan:8080'}":           `network.hosts: "sms.lan:8080" has "sms.lan:8080", which is not the name of a machine`,
		"network: {hosts: ['https://sms.lan']}":      "which is not the name of a machine",
		"network: {hosts: '*.lan'}":                  "which is not the name of a machine",
		"network: {cors_origins: '*'}":               `network.cors_origins: "*" has "*", which is not where pages come from`,
		"network: {cors_origins: 'https://*.x.org'}": "which is not where pages come from",
		"network: {cors_origins: 'https://x.org/'}":  "which is not where pages come from",
		"network: {cors_origins: 'https://u@x.org'}": "which is not where pages come from",
		"network: {cors_origins: 'ftp://x.org'}":     "which is not where pages come from",
		"network: {cors_origins: 'null, x.org'}":     "which is not where pages come from",
	} {
		_, err := Parse(Input{Name: "t.yaml", Data: []byte(minimal + doc)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", doc, err, want)
		}
	}
}
