package format

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"tetherd/gateway"
)

// MaxBody is the most that is sent in one delivery, in bytes. Common receivers
// refuse more than 100 KiB.
const MaxBody = 64 << 10

const contentTypeJSON = "application/json"

// Input is what a body is made of.
type Input struct {
	DeviceID  string            // of the gateway
	Webhook   *gateway.Endpoint // to which the event goes
	Rendering gateway.Rendering // of the webhook when the event happened
	Delivery  string            // id, the same in all attempts
	Event     *gateway.Event
}

// Body is what is sent, apart from headers.
type Body struct {
	Method      string // POST, PUT or GET
	ContentType string // empty with GET
	Bytes       []byte // what is signed: the body, or with GET the query, which is to be added to the URL
	Thin        bool   // without content
}

// Target returns the URL that b is sent to, given that of the webhook.
func (b *Body) Target(url string) string {
	if b.Method != http.MethodGet || len(b.Bytes) == 0 {
		return url
	}
	url, fragment, found := strings.Cut(url, "#")
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	url += separator + string(b.Bytes)
	if found {
		url += "#" + fragment
	}
	return url
}

// Content returns what is sent in the body of the request.
func (b *Body) Content() []byte {
	if b.Method == http.MethodGet {
		return nil
	}
	return b.Bytes
}

// Render returns the body of a delivery. It depends on nothing but in, so it is the
// same for every attempt. Content that does not fit into [MaxBody] is left out, and
// the body is marked as one without. An error is the fault of the template, or of an
// event that is too large without its content.
func Render(in *Input) (Body, error) {
	f, ok := Lookup(in.Rendering.Format)
	if !ok {
		return Body{}, fmt.Errorf("render event: unknown format %q", string(in.Rendering.Format))
	}
	thin := in.Rendering.Thin
	b, err := f.write(in, thin)
	if !thin && (len(b.Bytes) > MaxBody || errors.Is(err, errTooLong)) {
		b, err = f.write(in, true)
	}
	if err != nil {
		return Body{}, err
	}
	if len(b.Bytes) > MaxBody {
		return Body{}, fmt.Errorf("render event: %d bytes even without content, %d are allowed", len(b.Bytes), MaxBody)
	}
	return b, nil
}

func (f *Format) write(in *Input, thin bool) (Body, error) {
	v, err := newView(in, thin)
	if err != nil {
		return Body{}, err
	}
	if f.render == nil {
		return renderTemplate(v)
	}
	v.name = f.EventName(in.Event.Type())
	o, err := f.render(v)
	if err != nil {
		return Body{}, err
	}
	b := Body{Method: http.MethodPost, ContentType: contentTypeJSON, Bytes: o.appendJSON(nil), Thin: thin}
	switch {
	case f.contentTypes == nil:
	case in.Rendering.ContentType != "":
		b.ContentType = in.Rendering.ContentType
	default:
		b.ContentType = f.contentTypes[0]
	}
	return b, nil
}
