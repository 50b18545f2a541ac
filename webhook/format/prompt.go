package format

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"tetherd/gateway"
)

// Prompt returns a text that asks a programmer, or a tool that writes programs, for a
// receiver for e, which is registered for the given types of events. It contains no
// secret: neither the one that signs nor what of the URL may be one.
func (f *Format) Prompt(e *gateway.Endpoint, events []gateway.EventType) string {
	timeout := e.Timeout
	if timeout == 0 {
		timeout = f.Timeout
	}
	var s strings.Builder
	p := func(layout string, a ...any) { fmt.Fprintf(&s, layout+"\n", a...) }
	p("Help me build a receiver for webhooks of my SMS gateway, tetherd.")
	p("")
	p("**I want to:**")
	p("- Receive these events: %s", f.listNames(events))
	p("- Verify the signatures, so that nobody else can send me events")
	p("- Store the events in my database, each once")
	p("")
	p("**Context:**")
	p("- I use Python with FastAPI (or Node.js with Express: your choice)")
	p("- My webhook's URL is %s", publicURL(e.URL))
	p("- The gateway sends %s requests in the format %q (%s)", methodOf(e), f.Name, f.Title)
	for _, line := range f.signatureFacts(e.Secrets) {
		p("- %s", line)
	}
	p("- The secret is in the environment variable WEBHOOK_SECRET; it must not be in the code or in a log")
	p("- While the secret is replaced, Webhook-Signature holds a signature by the old and one by the new secret, separated by a space")
	p("- A delivery is repeated until it is answered with a 2xx status. Webhook-Id is the same in all its attempts, Webhook-Attempt counts them")
	p("")
	for i, t := range events {
		if i == 3 {
			break
		}
		p("**Example, %s:**", f.EventName(t))
		p("")
		p("    %s", f.example(e, t))
		p("")
	}
	p("**Please provide:**")
	p("1. A complete HTTP endpoint that receives the webhooks")
	p("2. The verification of the signature over the raw body, before it is parsed, with a comparison in constant time")
	p("3. Error handling: 400 for malformed JSON, 401 for a signature that is missing or does not fit")
	p("4. An example of each payload, for my tests; unknown members must be ignored")
	p("5. How to register the URL: POST to /webhooks of the gateway, with its user name and password, %s", f.registration(e, events))
	p("")
	p("**Constraints:**")
	p("- Standard library only for the verification, no webhook framework")
	p("- Answer with status 200 within %s and do the work afterwards", timeout.Round(time.Millisecond))
	p("- Log errors, without the numbers and the texts of messages")
	return s.String()
}

func (f *Format) listNames(events []gateway.EventType) string {
	var names []string
	for _, t := range events {
		name := f.EventName(t)
		if name != string(t) {
			name += " (" + string(t) + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// signatureFacts says how requests are signed, a sentence for each way.
func (f *Format) signatureFacts(secrets []gateway.Secret) []string {
	var facts []string
	if s := f.own; s != nil {
		signed := "the raw body"
		if s.stamp != "" {
			signed = "the raw body followed by the value of " + s.stamp + " (Unix time in seconds, reject it if it differs from now by more than 5 minutes)"
		}
		facts = append(facts, fmt.Sprintf("The header %s is %s and the lower-case hex HMAC-%s of %s; the key is the text of the secret as it is, with its prefix",
			s.header, quotedPrefix(s.prefix), strings.ToUpper(s.hash), signed))
	}
	if len(secrets) > 0 {
		if public, ok := PublicKey(secrets[0].Key); ok {
			return append(facts, "The header Webhook-Signature follows Standard Webhooks: a list of v1a, and the base64 Ed25519 signature of "+
				"Webhook-Id, a dot, Webhook-Timestamp, a dot and the raw body; the public key is "+public)
		}
	}
	return append(facts, "The header Webhook-Signature follows Standard Webhooks: a list of v1, and the base64 HMAC-SHA256 of "+
		"Webhook-Id, a dot, Webhook-Timestamp, a dot and the raw body; the key is the base64 after whsec_, decoded")
}

func quotedPrefix(prefix string) string {
	if prefix == "" {
		return "no prefix"
	}
	return `"` + prefix + `"`
}

// example returns the body of a sample.
func (f *Format) example(e *gateway.Endpoint, t gateway.EventType) string {
	sample := Sample(t, time.Date(2026, 6, 22, 15, 46, 11, 0, time.UTC))
	b, err := Render(&Input{DeviceID: "device", Webhook: e, Rendering: e.Rendering, Delivery: "Ey6ECgOkVVFjz3CL48B8C", Event: &sample})
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(string(b.Bytes), "\n", "\n    ")
}

func (f *Format) registration(e *gateway.Endpoint, events []gateway.EventType) string {
	var types array
	for _, t := range events {
		types = append(types, str(t))
	}
	return string(object{{"url", str(publicURL(e.URL))}, {"format", str(f.Name)}, {"events", types}}.appendJSON(nil))
}

func methodOf(e *gateway.Endpoint) string {
	if e.Method == "" {
		return "POST"
	}
	return e.Method
}

// publicURL returns raw without credentials and query, which may be secret.
func publicURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(not a valid URL)"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
