package gateway

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// JobKind is what a [Job] does.
type JobKind string

// The kinds.
const (
	JobRecover JobKind = "recover"        // deliveries that ended badly begin anew
	JobReplay  JobKind = "replay-missing" // events that never had a delivery to the webhook get one
)

// JobState is how far a [Job] is.
type JobState string

// The states.
const (
	JobWaiting JobState = "waiting"
	JobRunning JobState = "running"
	JobDone    JobState = "done"
	JobFailed  JobState = "failed"
)

// Job is long work on the deliveries to one webhook. It does not survive a restart;
// the same request again does the rest, and nothing twice.
type Job struct {
	ID      string
	Webhook string // Endpoint.ID
	Kind    JobKind
	State   JobState
	Total   int // rows to go over; it grows until they are counted
	Done    int // of these
	Changed int // of these, the ones that there was something to do for
	Error   string
	Created time.Time
	Ended   time.Time // zero until it did
}

const (
	maxJobs    = 50 // that are remembered, the ones that wait included
	maxWaiting = 10
	jobChunk   = 1000 // rows in one commit
)

// jobs are those of this run, oldest first. It is safe for concurrent use.
type jobs struct {
	mu   sync.Mutex // guards the list and what it points to
	list []*task
	kick bell
}

// task is a job with its work.
type task struct {
	Job
	// each goes over the rows in chunks that fit in one commit and hands each to do,
	// with how many rows it is for. It stops at the first error.
	each func(ctx context.Context, do func(c Change, rows int) error) error
}

// add puts a job at the end, unless too many wait.
func (j *jobs) add(t *task) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	waiting := 0
	for _, k := range j.list {
		if k.State == JobWaiting {
			waiting++
		}
	}
	if waiting >= maxWaiting {
		return &Error{Code: TooSoon, Message: "too many jobs wait already: try again when some are done", After: 10 * time.Second}
	}
	if len(j.list) >= maxJobs {
		i := slices.IndexFunc(j.list, func(k *task) bool { return !k.Ended.IsZero() })
		j.list = slices.Delete(j.list, i, i+1) // at most maxWaiting have not ended, and one that runs
	}
	j.list = append(j.list, t)
	j.kick.ring()
	return nil
}

// edit alters a job.
func (j *jobs) edit(t *task, f func(*Job)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f(&t.Job)
}

// next returns the job to run now, or nil and what to wait for.
func (j *jobs) next() (*task, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, t := range j.list {
		if t.State == JobWaiting {
			t.State = JobRunning
			return t, nil
		}
	}
	return nil, j.kick.wait()
}

// Jobs returns the jobs for the webhook with the given ID since the start of the
// gateway, newest first; of very many, the latest.
func (g *Gateway) Jobs(webhook string) ([]Job, error) {
	if _, err := g.known(webhook); err != nil {
		return nil, err
	}
	g.jobs.mu.Lock()
	defer g.jobs.mu.Unlock()
	var out []Job
	for _, t := range slices.Backward(g.jobs.list) {
		if t.Webhook == webhook {
			out = append(out, t.Job)
		}
	}
	return out, nil
}

// Job returns a job for a webhook, or an error of code NotFound.
func (g *Gateway) Job(webhook, id string) (Job, error) {
	list, err := g.Jobs(webhook)
	if err != nil {
		return Job{}, err
	}
	i := slices.IndexFunc(list, func(j Job) bool { return j.ID == id })
	if i < 0 {
		return Job{}, &Error{Code: NotFound, Message: "there is no job with this id for this webhook; jobs are forgotten when the gateway is restarted"}
	}
	return list[i], nil
}

// start has a job run as soon as those before it have ended.
func (g *Gateway) start(webhook string, kind JobKind, each func(context.Context, func(Change, int) error) error) (Job, error) {
	j := Job{ID: NewID(), Webhook: webhook, Kind: kind, State: JobWaiting, Created: g.now()}
	return j, g.jobs.add(&task{Job: j, each: each})
}

// runJobs runs one job after the other until soft ends.
func (g *Gateway) runJobs(soft context.Context) {
	for {
		t, wait := g.jobs.next()
		if t != nil {
			g.runJob(soft, t)
			continue
		}
		select {
		case <-wait:
		case <-soft.Done():
			return
		}
	}
}

// runJob counts what there is to do, then does it.
func (g *Gateway) runJob(ctx context.Context, t *task) {
	err := t.each(ctx, func(_ Change, rows int) error {
		g.jobs.edit(t, func(j *Job) { j.Total += rows })
		return ctx.Err()
	})
	if err == nil {
		err = t.each(ctx, func(c Change, rows int) error {
			if err := g.commit(ctx, c); err != nil {
				return err
			}
			changed := len(c.Deliveries)
			for i := range c.Missed {
				if c.Missed[i].Event != 0 {
					changed++
				}
			}
			g.jobs.edit(t, func(j *Job) {
				j.Done += rows
				j.Changed += changed
				j.Total = max(j.Total, j.Done) // there can be more by now
			})
			return nil
		})
	}
	log := g.log.Info()
	g.jobs.edit(t, func(j *Job) {
		j.State, j.Ended = JobDone, g.now()
		if err != nil {
			j.State, j.Error = JobFailed, "it was interrupted by an internal error, see the log; the same request again does the rest"
			if e, ok := errors.AsType[*Error](err); ok {
				j.Error = e.Message
			} else if ctx.Err() != nil {
				j.Error = "the gateway was stopped; the same request again does the rest"
			}
		}
	})
	if err != nil && ctx.Err() == nil {
		log = g.log.Error().Err(err)
	}
	log.Str("webhook", t.Webhook).Str("job", string(t.Kind)).Int("rows", t.Done).Int("changed", t.Changed).Msg("job ended")
}
