package bulk

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"tetherd/gateway/api"
)

// maxFile bounds a file, in bytes.
const maxFile = 256 << 20

// File is what a file asks for.
type File struct {
	Name string // for people
	Rows []Row
	// headers are what columns are called in the file, by the fields of the API; nil
	// if it is JSON.
	headers map[string]string
}

// Row is one message.
type Row struct {
	Line    int // where it begins, from 1
	Request api.SendRequest
}

// Options say how a file is to be read.
type Options struct {
	// Base is what holds for rows that say nothing else.
	Base api.SendRequest
	// Columns are what columns are called in the file, by the names of [Columns]; all
	// others are passed over then. Empty: they are called so, and there are no others.
	Columns map[string]string
}

// Error is a mistake in a file.
type Error struct {
	Place string // "people.csv line 3, column text"
	Text  string
}

// Error implements error.
func (e *Error) Error() string { return e.Place + ": " + e.Text }

// Read reads a file; its name is for messages. A file without rows is a mistake.
func Read(name string, r io.Reader, o Options) (*File, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	f := &File{Name: name}
	switch {
	case len(b) > maxFile:
		return nil, &Error{name, fmt.Sprintf("it has more than %d MiB: split it", maxFile>>20)}
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return nil, &Error{name, "it is UTF-16: save it as UTF-8, which spreadsheets call \"CSV UTF-8\""}
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if line := notUTF8(b); line > 0 {
		return nil, f.mistake(line, "", "it is not UTF-8, and nobody knows what is meant: save the file as UTF-8, which spreadsheets call \"CSV UTF-8\"")
	}
	switch start := bytes.TrimSpace(b); {
	case len(start) == 0:
		return nil, &Error{name, "it is empty"}
	case start[0] == '[':
		return nil, &Error{name, "it is a JSON array: write each message on a line of its own, as jq -c '.[]' does"}
	case start[0] == '{' && len(o.Columns) > 0:
		return nil, &Error{name, "it is JSON, which has no columns"}
	case start[0] == '{':
		err = f.readJSON(b, &o)
	default:
		err = f.readCSV(b, &o)
	}
	if err == nil && len(f.Rows) == 0 {
		err = &Error{name, "there is nothing below the header"}
	}
	return f, err
}

// notUTF8 returns the first line of b that is not UTF-8, from 1; 0 if there is none.
func notUTF8(b []byte) int {
	if utf8.Valid(b) {
		return 0
	}
	n := 1
	for line := range bytes.Lines(b) {
		if !utf8.Valid(line) {
			return n
		}
		n++
	}
	return n
}

// mistake returns an error about a line and, if it is about one, a column.
func (f *File) mistake(line int, column, format string, args ...any) *Error {
	place := fmt.Sprintf("%s line %d", f.Name, line)
	if column != "" {
		place += ", " + column
	}
	return &Error{place, fmt.Sprintf(format, args...)}
}

// Place says where a field of the API stands in the file, such as "phoneNumbers[0]" of
// the row with the given index; empty is the row.
func (f *File) Place(row int, field string) string {
	place := fmt.Sprintf("%s line %d", f.Name, f.Rows[row].Line)
	name, _, _ := strings.Cut(field, "[")
	outer, _, _ := strings.Cut(name, ".")
	for _, known := range []string{name, outer} {
		if header, ok := f.headers[known]; ok {
			return place + ", column " + header
		}
	}
	if field != "" {
		place += ", " + field
	}
	return place
}

// over returns what own says of the given fields, and base what it does not.
func over(base, own api.SendRequest, has func(field string) bool) api.SendRequest {
	if !has("textMessage") && !has("dataMessage") && !has("message") && !has("mmsMessage") {
		own.TextMessage, own.DataMessage = base.TextMessage, base.DataMessage
	}
	if !has("ttl") && !has("validUntil") {
		own.TTL, own.ValidUntil = base.TTL, base.ValidUntil
	}
	if !has("simNumber") && !has("deviceId") {
		own.SIMNumber, own.DeviceID = base.SIMNumber, base.DeviceID
	}
	for field, take := range map[string]func(){
		"scheduleAt":         func() { own.ScheduleAt = base.ScheduleAt },
		"withDeliveryReport": func() { own.WithDeliveryReport = base.WithDeliveryReport },
		"priority":           func() { own.Priority = base.Priority },
		"encoding":           func() { own.Encoding = base.Encoding },
		"flash":              func() { own.Flash = base.Flash },
		"smsc":               func() { own.SMSC = base.SMSC },
	} {
		if !has(field) {
			take()
		}
	}
	return own
}
