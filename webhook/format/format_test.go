package format

import (
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"tetherd/gateway"
)

// What the table says is what the products' pages say.
func TestFormats(t *testing.T) {
	for _, c := range []struct {
		name    gateway.Format
		timeout time.Duration
		retries int
	}{
		{"", 30 * time.Second, 14},
		{gateway.FormatSMSGate, 30 * time.Second, 14},
		{gateway.FormatInfiniReach, 5 * time.Second, 14},
		{gateway.FormatSmobi, 30 * time.Second, 14},
		{gateway.FormatOneRoute, 30 * time.Second, 14},
		{gateway.FormatIntegify, 10 * time.Second, 3},
		{gateway.FormatStandard, 30 * time.Second, 14},
		{gateway.FormatCloudEvents, 30 * time.Second, 14},
		{gateway.FormatTemplate, 30 * time.Second, 14},
	} {
		f, ok := Lookup(c.name)
		if !ok || f.Timeout != c.timeout || f.Retries != c.retries {
			t.Errorf("%q: %+v, want %v and %d retries", c.name, f, c.timeout, c.retries)
		}
	}
	headers := map[string]bool{}
	for _, f := range Formats() {
		if f.own != nil && headers[f.own.header] {
			t.Errorf("%s: another format has the header %s", f.Name, f.own.header)
		}
		if f.own != nil {
			headers[f.own.header] = true
		}
	}
}

func TestEvents(t *testing.T) {
	received := []gateway.EventType{gateway.EventReceived}
	for _, c := range []struct {
		format gateway.Format
		name   string
		want   []gateway.EventType // nil: not known
	}{
		{"smsgate", "sms:received", received},
		{"smsgate", "sms.received", received},
		{"smsgate", "message.received", received},
		{"smsgate", "SMS_RECEIVED", received},
		{"smsgate", "sms:data-received", []gateway.EventType{gateway.EventDataReceived}},
		{"smsgate", "sms.data_received", []gateway.EventType{gateway.EventDataReceived}},
		{"smsgate", "SMS:RECEIVED", nil},
		{"smsgate", "", nil},
		{"infinireach", "sms:received", received},
		{"infinireach", "message.received", received},
		{"infinireach", "message.failed", []gateway.EventType{gateway.EventFailed}},
		{"infinireach", "device.offline", []gateway.EventType{gateway.EventDeviceOffline}},
		{"infinireach", "message.read", nil},
		{"integify", "SMS_RECEIVED", received},
		{"integify", "DELIVERY_REPORT", []gateway.EventType{gateway.EventDelivered, gateway.EventFailed}},
		{"integify", "sms.delivered", []gateway.EventType{gateway.EventDelivered}},
		{"smobi", "inbound", []gateway.EventType{gateway.EventReceived, gateway.EventMatched}},
		{"smobi", "status", []gateway.EventType{gateway.EventDelivered, gateway.EventFailed}},
		{"smobi", "SENT", []gateway.EventType{gateway.EventSent}},
		{"smobi", "Message Failed", []gateway.EventType{gateway.EventFailed}},
		{"smobi", "SMS Matched Text", []gateway.EventType{gateway.EventMatched}},
		{"smobi", "sms:received", received},
		{"oneroute", "newMessage", received},
		{"oneroute", "compaignDeliveryReport", []gateway.EventType{gateway.EventCampaign}},
		{"oneroute", "campaignDeliveryReport", []gateway.EventType{gateway.EventCampaign}},
		{"oneroute", "smsDeliveryReport", []gateway.EventType{gateway.EventSent, gateway.EventDelivered, gateway.EventFailed}},
		{"oneroute", "newmessage", nil},
		{"standard", "sms.opted_out", []gateway.EventType{gateway.EventOptedOut}},
	} {
		f, _ := Lookup(c.format)
		got, ok := f.Events(c.name)
		diff(t, string(c.format)+" "+c.name, c.want, got)
		if ok != (c.want != nil) {
			t.Errorf("%s %s: known %v", c.format, c.name, ok)
		}
	}
}

func TestCarries(t *testing.T) {
	for _, c := range []struct {
		format gateway.Format
		want   []gateway.EventType
	}{
		{gateway.FormatSMSGate, gateway.EventTypes},
		{gateway.FormatStandard, gateway.EventTypes},
		{gateway.FormatCloudEvents, gateway.EventTypes},
		{gateway.FormatTemplate, gateway.EventTypes},
		{gateway.FormatInfiniReach, []gateway.EventType{
			gateway.EventReceived, gateway.EventDataReceived, gateway.EventSent, gateway.EventDelivered, gateway.EventFailed,
			gateway.EventMMSReceived, gateway.EventMatched, gateway.EventDeviceOnline, gateway.EventDeviceOffline,
		}},
		{gateway.FormatSmobi, []gateway.EventType{
			gateway.EventReceived, gateway.EventDelivered, gateway.EventFailed, gateway.EventMatched,
		}},
		{gateway.FormatOneRoute, []gateway.EventType{gateway.EventReceived, gateway.EventMatched, gateway.EventCampaign}},
		{gateway.FormatIntegify, []gateway.EventType{
			gateway.EventReceived, gateway.EventDelivered, gateway.EventFailed, gateway.EventMatched,
		}},
	} {
		f, _ := Lookup(c.format)
		var got, extended []gateway.EventType
		for _, typ := range gateway.EventTypes {
			if f.Carries(typ, &gateway.Rendering{}) {
				got = append(got, typ)
			}
			if f.Carries(typ, &gateway.Rendering{Extended: true}) {
				extended = append(extended, typ)
			}
		}
		diff(t, string(c.format), slices.Sorted(slices.Values(c.want)), slices.Sorted(slices.Values(got)))
		diff(t, string(c.format)+", extended", gateway.EventTypes, extended)
	}
}

// Names have the characters that Standard Webhooks allows, and each event its own.
func TestStandardNames(t *testing.T) {
	allowed := regexp.MustCompile(`^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$`)
	names := map[string]bool{}
	for _, typ := range gateway.EventTypes {
		name := standard.EventName(typ)
		if !allowed.MatchString(name) {
			t.Errorf("%s is called %s", typ, name)
		}
		names[name] = true
	}
	if len(names) != len(gateway.EventTypes) {
		t.Errorf("%d types have %d names: %v", len(gateway.EventTypes), len(names), slices.Sorted(maps.Keys(names)))
	}
}

// The store reads a sample as it was written, and each is of the type asked for.
func TestSample(t *testing.T) {
	now := time.Date(2026, 6, 22, 15, 46, 11, 0, time.UTC)
	for _, typ := range gateway.EventTypes {
		e := Sample(typ, now)
		if e.Type() != typ || !e.At.Equal(now) || e.ID == "" {
			t.Errorf("sample of %s: %+v", typ, e)
		}
		if d := difficult(e); d.Type() != typ {
			t.Errorf("the difficult sample of %s is of type %s", typ, d.Type())
		}
	}
	if a, b := Sample(gateway.EventSent, now), Sample(gateway.EventSent, now); a.ID == b.ID {
		t.Error("two samples have one ID")
	}
}
