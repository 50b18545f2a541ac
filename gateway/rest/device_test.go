package rest

import (
	"encoding/json"
	"fmt"
	"os"
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
