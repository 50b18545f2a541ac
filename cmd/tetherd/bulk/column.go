package bulk

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tetherd/gateway/api"
)

// column is one that a file of comma-separated values may have.
type column struct {
	field string   // of the API
	names []string // in lower case, without blanks, dashes and underscores; the first is the one named to people
	set   func(*api.SendRequest, string) error
}

var columns = []column{
	{"phoneNumbers", []string{"number", "numbers", "phonenumber", "phonenumbers", "phone", "to", "recipient", "mobile"}, setNumbers},
	{"textMessage", []string{"text", "message", "textmessage", "body"}, func(r *api.SendRequest, v string) error {
		r.TextMessage = &api.TextMessage{Text: v}
		return nil
	}},
	{"id", []string{"id", "messageid"}, trimmed(func(r *api.SendRequest) *string { return &r.ID })},
	{"scheduleAt", []string{"at", "scheduleat", "schedule"}, moment(func(r *api.SendRequest) **api.Time { return &r.ScheduleAt })},
	{"validUntil", []string{"until", "validuntil"}, moment(func(r *api.SendRequest) **api.Time { return &r.ValidUntil })},
	{"ttl", []string{"ttl"}, setTTL},
	{"priority", []string{"priority"}, func(r *api.SendRequest, v string) error {
		n, err := whole(v, math.MinInt8, math.MaxInt8)
		r.Priority = int8(n)
		return err
	}},
	{"simNumber", []string{"sim", "simnumber"}, func(r *api.SendRequest, v string) error {
		n, err := whole(v, 1, math.MaxInt32)
		r.SIMNumber = &n
		return err
	}},
	{"deviceId", []string{"modem", "deviceid", "modemid"}, func(r *api.SendRequest, v string) error {
		v = strings.TrimSpace(v)
		r.DeviceID = &v
		return nil
	}},
	{"encoding", []string{"encoding"}, trimmed(func(r *api.SendRequest) *string { return &r.Encoding })},
	{"withDeliveryReport", []string{"report", "withdeliveryreport", "deliveryreport"}, func(r *api.SendRequest, v string) error {
		b, err := yes(v)
		r.WithDeliveryReport = &b
		return err
	}},
	{"flash", []string{"flash"}, func(r *api.SendRequest, v string) (err error) {
		r.Flash, err = yes(v)
		return err
	}},
	{"smsc", []string{"smsc"}, trimmed(func(r *api.SendRequest) *string { return &r.SMSC })},
	{"isEncrypted", []string{"encrypted", "isencrypted"}, func(r *api.SendRequest, v string) (err error) {
		r.IsEncrypted, err = yes(v)
		return err
	}},
	{"dataMessage.data", []string{"data"}, func(r *api.SendRequest, v string) error {
		data(r).Data = strings.TrimSpace(v)
		return nil
	}},
	{"dataMessage.port", []string{"port"}, func(r *api.SendRequest, v string) (err error) {
		data(r).Port, err = whole(v, 0, math.MaxUint16)
		return err
	}},
}

// Columns returns the names of the columns there can be, the most important first.
func Columns() []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.names[0]
	}
	return names
}

// columnNamed returns the column that a header means; nil for none.
func columnNamed(header string) *column {
	name := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(header))
	i := slices.IndexFunc(columns, func(c column) bool { return slices.Contains(c.names, name) })
	if i < 0 {
		return nil
	}
	return &columns[i]
}

// shortened is a number that a spreadsheet took for one to count with.
var shortened = regexp.MustCompile(`^\+?\d([.,]\d+)?[eE]\+?\d+$`)

// setNumbers takes one number, or several with a comma or a semicolon between them.
func setNumbers(r *api.SendRequest, v string) error {
	if shortened.MatchString(strings.TrimSpace(v)) {
		return fmt.Errorf("%s lost its last digits in a spreadsheet: format the column as text, and enter the numbers again", v)
	}
	for _, n := range strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == ';' }) {
		if n = strings.TrimSpace(n); n != "" {
			r.PhoneNumbers = append(r.PhoneNumbers, n)
		}
	}
	return nil
}

// setTTL takes seconds, or a length of time such as 1h30m.
func setTTL(r *api.SendRequest, v string) error {
	v = strings.TrimSpace(v)
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		var d time.Duration
		d, err = time.ParseDuration(v)
		n = int64(d / time.Second)
	}
	if err != nil || n < 1 || n > math.MaxInt32 {
		return fmt.Errorf("%q is neither a number of seconds, from 1, nor a length of time such as 1h30m", v)
	}
	r.TTL = new(int32(n))
	return nil
}

func trimmed(field func(*api.SendRequest) *string) func(*api.SendRequest, string) error {
	return func(r *api.SendRequest, v string) error {
		*field(r) = strings.TrimSpace(v)
		return nil
	}
}

func moment(field func(*api.SendRequest) **api.Time) func(*api.SendRequest, string) error {
	return func(r *api.SendRequest, v string) error {
		at, err := ParseTime(v)
		*field(r) = &api.Time{Time: at}
		return err
	}
}

// layouts are how people write times, in the zone of this machine.
var layouts = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"}

// ParseTime reads a date, with a time or without. Without an offset it is one of this
// machine's zone.
func ParseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if at, err := api.ParseTime(text); err == nil {
		return at.Time, nil
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time such as \"2026-03-13 14:25\", or 2026-03-13T14:25:16+01:00", text)
}

func whole(v string, low, high int) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%q is not a whole number from %d to %d", v, low, high)
	}
	return n, nil
}

func yes(v string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "true", "yes", "1":
		return true, nil
	case "false", "no", "0":
		return false, nil
	}
	return false, errors.New("it is neither true nor false")
}

func data(r *api.SendRequest) *api.DataMessage {
	if r.DataMessage == nil {
		r.DataMessage = &api.DataMessage{}
	}
	return r.DataMessage
}
