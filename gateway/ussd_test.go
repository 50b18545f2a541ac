package gateway_test

import (
	"strings"
	"testing"

	"tetherd/gateway"
)

// Only what is a code or a reply reaches a modem.
func TestUSSDInput(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		t := w.t
		for _, tt := range []struct {
			q    gateway.USSDQuery
			code gateway.Code // "" is taken
		}{
			{gateway.USSDQuery{Code: "*100#"}, ""},
			{gateway.USSDQuery{Code: "**21*+4915110000001#"}, ""},
			{gateway.USSDQuery{Reply: "1"}, ""},
			{gateway.USSDQuery{Reply: "Grüße"}, ""},
			{gateway.USSDQuery{End: true}, ""},
			{gateway.USSDQuery{}, gateway.Invalid},
			{gateway.USSDQuery{Code: "*100#", Reply: "1"}, gateway.Invalid},
			{gateway.USSDQuery{Code: "*100#", End: true}, gateway.Invalid},
			{gateway.USSDQuery{Code: "+"}, gateway.Invalid},
			{gateway.USSDQuery{Code: "*100#\r"}, gateway.Invalid},
			{gateway.USSDQuery{Code: "*100#\",15;+CMGD=1,4"}, gateway.Invalid},
			{gateway.USSDQuery{Code: strings.Repeat("1", 183)}, gateway.Invalid},
			{gateway.USSDQuery{Reply: "a\x1a"}, gateway.Invalid},
			{gateway.USSDQuery{Reply: `"`}, gateway.Invalid},
			{gateway.USSDQuery{Reply: "я"}, gateway.Invalid},
			{gateway.USSDQuery{Reply: strings.Repeat("1", 183)}, gateway.Invalid},
			{gateway.USSDQuery{Reply: strings.Repeat("€", 92)}, gateway.Invalid},
		} {
			_, err := w.gw.USSD(t.Context(), "1", tt.q)
			if gateway.CodeOf(err) != tt.code || (err == nil) != (tt.code == "") {
				t.Errorf("%+v: %v, want %q", tt.q, err, tt.code)
			}
		}
		if _, err := w.gw.USSD(t.Context(), "nobody", gateway.USSDQuery{Code: "*100#"}); gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("unknown modem: %v", err)
		}
	})
}
