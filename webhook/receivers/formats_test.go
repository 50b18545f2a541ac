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

// secret is one that every format can use: as text, or as the base64 it holds.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="

// hostile is a text that breaks signatures over a body that is written again, unless
// it was written as JavaScript would.
const hostile = "Hi <b>\"Bob\"</b> & co\u2028\u2029€😀\\/\t\r\n\x00\x1b\x7f\u0085\ufeff\xff'"

// rulesOf returns the rules by which receivers of a format verify.
func rulesOf(f gateway.Format) []string {
	if f == gateway.FormatTemplate {
		return []string{"reserialised"}
	}
	return []string{string(f), "reserialised"}
}

// events returns one event of each type that a format carries, and one whose text is
// hostile.
func events(f *format.Format) []gateway.Event {
	at := time.Date(2026, 6, 22, 15, 46, 11, 123_000_000, time.FixedZone("", 7*3600))
	hostileEvent := question()
	hostileEvent.Payload = gateway.MessageReceived{
		MessageID: "9f3a01bd", Sender: "Bob & <Co>", SIM: 1, Modem: "office", Text: hostile, ReceivedAt: at,
	}
	all := []gateway.Event{hostileEvent}
	for _, t := range gateway.EventTypes {
		if f.Carries(t, &gateway.Rendering{Format: f.Name}) {
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

// template writes an event of any type.
const template = `{"event": {{.Event | json}}, "text": {{.Text | json}}}`

// hosts are what starts receivers; each starts its own, or skips the test.
var hosts = []struct {
	name  string
	start func(testing.TB) *receivers.Host
}{
	{"go", receivers.StartGo},
	{"node", receivers.StartNode},
	{"python", receivers.StartPython},
}

// bench is where a format meets a kind of receiver.
type bench struct {
	*testing.T
	*world
	host   *receivers.Host
	format *format.Format
	kind   string
	rule   string // of the kind
}

// onEachBench runs a test with every format and every kind of receiver for it.
func onEachBench(t *testing.T, test func(bench)) {
	for _, h := range hosts {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			host := h.start(t)
			w := newWorld(t)
			for _, f := range format.Formats() {
				for _, kind := range host.Kinds {
					rule := receivers.Rule(kind)
					if !slices.Contains(rulesOf(f.Name), rule) {
						continue
					}
					t.Run(string(f.Name)+" at "+kind, func(t *testing.T) {
						t.Parallel()
						test(bench{T: t, world: w, host: host, format: f, kind: kind, rule: rule})
					})
				}
			}
		})
	}
}

// endpoint returns a webhook of the format that goes to a receiver at url.
func (b *bench) endpoint(url string) gateway.Endpoint {
	r := gateway.Rendering{Rev: 1, Format: b.format.Name}
	switch b.format.Name {
	case gateway.FormatTemplate:
		r.Template = template
	case gateway.FormatCloudEvents:
		if strings.HasPrefix(b.kind, "fastify/") {
			r.ContentType = "application/json" // its parser refuses all others
		}
	}
	return gateway.Endpoint{
		URL: url, Events: gateway.EventTypes, Rendering: r, Secrets: []gateway.Secret{{Key: secret}},
	}
}
