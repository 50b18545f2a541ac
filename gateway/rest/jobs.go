package rest

import (
	"net/http"
	"net/url"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// recoverDeliveries is POST /webhooks/{id}/recover.
func (s *server) recoverDeliveries(w http.ResponseWriter, r *http.Request) error {
	o, err := readOptionalObject(w, r)
	if err != nil {
		return err
	}
	q := gateway.RecoverQuery{Since: moment(o.time("since")), Until: moment(o.time("until"))}
	names := o.oneOrMore("state")
	if err := o.problem(); err != nil {
		return err
	}
	if q.States, err = deliveryStates(names); err != nil {
		return err
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && q.Since.After(q.Until) {
		return gateway.Invalidf("since must not be after until")
	}
	j, err := s.gateway.Recover(r.PathValue("id"), q)
	return s.startedJob(w, r, j, err)
}

// replayMissing is POST /webhooks/{id}/replay-missing.
func (s *server) replayMissing(w http.ResponseWriter, r *http.Request) error {
	o, err := readOptionalObject(w, r)
	if err != nil {
		return err
	}
	since := moment(o.time("since"))
	if err := o.problem(); err != nil {
		return err
	}
	j, err := s.gateway.ReplayMissing(r.PathValue("id"), since)
	return s.startedJob(w, r, j, err)
}

// startedJob answers with a job, and where to look how far it is.
func (s *server) startedJob(w http.ResponseWriter, r *http.Request, j gateway.Job, err error) error {
	if err != nil {
		return err
	}
	// Beside the path of the request, under the same prefix.
	base, err := url.Parse("jobs/" + j.ID)
	if err != nil {
		return err
	}
	w.Header().Set("Location", r.URL.ResolveReference(base).EscapedPath())
	return reply(w, http.StatusAccepted, job(&j))
}

// listJobs is GET /webhooks/{id}/jobs, newest first.
func (s *server) listJobs(w http.ResponseWriter, r *http.Request) error {
	js, err := s.gateway.Jobs(r.PathValue("id"))
	if err != nil {
		return err
	}
	out := make([]api.Job, len(js))
	for i := range js {
		out[i] = job(&js[i])
	}
	return reply(w, http.StatusOK, out)
}

// getJob is GET /webhooks/{id}/jobs/{job}.
func (s *server) getJob(w http.ResponseWriter, r *http.Request) error {
	j, err := s.gateway.Job(r.PathValue("id"), r.PathValue("job"))
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, job(&j))
}

func job(j *gateway.Job) api.Job {
	return api.Job{
		ID: j.ID, Webhook: j.Webhook, Kind: string(j.Kind), State: string(j.State),
		Total: j.Total, Done: j.Done, Changed: j.Changed, Error: j.Error, CreatedAt: wire(j.Created), EndedAt: wire(j.Ended),
	}
}

// moment returns the time that t points to, zero for nil.
func moment(t *api.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time
}

// oneOrMore returns a string, or an array of strings.
func (o *object) oneOrMore(name string) []string {
	if b, ok := o.field(name); ok && b[0] == '"' {
		return []string{value(o.text(name))}
	}
	return o.texts(name)
}
