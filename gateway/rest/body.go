package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"tetherd/gateway"
)

// maxBody bounds the body of most requests, in bytes.
const maxBody = 1 << 20

// maxFields bounds the fields of an object: each costs many times what it is to send.
const maxFields = 1000

// readObject reads a request body that must be a JSON object, whatever its
// Content-Type says.
func readObject(w http.ResponseWriter, r *http.Request) (*object, error) {
	b, err := readBody(w, r, maxBody)
	if err != nil {
		return nil, err
	}
	return parseObject(b)
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if isTooLarge(err) {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	if errors.Is(err, errIntake) {
		return nil, err
	}
	if err != nil {
		return nil, &gateway.Error{Code: gateway.Invalid, Message: "the request body did not arrive whole", Err: err}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, gateway.Invalidf("the request body has Content-Encoding %s: send it as it is", strconv.Quote(e[:min(len(e), 20)]))
	}
	return b, nil
}

// readOptionalObject is readObject for a body that can be left out.
func readOptionalObject(w http.ResponseWriter, r *http.Request) (*object, error) {
	b, err := readBody(w, r, maxBody)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return &object{err: new(error)}, nil
	}
	return parseObject(b)
}

// parseObject reads a JSON object. Texts must be UTF-8: any other encoding would
// be sent as something that nobody wrote. Line ends and the like that stand in them as
// they are do no harm, although JSON forbids it: templates and shells write them.
func parseObject(b []byte) (*object, error) {
	b = bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\ufeff")))
	switch {
	case len(b) == 0:
		return nil, gateway.Invalidf("the request body is empty; it must be a JSON object")
	case !utf8.Valid(b):
		return nil, gateway.Invalidf("the request body is not valid UTF-8")
	case countItems(b) > maxFields && b[0] == '{':
		return nil, gateway.Invalidf("the request body has more than %d fields", maxFields)
	}
	var fields map[string]json.RawMessage
	err := json.Unmarshal(b, &fields)
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		if mended := escapeControls(b); mended != nil && json.Unmarshal(mended, &fields) == nil {
			return &object{fields: fields, err: new(error)}, nil
		}
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok || (err == nil && fields == nil) {
		return nil, gateway.Invalidf("the request body must be a JSON object, got %s", kindOf(b))
	}
	switch {
	case err != nil && isForm(b):
		return nil, gateway.Invalidf(`the request body is a form; it must be a JSON object, such as {"name":"value"}`)
	case err != nil:
		return nil, gateway.Invalidf("the request body is not valid JSON: %v", err)
	}
	return &object{fields: fields, err: new(error)}, nil
}

// escapeControls returns JSON with the control characters escaped that stand in its
// strings as they are; nil if there are none.
func escapeControls(b []byte) (out []byte) {
	inside, escaped, done := false, false, 0
	for i, c := range b {
		switch {
		case escaped:
			escaped = false
		case inside && c == '\\':
			escaped = true
		case c == '"':
			inside = !inside
		case inside && c < ' ':
			out = fmt.Appendf(append(out, b[done:i]...), `\u%04x`, c)
			done = i + 1
		}
	}
	if out == nil {
		return nil
	}
	return append(out, b[done:]...)
}

// isForm reports whether what is no JSON looks like a form of one of the two kinds that
// programs send. What its Content-Type says is no help: some say so of JSON.
func isForm(b []byte) bool {
	name, _, ok := bytes.Cut(b, []byte("="))
	return bytes.HasPrefix(b, []byte("--")) || ok && !bytes.ContainsAny(name, " {}\"':")
}

// kindOf names the type of a valid JSON value for people.
func kindOf(b []byte) string {
	switch b[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// countItems returns how many items a JSON array has, or fields an object; any number
// for what is not valid.
func countItems(b []byte) (n int) {
	depth, text, some := 0, false, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text, some = !text, true
		case text || c == ' ' || c == '\t' || c == '\n' || c == '\r':
		case c == '[' || c == '{':
			depth++
			some = some || depth > 1
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 1:
			n++
		default:
			some = true
		}
	}
	if some {
		n++
	}
	return n
}
