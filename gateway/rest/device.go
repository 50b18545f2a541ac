package rest

import (
	"net/http"
	"strings"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// greet is GET /: clients use it to check their credentials.
func (s *server) greet(w http.ResponseWriter, _ *http.Request) error {
	return reply(w, http.StatusOK, api.Greeting{Status: "ok", Model: s.name})
}

// listDevices is GET /devices. The gateway is the only device.
func (s *server) listDevices(w http.ResponseWriter, _ *http.Request) error {
	now := wire(time.Now())
	d := api.Device{
		ID: s.gateway.DeviceID(), Name: s.name,
		CreatedAt: wire(s.gateway.CreatedAt()), UpdatedAt: now, LastSeen: now,
		SIMCards: []api.SIMCard{},
	}
	for _, m := range s.gateway.Modems() {
		if m.SIMID == "" {
			continue // no SIM, or none that could be read yet
		}
		d.SIMCards = append(d.SIMCards, api.SIMCard{
			SlotIndex: m.Slot - 1, SIMNumber: m.Slot, ModemID: m.Modem,
			PhoneNumber: m.Number, CarrierName: m.Operator, ICCID: m.ICCID,
		})
	}
	return reply(w, http.StatusOK, []api.Device{d})
}

// deviceNamed returns the modem that a deviceId stands for, or the zero value if that
// is the gateway as a whole. Formats of other products show modems with a prefix.
func (s *server) deviceNamed(id string) (gateway.ModemStatus, error) {
	if id == s.gateway.DeviceID() {
		return gateway.ModemStatus{}, nil
	}
	for _, name := range []string{id, strings.TrimPrefix(id, "dev_")} {
		for _, m := range s.gateway.Modems() {
			if m.Modem == name {
				return m, nil
			}
		}
	}
	return gateway.ModemStatus{}, errDevice
}

// deleteDevice is DELETE /devices/{id}, which is of use only where several
// devices share one server.
func (s *server) deleteDevice(_ http.ResponseWriter, r *http.Request) error {
	m, err := s.deviceNamed(r.PathValue("id"))
	switch {
	case err != nil:
		return &gateway.Error{Code: gateway.NotFound, Message: "there is no such device"}
	case m.Modem != "":
		return gateway.Invalidf("modem %s is named by the configuration: remove it there", m.Modem)
	}
	return gateway.Invalidf("this gateway is its only device and cannot be deleted")
}
