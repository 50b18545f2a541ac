package receivers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/format"
	"tetherd/webhook/receivers"
)

// pair is a secret of ours, and what the receiver knows of it.
type pair struct{ ours, theirs string }

// shared are the secret that webhooks have, and the one that takes its place. Every
// format can use them: as text, or as the base64 they hold.
var shared = [2]pair{
	{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="},
	{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfNjMlfYzM=", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfNjMlfYzM="},
}

// keys are pairs of keys for Ed25519: of the tests 1 and 2 of RFC 8032.
var keys = [2]pair{
	{"whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=", "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
	{"whsk_TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs=", "whpk_PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="},
}

// hostile is a text that breaks signatures over a body that is written again, unless
// it was written as JavaScript would.
const hostile = "Hi <b>\"Bob\"</b> & co\u2028\u2029€😀\\/\b\t\n\f\r\x00\x1b\x7f\u0085\ufeff\xff'"

// variant is a way to set up a webhook, and the rules of receivers that verify it.
type variant struct {
	name      string
	format    *format.Format
	rendering gateway.Rendering
	secrets   [2]pair
	rules     []string
	// bodies is set if nothing differs from another variant but what is in the body: it
	// is tried with genuine requests alone, at one receiver that parses them.
	bodies bool
}

// variants returns every format, every signature beside those of the formats, and
// whatever changes bodies.
func variants(t *testing.T) []variant {
	t.Helper()
	var vs []variant
	for _, f := range format.Formats() {
		v := variant{name: string(f.Name), format: f, secrets: shared, rules: []string{string(f.Name), "reserialised"}}
		v.rendering = gateway.Rendering{Rev: 1, Format: f.Name}
		if f.Name == gateway.FormatTemplate {
			v.rendering.Template = `{"event": {{.Event | json}}, "text": {{.Text | json}}}`
		}
		vs = append(vs, v)

		thin, extended := v, v
		thin.name, thin.rendering.Thin = v.name+" without content", true
		extended.name, extended.rendering.Extended = v.name+" with all events", true
		for _, v := range []variant{thin, extended} {
			v.rules, v.bodies = []string{"reserialised"}, true
			vs = append(vs, v)
		}
		switch f.Name {
		case gateway.FormatStandard:
			github, stripe, pairs := v, v, v
			github.name, github.rules, github.rendering.Signature = "signature of GitHub", []string{"github"}, "github"
			stripe.name, stripe.rules, stripe.rendering.Signature = "signature of Stripe", []string{"stripe"}, "stripe"
			pairs.name, pairs.rules, pairs.secrets = "Ed25519", []string{"ed25519"}, keys
			vs = append(vs, github, stripe, pairs)
		case gateway.FormatTemplate:
			v.name, v.rules = "query", []string{"query"}
			v.rendering.Method, v.rendering.Template = "GET", `event={{.Event | urlquery}}&text={{.Text | urlquery}}`
			vs = append(vs, v)
		}
	}
	return vs
}

// events returns one event of each type that a variant carries, and one whose text is
// hostile.
func (v *variant) events() []gateway.Event {
	at := time.Date(2026, 6, 22, 15, 46, 11, 123_000_000, time.FixedZone("", 7*3600))
	hostileEvent := question()
	hostileEvent.Payload = gateway.MessageReceived{
		MessageID: "9f3a01bd", Sender: "Bob & <Co>", SIM: 1, Modem: "office", Text: hostile, ReceivedAt: at,
	}
	all := []gateway.Event{hostileEvent}
	for _, t := range gateway.EventTypes {
		if v.format.Carries(t, &v.rendering) {
			all = append(all, format.Sample(t, at))
		}
	}
	return all
}

// question returns an event that every format carries.
func question() gateway.Event {
	at := time.Date(2026, 6, 22, 15, 46, 11, 0, time.FixedZone("", 7*3600))
	return gateway.Event{At: at, Payload: gateway.MessageReceived{
		MessageID: "9f3a01bc", Sender: "+6505551212", SIM: 1, Modem: "office", Text: "What are your hours?", ReceivedAt: at,
	}}
}

// hosts are what starts receivers; each starts its own, or skips the test.
var hosts = []struct {
	name  string
	start func(testing.TB) *receivers.Host
}{
	{"go", receivers.StartGo},
	{"node", receivers.StartNode},
	{"python", receivers.StartPython},
}

// bench is where a webhook meets a kind of receiver.
type bench struct {
	*testing.T
	*world
	variant
	host *receivers.Host
	kind string
	rule string // of the kind
}

// onEachBench runs a test with every variant and every kind of receiver for it.
func onEachBench(t *testing.T, test func(bench)) {
	for _, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			host := h.start(t)
			w := newWorld(t)
			for _, v := range variants(t) {
				for _, kind := range host.Kinds {
					rule := receivers.Rule(kind)
					if !slices.Contains(v.rules, rule) || v.bodies && h.name == "node" && kind != "express5/reserialised" {
						continue
					}
					t.Run(v.name+" at "+kind, func(t *testing.T) {
						t.Parallel()
						test(bench{T: t, world: w, variant: v, host: host, kind: kind, rule: rule})
					})
				}
			}
		})
	}
}

// verifies reports whether signatures make a difference here, and are not tried
// elsewhere in the same way.
func (b *bench) verifies() bool {
	elsewhere := b.rule == "reserialised" && (b.kind == "express4/reserialised" || b.kind == "fastify/reserialised")
	return signatures[b.rule] != "" && !b.bodies && !elsewhere
}

// endpoint returns a webhook that goes to a receiver at url.
func (b *bench) endpoint(url string) gateway.Endpoint {
	r := b.rendering
	if r.Format == gateway.FormatCloudEvents && strings.HasPrefix(b.kind, "fastify/") {
		r.ContentType = "application/json" // its parser refuses all others
	}
	return gateway.Endpoint{
		URL: url, Events: gateway.EventTypes, Rendering: r, Timeout: time.Minute, Secrets: []gateway.Secret{{Key: b.secrets[0].ours}},
	}
}
