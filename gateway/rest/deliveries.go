package rest

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// listDeliveries is GET /webhooks/{id}/deliveries?state=&before=&limit=, newest
// event first.
func (s *server) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	dq := gateway.DeliveryQuery{}
	var err error
	if dq.States, err = deliveryStates(q.Values["state"]); err != nil {
		return err
	}
	if dq.Before, dq.Limit, err = q.page(); err != nil {
		return err
	}
	ds, es, err := s.gateway.Deliveries(r.PathValue("id"), dq)
	if err != nil {
		return err
	}
	out := make([]api.Delivery, len(ds))
	for i := range ds {
		out[i] = s.delivery(&ds[i], &es[i])
	}
	return reply(w, http.StatusOK, out)
}

// deliveryStates reads states, each by its name, several with commas. "dead" stands
// for all that ended badly.
func deliveryStates(names []string) ([]gateway.DeliveryState, error) {
	var out []gateway.DeliveryState
	for _, name := range strings.Split(strings.Join(names, ","), ",") {
		i := slices.Index(gateway.DeliveryStates[:], name)
		switch {
		case name == "":
		case name == "dead":
			for i := range gateway.DeliveryStates {
				if st := gateway.DeliveryState(i); st.Dead() {
					out = append(out, st)
				}
			}
		case i < 0:
			return nil, gateway.BadField("state", "state must be one or more of %s, dead", strings.Join(gateway.DeliveryStates[:], ", "))
		default:
			out = append(out, gateway.DeliveryState(i))
		}
	}
	return out, nil
}

// getDelivery is GET /webhooks/{id}/deliveries/{delivery}.
func (s *server) getDelivery(w http.ResponseWriter, r *http.Request) error {
	d, e, err := s.gateway.Delivery(r.PathValue("id"), r.PathValue("delivery"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, s.delivery(&d, &e))
}

// redeliver is POST /webhooks/{id}/deliveries/{delivery}/redeliver.
func (s *server) redeliver(w http.ResponseWriter, r *http.Request) error {
	o, err := readOptionalObject(w, r)
	if err != nil {
		return err
	}
	newID := value(o.boolean("newId"))
	if err := o.problem(); err != nil {
		return err
	}
	d, e, err := s.gateway.Redeliver(r.Context(), r.PathValue("id"), r.PathValue("delivery"), newID)
	if err != nil {
		return err
	}
	return reply(w, http.StatusAccepted, s.delivery(&d, &e))
}

// cancelDelivery is POST /webhooks/{id}/deliveries/{delivery}/cancel.
func (s *server) cancelDelivery(w http.ResponseWriter, r *http.Request) error {
	d, e, err := s.gateway.CancelDelivery(r.Context(), r.PathValue("id"), r.PathValue("delivery"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, s.delivery(&d, &e))
}

func (s *server) delivery(d *gateway.Delivery, e *gateway.Event) api.Delivery {
	out := api.Delivery{
		ID: d.ID, EventID: e.ID, Subject: d.Subject, State: d.State.String(), OccurredAt: wire(e.At),
		Attempts: d.Attempts, Replays: d.Replays, LastCode: d.LastCode, LastError: d.LastErr, LastAt: wire(d.LastAt),
		Cursor: strconv.FormatUint(d.Event, 10),
	}
	if e.Payload != nil {
		out.Event = string(e.Type())
	}
	if d.State == gateway.Undelivered {
		out.NextAttempt = s.wallOf(max(d.Due, 1))
	} else {
		out.EndedAt = s.wallOf(d.Ended)
	}
	return out
}

// listAttempts is GET /webhooks/{id}/attempts?delivery=&before=&limit=, newest
// first.
func (s *server) listAttempts(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	before, limit, err := q.page()
	if err != nil {
		return err
	}
	as, err := s.gateway.DeliveryAttempts(r.PathValue("id"), gateway.AttemptQuery{
		Delivery: q.Get("delivery"), Before: before, Limit: limit,
	})
	if err != nil {
		return err
	}
	out := make([]api.Attempt, len(as))
	for i := range as {
		a := &as[i]
		out[i] = api.Attempt{
			Cursor: strconv.FormatUint(a.Seq, 10), Delivery: a.Delivery, Event: string(a.Type), Number: a.Number,
			Outcome: a.Verdict.String(), At: wire(a.At), Exchange: exchange(&a.Exchange),
		}
		if a.Next != 0 {
			out[i].Next = wire(a.At.Add(a.Tick.Until(a.Next)))
		}
	}
	return reply(w, http.StatusOK, out)
}

// page reads the cursor and the size of a page.
func (q query) page() (before uint64, limit int, err error) {
	if text := q.Get("before"); text != "" {
		if before, err = strconv.ParseUint(text, 10, 64); err != nil {
			return 0, 0, gateway.BadField("before", "before must be the cursor of an item, a whole number from 0")
		}
	}
	limit, ok := q.within("limit", defaultLimit, 1, maxLimit)
	if !ok {
		return 0, 0, gateway.BadField("limit", "limit must be between 1 and %d", maxLimit)
	}
	return before, limit, nil
}

// exchange returns x as the API shows it.
func exchange(x *gateway.Exchange) api.Exchange {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	out := api.Exchange{
		Code: x.Code, Error: x.Error, ContentType: x.ContentType,
		Body: strings.ToValidUTF8(string(x.Body), string(utf8.RuneError)), Truncated: x.Truncated,
		Location: x.Location, Remote: x.Remote, TLS: x.TLS,
		Timings: api.Timings{
			DNS: ms(x.Timings.DNS), Connect: ms(x.Timings.Connect), TLS: ms(x.Timings.TLS),
			FirstByte: ms(x.Timings.FirstByte), Total: ms(x.Timings.Total),
		},
	}
	if !utf8.Valid(x.Body) {
		out.BodyBase64 = base64.StdEncoding.EncodeToString(x.Body)
	}
	if x.RetryAfter != 0 {
		out.RetryAfter = x.RetryAfter.String()
	}
	return out
}
