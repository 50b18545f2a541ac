package format

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tetherd/gateway"
)

// Check returns an error for people, which names the field, if a webhook could not be
// sent the events that it is registered for. It translates the names that the product
// has for them into the gateway's, and leaves unknown ones as they are.
func Check(e *gateway.Endpoint) error {
	f, ok := Lookup(e.Format)
	if !ok {
		return errFormat(e.Format)
	}
	var events []gateway.EventType
	for _, name := range e.Events {
		ts, ok := f.Events(string(name))
		if !ok {
			ts = []gateway.EventType{name}
		}
		events = append(events, ts...)
	}
	if len(events) == 0 && len(e.Events) > 0 {
		return fmt.Errorf("events must contain something that can happen: SMS has nothing like %s", e.Events[0])
	}
	e.Events = events
	e.Method = strings.ToUpper(e.Method)
	if len(e.Secrets) > 0 {
		if err := f.CheckSecret(e.Secrets[0].Key); err != nil {
			return err
		}
	}
	return CheckRendering(&e.Rendering, slices.DeleteFunc(slices.Clone(events), func(t gateway.EventType) bool { return !t.Valid() }))
}

func errFormat(name gateway.Format) error {
	return fmt.Errorf("format must be %s, not %q", Names(), string(name))
}

// CheckRendering returns an error for people, which names the field, if a webhook
// with the given rendering could not be sent events of the given types. A template
// is tried out with a sample of each.
func CheckRendering(r *gateway.Rendering, events []gateway.EventType) error {
	f, ok := Lookup(r.Format)
	if !ok {
		return errFormat(r.Format)
	}
	if err := f.checkOptions(r); err != nil {
		return err
	}
	for _, t := range events {
		if !f.Carries(t, r) {
			return f.notCarried(t, r)
		}
	}
	if f.Name == gateway.FormatTemplate {
		return tryTemplate(r, events)
	}
	return nil
}

func (f *Format) checkOptions(r *gateway.Rendering) error {
	isTemplate := f.Name == gateway.FormatTemplate
	switch {
	case r.Template != "" && !isTemplate:
		return fmt.Errorf("template is for format template alone, not %s", f.Name)
	case r.Method != "" && !isTemplate && r.Method != http.MethodPost:
		return fmt.Errorf("method must be POST with format %s; format template allows GET and PUT, too", f.Name)
	case r.Method != "" && isTemplate && !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut}, r.Method):
		return fmt.Errorf("method must be POST, PUT or GET, not %q", r.Method)
	case r.Kind != "" && f.kinds == nil:
		return fmt.Errorf("kind is for format smobi alone, not %s", f.Name)
	case r.Kind != "" && !slices.Contains(f.kinds, r.Kind):
		return fmt.Errorf("kind must be %s or left out with format %s, not %q", strings.Join(f.kinds, ", "), f.Name, r.Kind)
	case r.Signature != "" && extras[r.Signature] == nil:
		return fmt.Errorf("signature must be %s or left out, not %q", strings.Join(slices.Sorted(maps.Keys(extras)), ", "), r.Signature)
	}
	return f.checkContentType(r)
}

func (f *Format) checkContentType(r *gateway.Rendering) error {
	c := r.ContentType
	switch {
	case c == "":
		return nil
	case f.Name == gateway.FormatTemplate:
		if r.Method == http.MethodGet {
			return errors.New("contentType must be left out with method GET, which has no body")
		}
		if !validContentType(c) {
			return fmt.Errorf("contentType must be a media type such as application/json or text/plain; charset=utf-8, not %q", c)
		}
	case f.contentTypes == nil && c != contentTypeJSON:
		return fmt.Errorf("contentType must be %s with format %s: its receivers verify and parse no other", contentTypeJSON, f.Name)
	case f.contentTypes != nil && !slices.Contains(f.contentTypes, c):
		return fmt.Errorf("contentType must be %s with format %s, not %q", strings.Join(f.contentTypes, " or "), f.Name, c)
	}
	return nil
}

// notCarried says why events of type t do not go to a webhook.
func (f *Format) notCarried(t gateway.EventType, r *gateway.Rendering) error {
	if f.carries != nil && !f.carries(t, r) {
		return fmt.Errorf("events must not contain %s with format %s and kind %q", t, f.Name, r.Kind)
	}
	return fmt.Errorf("events must not contain %s with format %s, which has no such event: set extendedEvents to have it all the same", t, f.Name)
}

// tryTemplate runs a template on a sample of each event.
func tryTemplate(r *gateway.Rendering, events []gateway.EventType) error {
	if len(events) == 0 {
		events = gateway.EventTypes
	}
	in := Input{DeviceID: "device", Webhook: &gateway.Endpoint{ID: "webhook"}, Rendering: *r, Delivery: "delivery"}
	for _, t := range events {
		e := Sample(t, time.Unix(0, 0).UTC())
		in.Event = &e
		if err := tryOne(&in); err != nil {
			return fmt.Errorf("template cannot be used: %w", err)
		}
		hostile := difficult(e)
		in.Event = &hostile
		if err := tryOne(&in); err != nil {
			return fmt.Errorf("template cannot be used with a text that contains quotes and line breaks: %w: write {{json .Text}}, without quotes around it", err)
		}
	}
	return nil
}

func tryOne(in *Input) error {
	_, err := Render(in)
	return err
}
