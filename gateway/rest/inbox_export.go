package rest

import (
	"net/http"
	"slices"
	"strings"

	"tetherd/gateway"
)

// Ways in which webhooks are told of messages that are told of again.
var deliveries = []string{"Disabled", "Individual", "Batch"}

// exportInbox is POST /inbox/export: webhooks are told again of what came in.
func (s *server) exportInbox(w http.ResponseWriter, r *http.Request) error {
	e, wanted, err := s.readExport(w, r, true)
	if err != nil {
		return err
	}
	return s.export(w, r, e, wanted)
}

// refreshInbox is POST /inbox/refresh: the modems look for what they have not handed
// over. Webhooks are told of that as of anything that comes in; what came in before is
// told of only if that is asked for.
func (s *server) refreshInbox(w http.ResponseWriter, r *http.Request) error {
	e, wanted, err := s.readExport(w, r, false)
	if err != nil {
		return err
	}
	s.gateway.Refresh()
	return s.export(w, r, e, wanted)
}

// export answers as soon as e is sure to be done, if it is wanted.
func (s *server) export(w http.ResponseWriter, r *http.Request, e gateway.Export, wanted bool) error {
	if wanted {
		if err := s.gateway.Export(r.Context(), e); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// readExport reads what is to be told of again, and whether it is, which is tell if
// the request does not say.
func (s *server) readExport(w http.ResponseWriter, r *http.Request, tell bool) (e gateway.Export, wanted bool, err error) {
	o, err := readObject(w, r)
	if err != nil {
		return e, false, err
	}
	since, until := o.time("since"), o.time("until")
	types, trigger, delivery, device := o.texts("messageTypes"), o.boolean("triggerWebhooks"), o.text("webhookDelivery"), o.text("deviceId")
	if err := o.problem(); err != nil {
		return e, false, err
	}
	switch {
	case since == nil:
		return e, false, gateway.BadField("since", "since is required")
	case until == nil:
		return e, false, gateway.BadField("until", "until is required")
	case !since.Before(until.Time):
		return e, false, gateway.BadField("since", "since must be before until")
	}
	e.Since, e.Until = since.Time, lastOf(until.Time)
	if e.Types, err = exportTypes(o, types); err != nil {
		return e, false, err
	}
	if trigger != nil {
		tell = *trigger
	}
	if delivery != nil {
		if !slices.Contains(deliveries, *delivery) {
			return e, false, gateway.BadField("webhookDelivery", "webhookDelivery must be one of %s", strings.Join(deliveries, ", "))
		}
		tell, e.Batch = *delivery != "Disabled", *delivery == "Batch"
	}
	if device != nil {
		m, err := s.deviceNamed(*device)
		if err != nil {
			return e, false, err
		}
		e.Modem = m.Modem
	}
	return e, tell, nil
}

// exportTypes returns the kinds of messages that names stand for, texts alone if there
// are none.
func exportTypes(o *object, names []string) (types []gateway.InboundType, err error) {
	if _, given := o.field("messageTypes"); !given {
		return []gateway.InboundType{gateway.InboundSMS}, nil
	}
	if len(names) == 0 {
		return nil, gateway.BadField("messageTypes", "messageTypes must not be empty")
	}
	var unknown []string
	for _, name := range names {
		if t := gateway.InboundType(name); slices.Contains(gateway.InboundTypes, t) {
			types = append(types, t)
		} else {
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		return nil, gateway.BadField("messageTypes", "messageTypes contains unsupported values: %s", strings.Join(unknown, ", "))
	}
	return types, nil
}
