package bulk

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"

	"tetherd/gateway/api"
)

// readJSON reads one object per line, as POST /messages takes it.
func (f *File) readJSON(b []byte, o *Options) error {
	n := 0
	for line := range bytes.Lines(b) {
		n++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var fields map[string]json.RawMessage
		var own api.SendRequest
		err := decode(line, &fields, false)
		if err == nil {
			err = decode(line, &own, true)
		}
		if err != nil {
			return f.brokenJSON(n, err)
		}
		r := over(o.Base, own, func(field string) bool { return fields[field] != nil && string(fields[field]) != "null" })
		if len(r.PhoneNumbers) == 0 {
			return f.mistake(n, "", "it has no phoneNumbers, an array such as [\"+4915110000002\"]")
		}
		f.Rows = append(f.Rows, Row{n, r})
	}
	return nil
}

// decode reads one value and nothing behind it.
func decode(line []byte, into any, strict bool) error {
	d := json.NewDecoder(bytes.NewReader(line))
	if strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind the object: write each on a line of its own")
	}
	return nil
}

// brokenJSON says what is wrong with a line, and where, as far as that is known.
func (f *File) brokenJSON(line int, err error) error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return f.mistake(line, columnNumber(int(e.Offset)), "it is not a JSON object: %v", err)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		switch {
		case e.Field == "" && e.Type.Kind() != reflect.Map:
			return f.mistake(line, "", "a field of it cannot be a %s", e.Value)
		case e.Field == "":
			return f.mistake(line, columnNumber(int(e.Offset)), "it is not a JSON object, but of type %s", e.Value)
		}
		return f.mistake(line, columnNumber(int(e.Offset)), "%s cannot be a %s", e.Field, e.Value)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return f.mistake(line, "", "the JSON object does not end on its line")
	}
	return f.mistake(line, "", "%s", strings.Replace(err.Error(), "json: unknown field", "there is no field", 1))
}
