package format

import (
	"strings"
	"time"

	"tetherd/gateway"
)

// utcSeconds returns t in UTC, in whole seconds.
func utcSeconds(t time.Time) str { return str(t.UTC().Format("2006-01-02T15:04:05Z")) }

// utcMillis returns t in UTC, with milliseconds.
func utcMillis(t time.Time) str { return str(t.UTC().Format("2006-01-02T15:04:05.000Z")) }

// orNull returns s, or null if it is not known.
func orNull(s string) value {
	if s == "" {
		return null{}
	}
	return str(s)
}

// prefixed returns id with the prefix by which a product tells kinds of
// identifiers apart, or null if there is none.
func prefixed(prefix, id string) value {
	if id == "" || strings.HasPrefix(id, prefix) {
		return orNull(id)
	}
	return str(prefix + id)
}

// marked adds to o that content was left out.
func (v *View) marked(o object) object {
	if v.Thin {
		o = append(o, member{"thin", boolean(true)})
	}
	return o
}

// addPart adds to o which part of a message was delivered, for webhooks that are
// told of each.
func (v *View) addPart(o object) object {
	p, ok := v.event.Payload.(gateway.MessageDelivered)
	if !ok || p.Part == 0 {
		return o
	}
	return append(o, member{"part", integer(p.Part)}, member{"parts", integer(p.Parts)})
}
