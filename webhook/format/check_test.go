package format

import (
	"strings"
	"testing"

	"tetherd/gateway"
)

func TestCheck(t *testing.T) {
	type events = []gateway.EventType
	secret := func(key string) []gateway.Secret { return []gateway.Secret{{Key: key}, {Key: "an older one"}} }
	for _, c := range []struct {
		name string
		e    gateway.Endpoint
		want events
		err  string // part of it; empty: none
	}{
		{"own names", gateway.Endpoint{Events: events{"sms:received"}}, events{"sms:received"}, ""},
		{"dotted", gateway.Endpoint{Events: events{"sms.received", "sms:sent"}}, events{"sms:received", "sms:sent"}, ""},
		{
			"of the product",
			gateway.Endpoint{Events: events{"SMS_RECEIVED", "DELIVERY_REPORT"}, Rendering: gateway.Rendering{Format: "integify"}},
			events{"sms:received", "sms:delivered", "sms:failed"},
			"",
		},
		{"unknown, which the gateway refuses", gateway.Endpoint{Events: events{"sms:lost"}, Rendering: gateway.Rendering{Format: "integify"}}, events{"sms:lost"}, ""},
		{"of a route", gateway.Endpoint{Routed: true}, nil, ""},
		{"format", gateway.Endpoint{Rendering: gateway.Rendering{Format: "x"}}, nil, "format must be"},
		{"not carried", gateway.Endpoint{Events: events{"system:ping"}, Rendering: gateway.Rendering{Format: "integify"}}, nil, "events must not contain system:ping"},
		{"method", gateway.Endpoint{Events: events{"sms:received"}, Rendering: gateway.Rendering{Format: "template", Template: "{}", Method: "put"}}, events{"sms:received"}, ""},
		{"secret", gateway.Endpoint{Events: events{"sms:received"}, Secrets: secret(goldenSecret), Rendering: gateway.Rendering{Format: "standard"}}, events{"sms:received"}, ""},
		{"secret of another form", gateway.Endpoint{Events: events{"sms:received"}, Secrets: secret("12345678"), Rendering: gateway.Rendering{Format: "standard"}}, nil, "secret must be whsec_"},
	} {
		err := Check(&c.e)
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.err)
		case c.err == "":
			diff(t, c.name, c.want, c.e.Events)
		}
	}
}
