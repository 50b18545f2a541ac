package rest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

func TestCanaryRoutes(t *testing.T) {
	modem := fakeModem{gateway.ModemStatus{Modem: "office", State: gateway.ModemReady, Number: "+4915110000001"}}
	w := newWorld(t, modem)
	if a := w.do("GET", "/canary", ""); a.status != 200 || !strings.HasPrefix(a.body, `{"enabled":false`) {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if a := w.do("POST", "/canary/run", ""); a.status != 409 || !strings.Contains(a.body, "set canary.enabled") {
		t.Errorf("got %d %s", a.status, a.body)
	}
	w.gateway.Canary = &gateway.CanaryOptions{Every: 3600e9, Timeout: 600e9, PerDay: 1, Misses: 2}
	if a := w.do("POST", "/canary/run?modem=lost", ""); a.status != 404 {
		t.Errorf("got %d %s", a.status, a.body)
	}
	a := w.do("POST", "/canary/run?modem=1", "")
	want := `{"enabled":true,"every":"1h0m0s","timeout":"10m0s","budgetPerDay":1,"sent":1,"modems":[{"modemId":"office","status":"pass","misses":0,` +
		`"underWay":{"messageId":"ID","at":"TIME","until":"TIME"},"nextAt":"TIME","results":[]}]}`
	if diff := cmp.Diff(want, strings.ReplaceAll(masked(strings.ReplaceAll(a.body, `"messageId"`, `"id"`)), `"id"`, `"messageId"`)); diff != "" || a.status != 202 {
		t.Errorf("got %d (-want +got)\n%s", a.status, diff)
	}
	if a := w.do("POST", "/canary/run", ""); a.status != 409 || !strings.Contains(a.body, "under way") {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if a := w.do("GET", "/messages", ""); !strings.Contains(a.body, `"canary":"office"`) {
		t.Errorf("messages: %s", a.body)
	}
	if a := w.do("GET", "/metrics", ""); !strings.Contains(a.body, `tetherd_canary_misses{modem="office"} 0`) || !strings.Contains(a.body, "tetherd_canary_sent 1") {
		t.Errorf("metrics: %s", a.body)
	}
}
