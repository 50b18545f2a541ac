package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Export asks for events of messages that came in before, once more. The events are
// new, with identifiers of their own; the messages keep theirs. Nobody but webhooks
// is told, and conversations do not grow by it.
type Export struct {
	Since, Until time.Time     // by Inbound.ArrivedAt, inclusive; what comes in later is told of anyway
	Types        []InboundType // at least one
	Modem        string        // ID; empty: any
	Batch        bool          // several messages in one event
}

// settingExports is where the exports are kept that are not done.
const settingExports = "exports"

const (
	maxExports = 10
	exportRows = 5000 // deliveries in one commit, about
	// exportAhead is how many deliveries of a webhook may wait while an export makes
	// more: it must not push out what happens now.
	exportAhead = 2000
	// exportPatience is how long a webhook is waited for that takes nothing.
	exportPatience = 10 * time.Second
)

// exportJob is an export with how far it is.
type exportJob struct {
	Export
	ID   string
	At   time.Time // Inbound.ArrivedAt of the last message that was seen to
	Seq  uint64    // and its Seq
	Told int       // messages
}

// exports are those that are not done, oldest first.
type exports struct {
	saving sync.Mutex // held while the list is stored
	list   []exportJob
	kick   chan struct{} // capacity 1; written by Export, read by runExports
}

// Export has e done in the background, in steps that survive a restart. It returns
// once e is stored, with an [Invalid] error if there is nothing sensible to do and
// TooSoon if too many exports wait.
func (g *Gateway) Export(ctx context.Context, e Export) error {
	if now := g.now(); e.Until.After(now) {
		e.Until = now
	}
	switch {
	case len(e.Types) == 0:
		return Invalidf("messageTypes must not be empty")
	case e.Modem != "" && g.byModem[e.Modem] == nil:
		return Invalidf("there is no modem %q", e.Modem)
	case e.Since.After(e.Until):
		return nil // all of it is to come
	}
	g.exports.saving.Lock()
	defer g.exports.saving.Unlock()
	if len(g.exports.list) >= maxExports {
		return &Error{Code: TooSoon, Message: "too many exports wait already: try again when some are done", After: 10 * time.Second}
	}
	if err := g.saveExports(ctx, append(slices.Clone(g.exports.list), exportJob{Export: e, ID: NewID(), At: e.Since}), Change{}); err != nil {
		return err
	}
	kick(g.exports.kick)
	return nil
}

// saveExports stores the list together with c; saving is locked.
func (g *Gateway) saveExports(ctx context.Context, list []exportJob, c Change) error {
	text := ""
	if len(list) > 0 {
		b, err := json.Marshal(list)
		if err != nil {
			return fmt.Errorf("encode exports: %w", err)
		}
		text = string(b)
	}
	c.Settings = map[string]string{settingExports: text}
	if err := g.commit(ctx, c); err != nil {
		return fmt.Errorf("store exports: %w", err)
	}
	g.exports.list = list
	return nil
}

// loadExports reads the exports that a stop interrupted.
func (g *Gateway) loadExports() error {
	g.exports.kick = make(chan struct{}, 1)
	text, err := g.store.Setting(settingExports)
	if err != nil {
		return fmt.Errorf("read exports: %w", err)
	}
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &g.exports.list); err != nil {
		g.log.Error().Err(err).Msg("unfinished exports cannot be read, giving them up")
		g.exports.list = nil
	}
	return nil
}

// runExports does one export after the other until soft ends.
func (g *Gateway) runExports(soft context.Context) {
	var told []uint32 // Endpoint.Num of those that were told last
	repeat(soft, g.exports.kick, func() time.Duration {
		for soft.Err() == nil && !g.broken.Load() {
			g.makeRoom(soft, told)
			more, posts, err := g.exportStep(soft)
			switch {
			case soft.Err() != nil:
			case err != nil:
				g.log.Error().Err(err).Msg("cannot tell of earlier messages, trying again later")
				return exportPatience
			case !more:
				return time.Hour
			}
			told = posts
		}
		return time.Hour
	})
}

// makeRoom waits until not much waits for the webhooks that were told last, if they
// take any of it.
func (g *Gateway) makeRoom(soft context.Context, told []uint32) {
	least, since := 0, time.Now()
	for first := true; soft.Err() == nil; first = false {
		loads, err := g.store.EndpointLoads()
		if err != nil {
			return // the export goes on: nothing is refused for it
		}
		most := 0
		for _, num := range told {
			most = max(most, loads[num].Pending)
		}
		if first || most < least {
			least, since = most, time.Now()
		}
		if most <= exportAhead || time.Since(since) >= exportPatience {
			return
		}
		timer := time.NewTimer(time.Second)
		select {
		case <-timer.C:
		case <-soft.Done():
			timer.Stop()
		}
	}
}

// exportStep tells of the next messages of the oldest export, and reports whether
// there may be more to do and which webhooks it told.
func (g *Gateway) exportStep(ctx context.Context) (more bool, told []uint32, err error) {
	g.exports.saving.Lock()
	defer g.exports.saving.Unlock()
	if len(g.exports.list) == 0 {
		return false, nil, nil
	}
	list := slices.Clone(g.exports.list)
	job := &list[0]
	chunk := min(max(exportRows/max(len(*g.endpoints.Load()), 1), 1), MaxBatch)
	ins, err := g.store.InboundAfter(job.At, job.Seq, job.Until, chunk)
	if err != nil {
		return false, nil, fmt.Errorf("read messages: %w", err)
	}
	var c Change
	var payloads []Payload
	for i := range ins {
		job.At, job.Seq = ins[i].ArrivedAt, ins[i].Seq
		if p := job.payload(&ins[i]); p != nil {
			payloads = append(payloads, p)
		}
	}
	if job.Batch {
		g.emitBatches(&c, payloads)
	} else {
		for _, p := range payloads {
			g.emitAgain(&c, messageID(p), p, g.fanOut(&happening{at: g.now(), payload: p}, nil).posts)
		}
	}
	job.Told += len(payloads)
	if len(ins) < chunk {
		g.log.Info().Str("export", job.ID).Int("messages", job.Told).Msg("webhooks were told of earlier messages")
		list = list[1:]
	}
	for _, e := range c.Emissions {
		for _, d := range e.Deliveries {
			told = append(told, d.Endpoint)
		}
	}
	return true, told, g.saveExports(ctx, list, c)
}

// payload returns what is told of a message, nil if nothing is.
func (j *exportJob) payload(in *Inbound) Payload {
	if in.Silent || in.Canary != "" || !slices.Contains(j.Types, in.Type) || j.Modem != "" && in.Modem != j.Modem {
		return nil
	}
	undecoded := in.Type == InboundData && len(in.TPDUs) == 1 && bytes.Equal(in.Data, in.TPDUs[0])
	return Identified(in.payload(undecoded), in.MessageID())
}
