package rest

import (
	"encoding/base64"
	"math"
	"strings"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/gateway/sms"
)

// decodeSend reads the body of a request to send. All errors are of code Invalid.
func decodeSend(o *object) (api.SendRequest, error) {
	r := api.SendRequest{
		Message:            o.text("message"),
		PhoneNumbers:       o.texts("phoneNumbers"),
		WithDeliveryReport: o.boolean("withDeliveryReport"),
		IsEncrypted:        value(o.boolean("isEncrypted")),
		ID:                 value(o.text("id")),
		DeviceID:           o.text("deviceId"),
		Priority:           int8(value(o.integer("priority", math.MinInt8, math.MaxInt8))),
		ValidUntil:         o.time("validUntil"),
		ScheduleAt:         o.time("scheduleAt"),
	}
	if t := o.object("textMessage"); t != nil {
		r.TextMessage = &api.TextMessage{Text: value(t.text("text"))}
	}
	if d := o.object("dataMessage"); d != nil {
		r.DataMessage = &api.DataMessage{
			Data: value(d.text("data")),
			Port: narrowed(value(d.integer("port", math.MinInt64, math.MaxInt64))),
		}
	}
	r.MMSMessage, _ = o.field("mmsMessage")
	r.Encoding = value(o.text("encoding"))
	r.Flash, r.SMSC = value(o.boolean("flash")), value(o.text("smsc"))
	if n := o.integer("simNumber", math.MinInt64, math.MaxInt64); n != nil {
		r.SIMNumber = new(narrowed(*n))
	}
	if n := o.integer("ttl", 1, math.MaxInt32); n != nil {
		r.TTL = new(int32(*n))
	}
	return r, o.problem()
}

// submission returns what r asks of the gateway, or says what is wrong with it
// that the gateway could not see.
func (s *server) submission(r api.SendRequest) (gateway.Submission, error) {
	text, data, err := content(r)
	slot := value(r.SIMNumber)
	if err == nil && r.DeviceID != nil {
		slot, err = s.slotOf(*r.DeviceID, slot)
	}
	encoding := s.encoding
	if r.Encoding != "" && err == nil {
		if encoding, err = sms.ParseEncoding(r.Encoding); err != nil {
			err = gateway.BadField("encoding", "encoding must be auto, smart, gsm7 or ucs2")
		}
	}
	switch {
	case err != nil:
		return gateway.Submission{}, err
	case r.SIMNumber != nil && *r.SIMNumber < 1:
		return gateway.Submission{}, gateway.BadField("simNumber", "SIM number cannot be less than 1")
	}
	return gateway.Submission{
		ID: r.ID, Text: text, Encoding: encoding, Data: data, Flash: r.Flash, SMSC: r.SMSC, Numbers: r.PhoneNumbers,
		SIM: slot, Priority: r.Priority,
		DeliveryReport: r.WithDeliveryReport == nil || *r.WithDeliveryReport,
		TTL:            time.Duration(value(r.TTL)) * time.Second,
		ValidUntil:     given(r.ValidUntil), ScheduleAt: given(r.ScheduleAt),
		SkipNumberCheck: r.SkipPhoneValidation, Encrypted: r.IsEncrypted,
	}, nil
}

// slotOf returns the slot that a message is to be sent from: that of the modem that a
// deviceId names, or the given one if it names the gateway; 0 is any.
func (s *server) slotOf(device string, given int) (int, error) {
	m, err := s.deviceNamed(device)
	switch {
	case err != nil:
		return 0, err
	case m.Slot == 0:
		return given, nil
	case given != 0 && given != m.Slot:
		return 0, gateway.BadField("deviceId", "deviceId is modem %s, whose simNumber is %d: leave one of the two out", m.Modem, m.Slot)
	}
	return m.Slot, nil
}

// content returns the one content that r has: a text, or data.
func content(r api.SendRequest) (text string, data *gateway.Data, err error) {
	n := 0
	for _, has := range []bool{r.TextMessage != nil, r.DataMessage != nil, r.Message != nil, r.MMSMessage != nil} {
		if has {
			n++
		}
	}
	switch {
	case n == 0:
		return "", nil, gateway.Invalidf("Must specify exactly one of: textMessage, dataMessage, or message")
	case n > 1:
		return "", nil, gateway.Invalidf("Cannot specify multiple message types simultaneously")
	case r.MMSMessage != nil:
		return "", nil, gateway.BadField("mmsMessage", "mmsMessage is not supported: a modem sends text messages only")
	case r.DataMessage != nil && r.IsEncrypted:
		return "", &gateway.Data{Content: []byte(r.DataMessage.Data), Port: r.DataMessage.Port}, nil
	case r.DataMessage != nil:
		data, err = decodeData(r.DataMessage)
		return "", data, err
	case r.Message != nil:
		return *r.Message, nil, nil
	}
	return r.TextMessage.Text, nil, nil
}

// decodeData returns what d carries; what is in it is for the gateway to judge.
// Base64 is taken with and without padding, in lines and in the alphabet of URLs.
func decodeData(d *api.DataMessage) (*gateway.Data, error) {
	s := strings.NewReplacer("\r", "", "\n", "", "-", "+", "_", "/").Replace(strings.TrimRight(d.Data, "=\r\n"))
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil, gateway.BadField("dataMessage.data", "dataMessage.data must be base64, such as SGVsbG8=")
	}
	return &gateway.Data{Content: b, Port: d.Port}, nil
}

// value returns what p points to, or the zero value for nil.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// narrowed returns n moved to where every int can be. No port and no slot is that far out.
func narrowed(n int64) int { return int(min(max(n, math.MinInt32), math.MaxInt32)) }

// given returns the time t points to, or zero for nil. The year 1, which would
// pass for nil, becomes another moment long ago.
func given(t *api.Time) time.Time {
	switch {
	case t == nil:
		return time.Time{}
	case t.IsZero():
		return time.Unix(0, 0)
	}
	return t.Time
}

// wire returns t as it is shown: in the zone of the gateway. Zero stays zero.
func wire(t time.Time) api.Time {
	if t.IsZero() {
		return api.Time{}
	}
	return api.Time{Time: t.Local()}
}
