package rest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
)

func TestTraceGolden(t *testing.T) {
	w := newWorld(t)
	m := finished("m1", at(14, 25, 7))
	m.Recipients[0].Trace = []gateway.Hop{
		{At: at(14, 26, 0).UnixMilli(), Kind: gateway.HopAttempt, Attempt: 1, Modem: "office", SIM: 2, Part: 1, State: gateway.Processed},
		{At: at(14, 26, 1).UnixMilli(), Kind: gateway.HopRefused, Part: 1, Code: "CMS 38", Text: "No network.", Evidence: "+CMS ERROR: 38", Wait: 30_500, State: gateway.Pending},
		{At: at(14, 27, 0).UnixMilli(), Kind: gateway.HopAccepted, Part: 1, MR: new(int), Evidence: "+CMGS: 0", State: gateway.Sent, Event: "e1"},
		{At: at(14, 28, 0).UnixMilli(), Kind: gateway.HopReport, Part: 1, MR: new(int), Status: new(int), Text: "Received.", State: gateway.Delivered},
	}
	m.Recipients[0].Dropped = 3
	m.Recipients = m.Recipients[:2]
	w.store(gateway.Change{Messages: []gateway.Message{m}})
	const queued = `{"at":"2026-03-13T15:25:00.007+01:00","kind":"queued","description":"accepted by the gateway, to be sent at 2026-03-13T15:26:00+01:00","state":"Pending"}`
	want := `{"id":"m1","state":"Sent","recipients":[{"phoneNumber":"0151 10000001","state":"Delivered","droppedHops":3,"hops":[` + queued +
		`,{"at":"2026-03-13T15:26:00.000+01:00","kind":"attempt","description":"attempt 1 begun on modem office (SIM 2), from part 1","attempt":1,"modemId":"office","simNumber":2,"part":1,"state":"Processed"}` +
		`,{"at":"2026-03-13T15:26:00.001+01:00","kind":"refused","description":"part 1 refused: No network (CMS 38); next attempt in 30.5s","evidence":"+CMS ERROR: 38","part":1,"code":"CMS 38","waitSeconds":30.5,"state":"Pending"}` +
		`,{"at":"2026-03-13T15:27:00.000+01:00","kind":"accepted","description":"part 1 accepted by the service centre, reference 0","evidence":"+CMGS: 0","part":1,"reference":0,"state":"Sent","eventId":"e1"}` +
		`,{"at":"2026-03-13T15:28:00.000+01:00","kind":"report","description":"delivery report on part 1, reference 0: Received","part":1,"reference":0,"status":0,"state":"Delivered"}` +
		`]},{"phoneNumber":"+4915110000002","state":"Failed","hops":[` + queued + `]}]}`
	a := w.do("GET", "/messages/m1/trace", "")
	if diff := cmp.Diff(want, a.body); a.status != 200 || diff != "" {
		t.Errorf("got %d (-want +got)\n%s", a.status, diff)
	}
	if a := w.do("GET", "/messages/none/trace", ""); a.status != 404 || a.body != "" {
		t.Errorf("got %d %q, want 404 without a body", a.status, a.body)
	}
}
