package rest

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

func TestGreeting(t *testing.T) {
	w := newWorld(t)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	a := w.do("GET", "/", "")
	if want := `{"status":"ok","model":"tetherd/` + host + `"}`; a.status != 200 || a.body != want {
		t.Errorf("got %d %s, want 200 %s", a.status, a.body, want)
	}
	if err := w.client.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDevice(t *testing.T) {
	w := newWorld(
		t,
		fakeModem{gateway.ModemStatus{Modem: "office", State: gateway.ModemReady, SIMID: "894900000000000001", ICCID: "894900000000000001", Number: "+4915199999001", Operator: "Test"}},
		fakeModem{gateway.ModemStatus{Modem: "unplugged", State: gateway.ModemAbsent}},
		fakeModem{gateway.ModemStatus{Modem: "imsi only", State: gateway.ModemReady, SIMID: "262010000000001"}},
	)
	ds, err := w.client.Devices(t.Context())
	if err != nil || len(ds) != 1 {
		t.Fatalf("got %+v, %v, want one device", ds, err)
	}
	d := ds[0]
	want := []api.SIMCard{
		{SlotIndex: 0, SIMNumber: 1, PhoneNumber: "+4915199999001", CarrierName: "Test", ICCID: "894900000000000001", ModemID: "office"},
		{SlotIndex: 2, SIMNumber: 3, ModemID: "imsi only"},
	}
	if diff := cmp.Diff(want, d.SIMCards); diff != "" {
		t.Errorf("SIM cards (-want +got)\n%s", diff)
	}
	if d.ID != w.gateway.DeviceID() || d.CreatedAt.IsZero() || d.UpdatedAt.Before(d.CreatedAt.Time) || !d.UpdatedAt.Equal(d.LastSeen.Time) {
		t.Errorf("got %+v", d)
	}
}

func TestDeviceGolden(t *testing.T) {
	w := newWorld(t)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"id":"ID","name":"tetherd/` + host + `","createdAt":"TIME","updatedAt":"TIME","lastSeen":"TIME","simCards":[]}]`
	if diff := cmp.Diff(want, masked(w.do("GET", "/device", "").body)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for id, want := range map[string]string{
		w.gateway.DeviceID(): `400 {"message":"this gateway is its only device and cannot be deleted"}`,
		"other":              `404 {"message":"there is no such device"}`,
	} {
		a := w.do("DELETE", "/devices/"+id, "")
		if got := fmt.Sprint(a.status, " ", a.body); got != want {
			t.Errorf("delete %s: got %s, want %s", id, got, want)
		}
	}
}

func TestHealth(t *testing.T) {
	ready := fakeModem{gateway.ModemStatus{Modem: "a", State: gateway.ModemReady, Signal: 99}}
	absent := fakeModem{gateway.ModemStatus{Modem: "b", State: gateway.ModemAbsent, Reason: "no such device", Signal: 99}}
	for _, tt := range []struct {
		name   string
		modems []gateway.Modem
		status int
		want   string
	}{
		{"pass", []gateway.Modem{ready}, 200, "pass"},
		{"warn", []gateway.Modem{ready, absent}, 200, "warn"},
		{"fail", []gateway.Modem{absent}, 500, "fail"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.modems...)
			for path, status := range map[string]int{
				"/health": tt.status, "/health/ready": tt.status, "/api/v1/health": tt.status,
				"/health/live": 200, "/health/startup": 200,
			} {
				a := w.anonymous("GET", path)
				var h api.Health
				if err := json.Unmarshal([]byte(a.body), &h); err != nil || a.status != status || h.Version != "1.2.3" || h.ReleaseID != 1 || h.Checks == nil {
					t.Errorf("%s: got %d %s, want %d and a verdict", path, a.status, a.body, status)
				}
			}
			h, err := w.client.Health(t.Context())
			if err != nil || h.Status != tt.want {
				t.Errorf("got %q, %v, want %q", h.Status, err, tt.want)
			}
			online := h.Checks["modem:1:status"].ObservedValue
			for name, want := range map[string]int{"connection:status": online, "connection:transport": 2 * online, "connection:cellular": online} {
				if c := h.Checks[name]; c.ObservedValue != want || c.Description == "" || c.ObservedUnit == "" || (want == 0 && name != "connection:cellular") != (c.Status == api.Fail) {
					t.Errorf("%s: got %+v, want %d", name, c, want)
				}
			}
			if c := h.Checks["modem:1:status"]; c.Description == "" || c.ObservedUnit != "boolean" {
				t.Errorf("got check %+v", c)
			}
		})
	}
}

// Anyone may ask for health, so that it is looked at again only now and then.
func TestHealthIsKeptForASecond(t *testing.T) {
	m := &fakeModem{gateway.ModemStatus{Modem: "a", State: gateway.ModemReady, Signal: 99}}
	w := newWorld(t, m)
	synctest.Test(t, func(t *testing.T) {
		s := &server{gateway: w.gateway}
		s.recentHealth()
		m.status.State = gateway.ModemAbsent
		time.Sleep(healthAge - time.Nanosecond)
		if got := s.recentHealth().Status; got != gateway.Pass {
			t.Errorf("got %q within the second, want the verdict from before", got)
		}
		time.Sleep(time.Nanosecond)
		if got := s.recentHealth().Status; got != gateway.Down {
			t.Errorf("got %q after it, want a new verdict", got)
		}
	})
}

// The device is as old as its store, whatever is restarted.
func TestDeviceKeepsItsAge(t *testing.T) {
	w := newWorld(t)
	w.store(gateway.Change{Settings: map[string]string{"created_at": "2024-02-03T04:05:06+01:00"}})
	g, err := gateway.New(t.Context(), gateway.Options{Store: w.db})
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2024, 2, 3, 3, 5, 6, 0, time.UTC)
	if got := g.CreatedAt(); !got.Equal(want) || g.DeviceID() != w.gateway.DeviceID() {
		t.Errorf("got %s of %s, want %s of %s", got, g.DeviceID(), want, w.gateway.DeviceID())
	}
	w.store(gateway.Change{Settings: map[string]string{"created_at": ""}}) // as earlier versions left it
	before := time.Now().Round(0)
	if g, err = gateway.New(t.Context(), gateway.Options{Store: w.db}); err != nil {
		t.Fatal(err)
	}
	if got := g.CreatedAt(); got.Before(before) || g.DeviceID() != w.gateway.DeviceID() {
		t.Errorf("got %s of %s, want now of %s", got, g.DeviceID(), w.gateway.DeviceID())
	}
}

// A deviceId may name the gateway, or a modem, whose slot a message is sent from then.
func TestDeviceOfAMessage(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office"}}, fakeModem{gateway.ModemStatus{Modem: "van"}})
	for _, tt := range []struct {
		name, more string
		slot       int // 0: refused
		refusal    string
	}{
		{"modem", `"deviceId":"van"`, 2, ""},
		{"modem as others call it", `"deviceId":"dev_van"`, 2, ""},
		{"modem and its slot", `"deviceId":"van","simNumber":2`, 2, ""},
		{"gateway and a slot", `"deviceId":"` + w.gateway.DeviceID() + `","simNumber":1`, 1, ""},
		{"modem and another slot", `"deviceId":"van","simNumber":1`, 0, "deviceId is modem van, whose simNumber is 2: leave one of the two out"},
		{"unknown", `"deviceId":"bus"`, 0, "Invalid device ID"},
		{"slot as a device", `"deviceId":"1"`, 0, "Invalid device ID"},
	} {
		a := w.do("POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001"],`+tt.more+`}`)
		if tt.slot == 0 {
			if a.status != 400 || a.message() != tt.refusal {
				t.Errorf("%s: got %d %s, want 400 %s", tt.name, a.status, a.body, tt.refusal)
			}
			continue
		}
		var m api.Message
		if err := json.Unmarshal([]byte(a.body), &m); err != nil || a.status != 202 || m.SIMNumber != tt.slot {
			t.Errorf("%s: got %d %s, want simNumber %d", tt.name, a.status, a.body, tt.slot)
		}
	}
	for id, want := range map[string]int{"van": 400, "dev_office": 400, "bus": 404} {
		if a := w.do("DELETE", "/devices/"+id, ""); a.status != want {
			t.Errorf("delete %s: got %d, want %d", id, a.status, want)
		}
	}
}

// Lists can be narrowed down to what a modem sent, is to send, or brought.
func TestMessagesOfADevice(t *testing.T) {
	w := newWorld(t, fakeModem{gateway.ModemStatus{Modem: "office"}}, fakeModem{gateway.ModemStatus{Modem: "van"}})
	sent := func(id string, minute int, modem string) gateway.Message {
		m := finished(id, at(10, minute, 0))
		for i := range m.Recipients {
			m.Recipients[i].Modem = modem
		}
		return m
	}
	w.store(gateway.Change{
		Messages: []gateway.Message{sent("o1", 1, "office"), sent("v2", 2, "van"), sent("o3", 3, "office"), sent("v4", 4, "van")},
		Inbound: []gateway.Inbound{
			{Type: gateway.InboundSMS, From: "+4917000001", Modem: "office", ArrivedAt: at(11, 1, 0)},
			{Type: gateway.InboundSMS, From: "+4917000002", Modem: "van", ArrivedAt: at(11, 2, 0)},
		},
	})
	for _, id := range []string{`"simNumber":2,"id":"v5"`, `"deviceId":"office","id":"o6"`} {
		if a := w.do("POST", "/messages", `{"message":"hi","phoneNumbers":["+4915110000001"],"scheduleAt":"2099-01-01T00:00:00Z",`+id+`}`); a.status != 202 {
			t.Fatalf("got %d %s", a.status, a.body)
		}
	}
	for path, want := range map[string][]string{
		"/messages?deviceId=office":                   {"o6 o3 o1"},
		"/api/v1/messages?deviceId=dev_van&limit=2":   {"v5 v4", "v2"},
		"/messages?deviceId=van&state=Pending":        {"v5"},
		"/messages?deviceId=van&search=v4":            {"v4"},
		"/messages?deviceId=van&to=2026-03-13T10:02Z": {"v5 v4 v2"}, // what cannot be read is ignored
		"/inbox?deviceId=van":                         {"text:2"},
		"/inbox?deviceId=office&limit=1":              {"text:1"},
	} {
		if got := w.pages(path); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	if a := w.do("GET", "/messages?deviceId=van&offset=1", ""); a.status != 400 || !strings.HasPrefix(a.message(), "offset does not go with") {
		t.Errorf("got %d %s, want 400", a.status, a.body)
	}
	if a := w.do("GET", "/inbox?deviceId=bus", ""); a.status != 400 || a.message() != "Invalid device ID" {
		t.Errorf("got %d %s, want 400 Invalid device ID", a.status, a.body)
	}
}

// message returns what an answer says.
func (a *answered) message() string {
	var e api.Error
	_ = json.Unmarshal([]byte(a.body), &e) // an answer without a message has none
	return e.Message
}
