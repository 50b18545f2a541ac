package format

import (
	"slices"
	"strings"
	"time"

	"tetherd/gateway"
)

// Format is one way to write and sign events. It does not change and is safe for
// concurrent use.
type Format struct {
	Name    gateway.Format
	Title   string        // of the product or standard, for people
	Timeout time.Duration // of a whole exchange, unless the webhook has its own
	Retries int           // after the first attempt, unless the webhook has its own

	// events are what the product documents, by the names it has for them; nil if
	// the format has a place for everything.
	events map[gateway.EventType]string
	// aliases are other names that the product uses.
	aliases map[string][]gateway.EventType
	// kinds are those that a webhook may be of, beside all of them; nil: there are none.
	kinds []string
	// carries narrows events down by what the webhook asks for; nil: it does not.
	carries func(gateway.EventType, *gateway.Rendering) bool
	// own is the signature header of the product; nil if it has none.
	own *scheme
	// contentTypes are those that the webhook may choose from, the usual one first;
	// nil: application/json.
	contentTypes []string
	// render returns the body; nil for the template, which is no fixed object.
	render func(*View) (object, error)
}

const (
	usualTimeout = 30 * time.Second
	usualRetries = 14
)

// formats lists every format, in the order of the documentation. One more needs a
// file with its description, and a line here.
var formats = []*Format{
	&smsgate, &infiniReach, &smobi, &oneRoute, &integify, &standard, &cloudEvents, &template,
}

// Formats returns every format, in the order of the documentation.
func Formats() []*Format { return slices.Clone(formats) }

// Lookup returns the format of the given name, the one of the empty name being
// smsgate.
func Lookup(name gateway.Format) (*Format, bool) {
	if name == "" {
		name = gateway.FormatSMSGate
	}
	for _, f := range formats {
		if f.Name == name {
			return f, true
		}
	}
	return nil, false
}

// Names lists the names of all formats for people: "a, b or c".
func Names() string {
	names := make([]string, 0, len(formats))
	for _, f := range formats {
		names = append(names, string(f.Name))
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Carries reports whether events of type t go to webhooks with the given
// rendering: those that the product documents, and the others if it is extended.
func (f *Format) Carries(t gateway.EventType, r *gateway.Rendering) bool {
	if f.carries != nil && !f.carries(t, r) {
		return false
	}
	return f.events == nil || f.events[t] != "" || r.Extended
}

// EventName returns the name that events of type t have in the format.
func (f *Format) EventName(t gateway.EventType) string {
	if name := f.events[t]; name != "" {
		return name
	}
	if f.Name == gateway.FormatSMSGate || f.Name == gateway.FormatTemplate {
		return string(t)
	}
	return dotted(t)
}

// Events returns the types that name stands for at registration: the gateway's own
// name in both spellings, sms:data-received and sms.data_received, or one of the
// product. It reports false for an unknown name. A name of something that the
// product has and SMS has not, such as that a message was read, is known and stands
// for nothing.
func (f *Format) Events(name string) ([]gateway.EventType, bool) {
	for _, t := range gateway.EventTypes {
		if name == string(t) || name == dotted(t) {
			return []gateway.EventType{t}, true
		}
	}
	for _, t := range gateway.EventTypes { // some have one name: the plain one comes first
		if name != "" && f.events[t] == name {
			return []gateway.EventType{t}, true
		}
	}
	ts, ok := f.aliases[name]
	return slices.Clone(ts), ok
}

// dotted returns t in the spelling of Standard Webhooks, which has dots between
// words of letters, digits and underscores.
func dotted(t gateway.EventType) string {
	return strings.NewReplacer(":", ".", "-", "_").Replace(string(t))
}
