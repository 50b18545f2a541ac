package format

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	texttemplate "text/template"
	"text/template/parse"

	"tetherd/gateway"
)

// maxTemplate is the most that a template may have, in bytes. A template has no
// loops, so its length bounds how long it runs.
const maxTemplate = 16 << 10

// maxQuery is the most that is sent as a query, in bytes: common receivers refuse
// request lines of more than 8 KiB.
const maxQuery = 6 << 10

// template is the format that the owner of the webhook writes: a Go template on a
// [View]. Output that is to be JSON is read and written again, as a fixed point.
var template = Format{Name: gateway.FormatTemplate, Title: "own template", Timeout: usualTimeout, Retries: usualRetries}

// renderTemplate returns what the template of the webhook makes of an event.
func renderTemplate(v *View) (Body, error) {
	r := &v.in.Rendering
	t, err := parseTemplate(r.Template)
	if err != nil {
		return Body{}, err
	}
	var out limited
	if err := t.Execute(&out, v); err != nil {
		return Body{}, fmt.Errorf("run template for %s: %w", v.Event, err)
	}
	b := Body{Method: r.Method, ContentType: r.ContentType, Bytes: out.b, Thin: v.Thin}
	if b.Method == "" {
		b.Method = http.MethodPost
	}
	if b.Method == http.MethodGet {
		if b.ContentType, b.Bytes = "", escapeQuery(out.b); len(b.Bytes) > maxQuery {
			return Body{}, fmt.Errorf("template output for %s: %w", v.Event, errTooLong)
		}
		return b, nil
	}
	if b.ContentType == "" {
		b.ContentType = contentTypeJSON
	}
	if isJSON(b.ContentType) {
		if b.Bytes, err = normalJSON(out.b); err != nil {
			return Body{}, fmt.Errorf("template output for %s is not JSON: %w", v.Event, err)
		}
	}
	return b, nil
}

// normalJSON returns b, an object or an array, as a fixed point.
func normalJSON(b []byte) ([]byte, error) {
	v, err := parseJSON(b)
	if err != nil {
		return nil, err
	}
	switch v.(type) {
	case object, array:
		return v.appendJSON(nil), nil
	}
	return nil, errors.New("it is neither an object nor an array")
}

// validContentType reports whether c is one media type, with parameters or without,
// that may stand in a header.
func validContentType(c string) bool {
	media, _, err := mime.ParseMediaType(c)
	return err == nil && strings.Contains(media, "/") && len(c) <= 128 &&
		!strings.ContainsFunc(c, func(r rune) bool { return r < ' ' || r > '~' })
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == contentTypeJSON || strings.HasSuffix(media, "+json"))
}

// escapeQuery returns q with what may not be in the query of a URL escaped.
func escapeQuery(q []byte) []byte {
	const allowed = "-._~!$&'()*+,;=:@/?%"
	out := make([]byte, 0, len(q))
	for _, c := range q {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(allowed, c) >= 0:
			out = append(out, c)
		default:
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return out
}

const upperHex = "0123456789ABCDEF"

// parseTemplate parses a template and refuses what might not come to an end.
func parseTemplate(text string) (*texttemplate.Template, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return nil, errors.New("template must not be empty")
	case len(text) > maxTemplate:
		return nil, fmt.Errorf("template has %d bytes, %d are allowed", len(text), maxTemplate)
	}
	t, err := texttemplate.New("template").Funcs(templateFuncs).Parse(text)
	if err != nil {
		return nil, err
	}
	for _, d := range t.Templates() {
		if d.Name() != t.Name() {
			return nil, fmt.Errorf("template must not define %q: define and block are not available", d.Name())
		}
	}
	return t, checkNodes(t.Root)
}

// checkNodes refuses loops and calls of other templates, which could call
// themselves.
func checkNodes(n parse.Node) error {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, c := range n.Nodes {
			if err := checkNodes(c); err != nil {
				return err
			}
		}
	case *parse.IfNode:
		return errors.Join(checkNodes(n.List), checkNodes(n.ElseList))
	case *parse.WithNode:
		return errors.Join(checkNodes(n.List), checkNodes(n.ElseList))
	case *parse.TextNode, *parse.ActionNode, *parse.CommentNode:
	default:
		return fmt.Errorf("template must not contain %s: there are if and with, no loops and no templates within templates", n)
	}
	return nil
}

// errTooLong is the error of a template whose output is longer than MaxBody, or
// maxQuery.
var errTooLong = fmt.Errorf("it is longer than %d bytes, or %d with method GET", MaxBody, maxQuery)

// limited takes in MaxBody bytes.
type limited struct{ b []byte }

func (l *limited) Write(b []byte) (int, error) {
	if len(l.b)+len(b) > MaxBody {
		return 0, errTooLong
	}
	l.b = append(l.b, b...)
	return len(b), nil
}
