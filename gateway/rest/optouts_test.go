package rest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

func TestOptOuts(t *testing.T) {
	w := newWorld(t)
	w.gateway.OptOut = &gateway.OptOutRules{}
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		want                     string // in the body
	}{
		{"nobody", "GET", "/opt-outs", "", 200, "[]"},
		{"first", "POST", "/opt-outs", `{"phoneNumber":"+49 170 12345678"}`, 201, `{"phoneNumber":"+4917012345678","since":"TIME"}`},
		{"again", "POST", "/opt-outs", `{"phoneNumber":"+4917012345678"}`, 200, `{"phoneNumber":"+4917012345678","since":"TIME"}`},
		{"another", "POST", "/3rdparty/v1/opt-outs", `{"phoneNumber":"+33712345678"}`, 201, `+33712345678`},
		{"listed", "GET", "/opt-outs?limit=1&offset=1", "", 200, `[{"phoneNumber":"+4917012345678","since":"TIME"}]`},
		{"sent to", "POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001","+4917012345678"]}`, 400, `phoneNumbers[1] \"+4917012345678\" opted out of messages on`},
		{"no number", "POST", "/opt-outs", `{}`, 400, "phoneNumber is missing"},
		{"no text", "POST", "/opt-outs", `{"phoneNumber":1}`, 400, "phoneNumber must be"},
		{"words", "POST", "/opt-outs", `{"phoneNumber":"bob"}`, 400, `phoneNumber \"bob\" cannot opt out`},
		{"too many at a time", "GET", "/opt-outs?limit=501", "", 400, "limit must be between 1 and 500"},
		{"before the beginning", "GET", "/opt-outs?offset=-1", "", 400, "offset must be a whole number from 0"},
		{"back in", "DELETE", "/opt-outs/+4917012345678", "", 204, ""},
		{"escaped", "DELETE", "/opt-outs/%2B33712345678", "", 204, ""},
		{"gone", "DELETE", "/opt-outs/+4917012345678", "", 404, "did not opt out; GET /opt-outs lists who did"},
		{"words back in", "DELETE", "/opt-outs/bob", "", 400, "cannot be read"},
		{"sent to again", "POST", "/messages", `{"message":"hi","phoneNumbers":["+4917012345678"]}`, 202, "+4917012345678"},
	} {
		a := w.do(tt.method, tt.path, tt.body)
		if a.status != tt.status || !strings.Contains(masked(a.body), tt.want) {
			t.Errorf("%s: got %d %s, want %d and %q", tt.name, a.status, masked(a.body), tt.status, tt.want)
		}
	}
}

func TestOptOutsClient(t *testing.T) {
	w := newWorld(t)
	w.gateway.OptOut = &gateway.OptOutRules{}
	for _, number := range []string{"+4917012345678", "+33712345678"} {
		if o, err := w.client.AddOptOut(t.Context(), number); err != nil || o.PhoneNumber != number {
			t.Errorf("AddOptOut(%s) = %+v, %v", number, o, err)
		}
	}
	if err := w.client.DeleteOptOut(t.Context(), "+33712345678"); err != nil {
		t.Error(err)
	}
	os, total, err := w.client.OptOuts(t.Context(), 10, 0)
	if err != nil || total != 1 || len(os) != 1 || os[0].Since == nil {
		t.Fatalf("OptOuts = %+v, %d, %v", os, total, err)
	}
	os[0].Since = nil
	if diff := cmp.Diff([]api.OptOut{{PhoneNumber: "+4917012345678"}}, os); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
