package rest

import (
	"encoding/base64"
	"math"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/gateway/cause"
)

// sendMessage is POST /messages.
func (s *server) sendMessage(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r, maxBody)
	if err != nil {
		return err
	}
	o, err := parseObject(body)
	if err != nil {
		return err
	}
	req, err := decodeSend(o)
	if err != nil {
		return err
	}
	if req.SkipPhoneValidation, err = queryOf(r).boolean("skipPhoneValidation"); err != nil {
		return err
	}
	sub, err := s.submission(req)
	if err != nil {
		return err
	}
	batch := gateway.Batch{User: principalOf(r).User, Items: []gateway.BatchItem{{Submission: sub}}}
	if dry, err := queryOf(r).boolean("dryRun"); err != nil {
		return err
	} else if dry {
		return s.planMessage(w, r, batch)
	}
	answer := func(result *gateway.BatchResult) (location string, v any) {
		m := &result.Messages[0]
		return r.URL.EscapedPath() + "/" + url.PathEscape(m.ID), s.message(m, true, s.gateway.Waits())
	}
	batch.Once = onceOf(r, "message", body, req.SkipPhoneValidation)
	remember(batch.Once, answer)
	result, err := s.gateway.SubmitBatch(r.Context(), batch)
	switch {
	case err != nil:
		return ofOne(err)
	case result.Replayed != nil:
		return replay(w, result.Replayed)
	}
	location, v := answer(&result)
	return accepted(w, location, v)
}

// getMessage is GET /messages/{id}.
func (s *server) getMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.gateway.Message(r.PathValue("id"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, s.message(&m, true, s.gateway.Waits()))
}

// cancelMessage is DELETE /messages/{id}.
func (s *server) cancelMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.gateway.Cancel(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, s.message(&m, false, s.gateway.Waits()))
}

// releaseMessage is POST /messages/{id}/release.
func (s *server) releaseMessage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.gateway.Release(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, s.message(&m, false, s.gateway.Waits()))
}

// retryMessage is POST /messages/{id}/retry.
func (s *server) retryMessage(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	list := path.Dir(strings.TrimSuffix(r.URL.EscapedPath(), "/retry"))
	answer := func(result *gateway.BatchResult) (location string, v any) {
		m := &result.Messages[0]
		return list + "/" + url.PathEscape(m.ID), s.message(m, true, s.gateway.Waits())
	}
	once := onceOf(r, "retry "+id, nil)
	remember(once, answer)
	m, replayed, err := s.gateway.Resubmit(r.Context(), principalOf(r).User, id, once)
	switch {
	case err != nil:
		return err
	case replayed != nil:
		return replay(w, replayed)
	}
	location, v := answer(&gateway.BatchResult{Messages: []gateway.Message{m}})
	return accepted(w, location, v)
}

// listMessages is GET /messages.
func (s *server) listMessages(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	content, err := q.boolean("includeContent")
	if err != nil {
		return err
	}
	mq, err := messageQuery(q)
	if err != nil {
		return err
	}
	search, searching, err := s.searchOf(q)
	if err != nil {
		return err
	}
	var ms []gateway.Message
	if searching {
		if mq.Oldest {
			return gateway.BadField("sort", "sort=created_at does not go with search, before and the deviceId of a modem: they list the newest first")
		}
		if mq.Offset > 0 {
			return errNoOffset
		}
		search.State, search.From, search.To, search.Limit = mq.State, mq.From, mq.To, mq.Limit
		var next gateway.Place
		if ms, next, err = s.gateway.SearchMessages(search); err != nil {
			return err
		}
		showNext(w, r, next)
	} else {
		var total int
		if ms, total, err = s.gateway.Messages(mq); err != nil {
			return err
		}
		w.Header().Set(api.TotalHeader, strconv.Itoa(total))
	}
	out, waits := make([]api.Message, len(ms)), s.gateway.Waits()
	for i := range ms {
		out[i] = s.message(&ms[i], content, waits)
	}
	return reply(w, http.StatusOK, out)
}

// messageQuery reads the filter and the page of a list of messages. The state
// Cancelling is known to the API; no message is ever in it.
func messageQuery(q query) (mq gateway.MessageQuery, err error) {
	mq = gateway.MessageQuery{
		State:  gateway.State(q.Get("state")),
		Limit:  q.clamped("limit", defaultLimit, 1, maxLimit),
		Offset: q.clamped("offset", 0, 0, math.MaxInt),
	}
	mq.From, _ = q.since("from") // what cannot be read is ignored, as the API has it
	mq.To, _ = q.until("to")
	switch order := q.Get("sort"); {
	case mq.State != "" && !mq.State.Valid() && api.State(mq.State) != api.Cancelling:
		return mq, gateway.BadField("state", "state must be one of %s", stateNames())
	case !mq.From.IsZero() && !mq.To.IsZero() && mq.From.After(mq.To):
		return mq, errRange
	case order == "created_at":
		mq.Oldest = true
	case order != "" && order != "-created_at":
		return mq, gateway.BadField("sort", "sort must be created_at, the oldest first, or -created_at")
	}
	return mq, nil
}

func stateNames() string {
	names := make([]string, len(gateway.States))
	for i, s := range gateway.States {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// message returns m as the API shows it, with or without its content.
func (s *server) message(m *gateway.Message, content bool, waits *gateway.Waits) api.Message {
	out := api.Message{
		ID: m.ID, DeviceID: s.gateway.DeviceID(), State: api.State(m.State()), IsEncrypted: m.Sealed != "",
		ScheduleAt: wire(m.ScheduleAt), CreatedAt: wire(m.CreatedAt),
		RetryOf: m.RetryOf, RetriedBy: m.RetriedBy,
		SIMNumber: m.SIM, Priority: m.Priority, Encoding: string(m.Encoding), Flash: m.Flash, SMSC: m.SMSC, Canary: m.Canary,
		Recipients: make([]api.Recipient, len(m.Recipients)),
		States:     make(map[api.State]api.Time, len(m.FirstReached)),
	}
	switch {
	case content && m.Sealed != "" && m.Ports != nil:
		out.DataMessage = &api.DataMessage{Data: m.Sealed, Port: int(m.Ports.Dst)}
	case content && m.Sealed != "":
		out.TextMessage = &api.TextMessage{Text: m.Sealed}
	case content && m.Data != nil:
		out.DataMessage = &api.DataMessage{Data: base64.StdEncoding.EncodeToString(m.Data), Port: int(m.Ports.Dst)}
	case content:
		out.TextMessage = &api.TextMessage{Text: m.Text}
	}
	if s.several {
		out.User = m.User
	}
	for i := range m.Recipients {
		r := &m.Recipients[i]
		out.Recipients[i] = api.Recipient{
			PhoneNumber: r.Number, State: api.State(r.State),
			Error: r.Error, ErrorCode: r.Code, PossibleDuplicate: r.PossibleDuplicate, RetriedBy: r.RetriedBy,
			Waiting: waits.Recipient(m, i),
		}
		if out.Waiting == "" {
			out.Waiting = out.Recipients[i].Waiting
		}
		if c, ok := cause.Named(r.Code); ok && r.Error != "" {
			out.Recipients[i].ErrorHelp = c.Action
		}
	}
	for state, at := range m.FirstReached {
		out.States[api.State(state)] = wire(at)
	}
	return out
}
