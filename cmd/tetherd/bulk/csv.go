package bulk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"tetherd/gateway/api"
)

// separators are those that spreadsheets write, the commonest first.
const separators = ",;\t"

// separator returns that of a file: the one its first line has most of.
func separator(b []byte) rune {
	header, _, _ := bytes.Cut(b, []byte("\n"))
	best, most := ',', 0
	for _, s := range separators {
		if n := bytes.Count(header, []byte(string(s))); n > most {
			best, most = s, n
		}
	}
	return best
}

// readCSV reads a header and a message on each line below it.
func (f *File) readCSV(b []byte, o *Options) error {
	// Lines above the header are not counted by what follows.
	above := len(b) - len(bytes.TrimLeft(b, "\r\n"))
	skipped := bytes.Count(b[:above], []byte("\n"))
	b = b[above:]
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator(b), -1, true
	header, err := r.Read()
	if err != nil {
		return f.brokenCSV(skipped, err)
	}
	columns, err := f.readHeader(skipped+1, header, o)
	if err != nil {
		return err
	}
	width := len(header)
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return f.brokenCSV(skipped, err)
		}
		line, _ := r.FieldPos(0)
		line += skipped
		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue // spreadsheets leave such behind
		}
		if len(cells) != width {
			return f.mistake(line, "", "it has %d columns, and the header %d: put quotes around what contains %q", len(cells), width, r.Comma)
		}
		row, err := f.readRow(line, columns, cells, o)
		if err != nil {
			return err
		}
		f.Rows = append(f.Rows, row)
	}
}

// readHeader returns the column in each place, nil for those that are passed over.
func (f *File) readHeader(line int, header []string, o *Options) ([]*column, error) {
	f.headers = make(map[string]string)
	out := make([]*column, len(header))
	wanted := make(map[string]*column) // by header; empty: those that are known
	for name, called := range o.Columns {
		c := columnNamed(name)
		if c == nil {
			return nil, fmt.Errorf("there is no column %q: there is %s", name, strings.Join(Columns(), ", "))
		}
		wanted[called] = c
	}
	for i, name := range header {
		name = strings.TrimSpace(name)
		c := wanted[name]
		if len(wanted) == 0 {
			c = columnNamed(name)
		}
		switch {
		case c == nil && len(wanted) > 0:
			continue
		case c == nil:
			return nil, f.mistake(line, columnNumber(i+1),
				"%q is no column that is known: the first line names the columns, which are %s", name, strings.Join(Columns(), ", "))
		case f.headers[c.field] != "":
			return nil, f.mistake(line, columnNumber(i+1), "%s is there already, as %s", shown(name), f.headers[c.field])
		}
		out[i], f.headers[c.field] = c, shown(name)
	}
	for called, c := range wanted {
		if f.headers[c.field] == "" {
			return nil, f.mistake(line, "", "there is no column %q", called)
		}
	}
	if f.headers["phoneNumbers"] == "" {
		return nil, f.mistake(line, "", "there is no column number: the first line names the columns, such as number%ctext", separator([]byte(strings.Join(header, ","))))
	}
	return out, nil
}

func (f *File) readRow(line int, columns []*column, cells []string, o *Options) (Row, error) {
	var own api.SendRequest
	said := make(map[string]bool)
	for i, c := range columns {
		if c == nil || strings.TrimSpace(cells[i]) == "" {
			continue
		}
		if err := c.set(&own, cells[i]); err != nil {
			return Row{}, f.mistake(line, "column "+f.headers[c.field], "%v", err)
		}
		name, _, _ := strings.Cut(c.field, ".")
		said[name] = true
	}
	r := over(o.Base, own, func(field string) bool { return said[field] })
	switch {
	case len(r.PhoneNumbers) == 0:
		return Row{}, f.mistake(line, "column "+f.headers["phoneNumbers"], "there is no number")
	case r.TextMessage == nil && r.DataMessage == nil:
		return Row{}, f.mistake(line, "", "there is no text, and none was given for all")
	}
	return Row{line, r}, nil
}

// brokenCSV says what is wrong with a line.
func (f *File) brokenCSV(skipped int, err error) error {
	e, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return fmt.Errorf("read %s: %w", f.Name, err)
	}
	text := e.Err.Error()
	switch e.Err {
	case csv.ErrQuote:
		text = fmt.Sprintf("a quote that is not closed, or has something behind it (the text begins in line %d): within quotes a quote is written twice", e.StartLine+skipped)
	case csv.ErrBareQuote:
		text = "a quote in the middle of what is not in quotes: put quotes around all of it, and write the one in it twice"
	}
	return f.mistake(e.Line+skipped, fmt.Sprintf("character %d", e.Column), "%s", text)
}

// shown returns a header as it may stand in a message.
func shown(header string) string {
	if strings.ContainsFunc(header, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return strconv.Quote(header)
	}
	return header
}

func columnNumber(n int) string { return fmt.Sprintf("column %d", n) }
