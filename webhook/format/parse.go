package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxDepth bounds the nesting of what parseJSON reads.
const maxDepth = 64

// parseJSON reads one JSON text, so that it can be written again as a fixed
// point. Unlike encoding/json it keeps the order of members.
func parseJSON(b []byte) (value, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	v, err := parseValue(d, maxDepth)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("more after the end of the value, at byte %d", d.InputOffset())
	}
	return v, nil
}

func parseValue(d *json.Decoder, depth int) (value, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case string:
		return str(tok), nil
	case bool:
		return boolean(tok), nil
	case json.Number:
		return parseNumber(tok)
	case json.Delim:
		if depth == 0 {
			return nil, fmt.Errorf("nested deeper than %d", maxDepth)
		}
		if tok == '[' {
			return parseArray(d, depth-1)
		}
		return parseObject(d, depth-1)
	}
	return null{}, nil
}

func parseNumber(n json.Number) (value, error) {
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return integer(i), nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("the number %.32s is out of range", n)
	}
	return float(f), nil
}

func parseArray(d *json.Decoder, depth int) (value, error) {
	a := array{}
	for d.More() {
		v, err := parseValue(d, depth)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := d.Token()
	return a, err
}

func parseObject(d *json.Decoder, depth int) (value, error) {
	o := object{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, fmt.Errorf("member name %v is not a string", key)
		}
		v, err := parseValue(d, depth)
		if err != nil {
			return nil, err
		}
		o = append(o, member{name, v})
	}
	_, err := d.Token()
	return o, err
}
