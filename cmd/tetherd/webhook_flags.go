package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// webhookFlags are the options of a webhook on the command line.
type webhookFlags struct {
	name, format, kind            string
	events, modems                []string
	filter                        string
	extended, thin, perPart       bool
	template, method, contentType string
	signature                     string

	headers                  []string
	newSecret, sharedSecret  bool
	secretFile               string
	basic, bearer            string
	ca, cert, key            string
	serverName               string
	pins                     []string
	insecure                 bool
	timeout, retryBase       time.Duration
	retries, jitter          int
	schedule                 []string
	giveUpOn                 []int
	redirects                string
	rate                     float64
	burst, slots, maxPending int
	ordered, newest          bool
	keepOnGone               bool
}

// add adds the flags to a command.
func (w *webhookFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&w.name, "name", "", "`NAME` for people")
	f.StringSliceVar(&w.events, "event", nil, "`EVENT` to be told of, may be repeated")
	f.StringSliceVar(&w.modems, "modem", nil, "only events of this `MODEM`, may be repeated")
	f.StringVar(&w.filter, "filter", "", "only events that fit this filter, `JSON`")
	f.StringVar(&w.format, "format", "", "`FORMAT`: smsgate, infinireach, smobi, oneroute, integify, standard, cloudevents or template")
	f.StringVar(&w.kind, "kind", "", "with --format smobi: status or inbound, `KIND` of webhook there")
	f.BoolVar(&w.extended, "extended-events", false, "also events that the product of the format does not have")
	f.BoolVar(&w.thin, "thin", false, "without texts of messages: the receiver asks for them")
	f.BoolVar(&w.perPart, "per-part", false, "tell of the delivery of each part of a long message")
	f.StringVar(&w.template, "template", "", "with --format template: `FILE` with the template")
	f.StringVar(&w.method, "method", "", "with --format template: POST, PUT or GET, the HTTP `METHOD`")
	f.StringVar(&w.contentType, "content-type", "", "`TYPE` of the body, where the format leaves a choice")
	f.StringVar(&w.signature, "signature", "", "sign in this `MANNER`, too: github or stripe")

	f.StringArrayVar(&w.headers, "header", nil, "`LINE` to send with each request, \"Name: value\", may be repeated")
	f.BoolVar(&w.newSecret, "secret", false, "have a secret made for this webhook alone, and print it")
	f.StringVar(&w.secretFile, "secret-file", "", "take the secret from a `FILE`, \"-\" for the standard input")
	f.BoolVar(&w.sharedSecret, "shared-secret", false, "sign with the key of the gateway, as \"tetherd webhook key\" prints it")
	f.StringVar(&w.basic, "basic-file", "", "`FILE` with USER:PASSWORD for HTTP basic authentication")
	f.StringVar(&w.bearer, "bearer-file", "", "`FILE` with a token to send as Authorization: Bearer")
	f.StringVar(&w.ca, "ca-file", "", "`FILE` with the certificates to trust, PEM")
	f.StringVar(&w.cert, "cert-file", "", "`FILE` with the client's certificate, PEM")
	f.StringVar(&w.key, "key-file", "", "`FILE` with its key, PEM")
	f.StringVar(&w.serverName, "server-name", "", "`HOST` that the receiver's certificate is for, if not that of the URL")
	f.StringSliceVar(&w.pins, "pin", nil, "`SHA-256` of the receiver's public key, in hex, may be repeated")
	f.BoolVar(&w.insecure, "insecure", false, "accept any certificate: others can read what is sent")

	f.DurationVar(&w.timeout, "timeout", 0, "how long the receiver may take, such as 10s")
	f.IntVar(&w.retries, "retries", 0, "how often a failed delivery is tried again, 0 to 50")
	f.DurationVar(&w.retryBase, "retry-base", 0, "time before the first retry, doubling, such as 10s")
	f.StringSliceVar(&w.schedule, "retry-schedule", nil, "`TIMES` before each retry instead, such as 1m,5m,1h")
	f.IntVar(&w.jitter, "retry-jitter", 0, "percent that are added to these at most, 0 to 10")
	f.IntSliceVar(&w.giveUpOn, "give-up-on", nil, "HTTP `STATUS` after which a delivery is not tried again, may be repeated")
	f.StringVar(&w.redirects, "redirects", "", "`POLICY`: fail, follow or treat-as-success")
	f.Float64Var(&w.rate, "rate", 0, "attempts per second at most")
	f.IntVar(&w.burst, "burst", 0, "with --rate: attempts at once")
	f.IntVar(&w.slots, "slots", 0, "attempts under way at a time, 1 to 32")
	f.BoolVar(&w.ordered, "ordered", false, "strictly one after the other; one that fails holds up the rest")
	f.BoolVar(&w.newest, "newest-first", false, "after a failure send what is newest first")
	f.IntVar(&w.maxPending, "max-pending", 0, "deliveries that may wait; the oldest are dropped")
	f.BoolVar(&w.keepOnGone, "keep-on-gone", false, "do not pause when the receiver answers 410")
}

// fields returns the fields of the API that were given on the command line.
func (c *cli) webhookFields(cmd *cobra.Command, w *webhookFlags) (map[string]any, error) {
	p := &patch{cli: c, cmd: cmd, fields: make(map[string]any)}
	p.set("name", "name", w.name)
	p.set("event", "events", w.events)
	p.set("modem", "modems", w.modems)
	if p.given("filter") {
		if !json.Valid([]byte(w.filter)) {
			return nil, usagef("--filter is not JSON")
		}
		p.fields["filter"] = json.RawMessage(w.filter)
	}
	p.set("format", "format", w.format)
	p.set("kind", "kind", w.kind)
	p.set("extended-events", "extendedEvents", w.extended)
	p.set("thin", "payload", either(w.thin, "thin", "full"))
	p.set("per-part", "deliveredPer", either(w.perPart, "part", "message"))
	p.file("template", "template", w.template)
	p.set("method", "method", w.method)
	p.set("content-type", "contentType", w.contentType)
	p.set("signature", "signature", w.signature)
	p.security(w)
	p.flow(w)
	return p.fields, p.err
}

// patch collects fields. The first error stays.
type patch struct {
	cli    *cli
	cmd    *cobra.Command
	fields map[string]any
	err    error
}

func (p *patch) given(flag string) bool { return p.cmd.Flags().Changed(flag) }

// set sets a field, or one within another ("retry.max"), if the flag was given.
func (p *patch) set(flag, field string, value any) {
	if !p.given(flag) {
		return
	}
	outer, inner, nested := strings.Cut(field, ".")
	if !nested {
		p.fields[field] = value
		return
	}
	m, ok := p.fields[outer].(map[string]any)
	if !ok {
		m = make(map[string]any)
		p.fields[outer] = m
	}
	m[inner] = value
}

// file sets a field to what is in a file, if the flag was given.
func (p *patch) file(flag, field, name string) {
	if text := p.read(flag, name); text != "" {
		p.set(flag, field, text)
	}
}

// read returns what is in a file, if the flag was given.
func (p *patch) read(flag, name string) string {
	if !p.given(flag) || p.err != nil {
		return ""
	}
	text, err := p.cli.readSmall(name)
	if err != nil {
		p.err = fmt.Errorf("--%s: %w", flag, err)
	}
	return text
}

func (p *patch) security(w *webhookFlags) {
	for _, line := range w.headers {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			p.err = usagef("--header %q is not of the form \"Name: value\"", name)
			return
		}
		p.set("header", "headers."+strings.TrimSpace(name), strings.TrimSpace(value))
	}
	n := 0
	for _, flag := range []string{"secret", "secret-file", "shared-secret"} {
		if p.given(flag) {
			n++
		}
	}
	if n > 1 {
		p.err = usagef("--secret, --secret-file and --shared-secret exclude each other")
		return
	}
	p.set("secret", "secret", w.newSecret)
	p.set("shared-secret", "secret", !w.sharedSecret)
	if text := p.read("secret-file", w.secretFile); text != "" {
		p.set("secret-file", "secret", strings.TrimSpace(text))
	}
	if p.given("basic-file") && p.given("bearer-file") {
		p.err = usagef("--basic-file and --bearer-file exclude each other")
		return
	}
	if text := strings.TrimSpace(p.read("basic-file", w.basic)); text != "" {
		user, password, _ := strings.Cut(text, ":")
		p.set("basic-file", "auth", map[string]any{"type": "basic", "username": user, "password": password})
	}
	if text := strings.TrimSpace(p.read("bearer-file", w.bearer)); text != "" {
		p.set("bearer-file", "auth", map[string]any{"type": "bearer", "token": text})
	}
	p.file("ca-file", "tls.ca", w.ca)
	p.file("cert-file", "tls.cert", w.cert)
	p.file("key-file", "tls.key", w.key)
	p.set("server-name", "tls.serverName", w.serverName)
	p.set("pin", "tls.pins", w.pins)
	p.set("insecure", "tls.insecure", w.insecure)
}

func (p *patch) flow(w *webhookFlags) {
	p.set("timeout", "timeout", w.timeout.String())
	p.set("retries", "retry.max", w.retries)
	p.set("retry-base", "retry.base", w.retryBase.String())
	p.set("retry-schedule", "retry.schedule", w.schedule)
	p.set("retry-jitter", "retry.jitter", w.jitter)
	p.set("give-up-on", "retry.giveUpOn", w.giveUpOn)
	p.set("redirects", "redirects", w.redirects)
	p.set("rate", "rate.perSecond", w.rate)
	p.set("burst", "rate.burst", w.burst)
	p.set("slots", "slots", w.slots)
	p.set("ordered", "ordered", w.ordered)
	p.set("newest-first", "drain", either(w.newest, "newest-first", "oldest-first"))
	p.set("max-pending", "maxPending", w.maxPending)
	p.set("keep-on-gone", "disableOnGone", !w.keepOnGone)
}

func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// maxSmall bounds files that are read whole, in bytes.
const maxSmall = 1 << 20

// readSmall returns what is in a file that cannot be large, or comes from the
// standard input if its name is "-".
func (c *cli) readSmall(name string) (string, error) {
	in := c.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		defer f.Close() // it was only read
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxSmall+1))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	if len(b) > maxSmall {
		return "", fmt.Errorf("%s is larger than %d bytes", name, maxSmall)
	}
	return string(b), nil
}

// webhookField names a field of the API that a flag sets, for taking it back.
func webhookField(flag string) (string, bool) {
	i := slices.IndexFunc(webhookDefaults, func(d [2]string) bool { return d[0] == flag })
	if i < 0 {
		return "", false
	}
	return webhookDefaults[i][1], true
}

// webhookDefaults are the flags whose fields can be taken back to their defaults.
var webhookDefaults = [][2]string{
	{"name", "name"},
	{"modem", "modems"},
	{"filter", "filter"},
	{"format", "format"},
	{"kind", "kind"},
	{"template", "template"},
	{"method", "method"},
	{"content-type", "contentType"},
	{"signature", "signature"},
	{"header", "headers"},
	{"basic-file", "auth"},
	{"bearer-file", "auth"},
	{"ca-file", "tls"},
	{"cert-file", "tls"},
	{"pin", "tls"},
	{"timeout", "timeout"},
	{"retries", "retry"},
	{"retry-base", "retry"},
	{"retry-schedule", "retry"},
	{"give-up-on", "retry"},
	{"redirects", "redirects"},
	{"rate", "rate"},
	{"slots", "slots"},
	{"max-pending", "maxPending"},
}
