package gateway

import (
	"context"
	"errors"
	"fmt"
)

// Bounds of one batch.
const (
	MaxSubmissions     = 10_000
	maxBatchRecipients = 20_000
	maxBatchEncrypted  = 100 // each takes a small computer a good part of a second to read
)

// Batch is several submissions of one user that are stored in one step.
type Batch struct {
	User  string // who asks for it; that of the submissions does not count
	Items []BatchItem
	// Partial stores what can be stored. Else one item that is wrong refuses all.
	Partial bool
	Once    *Once // may be nil
}

// BatchItem is one submission, or why it is none.
type BatchItem struct {
	Submission
	Err error // of code Invalid; nil if Submission counts
}

// BatchResult is what became of a batch.
type BatchResult struct {
	Messages []Message // that were stored, in the order of their items
	Items    []int     // the index of the item of each message
	Refused  []Refusal // the others, in their order
	// Replayed is what the same request was answered before; nil if this is the first. The
	// other fields are empty then.
	Replayed []byte
}

// Refusal is an item of a batch that was not accepted.
type Refusal struct {
	Index int
	Err   *Error
}

// BatchError is the cause of the error of a batch of which nothing was stored.
type BatchError struct {
	Of      int // items there were
	Refused []Refusal
}

// Error implements error.
func (e *BatchError) Error() string {
	first := e.Refused[0]
	return fmt.Sprintf("%d of %d messages cannot be accepted, and nothing was stored; messages[%d]: %s",
		len(e.Refused), e.Of, first.Index, first.Err.Message)
}

// code returns that of the errors if they have one in common, else [Invalid].
func (e *BatchError) code() Code {
	for _, r := range e.Refused {
		if r.Err.Code != e.Refused[0].Err.Code {
			return Invalid
		}
	}
	return e.Refused[0].Err.Code
}

// SubmitBatch takes several messages on, as [Gateway.Submit] does one, and in one
// step: a crash leaves all of them or none. A batch of which nothing is stored since
// items of it are wrong is refused with a [BatchError] in the chain of an [Error].
// A key of b.Once that was used for something else is refused with [ErrReused].
func (g *Gateway) SubmitBatch(ctx context.Context, b Batch) (BatchResult, error) {
	if err := g.checkBatch(&b); err != nil {
		return BatchResult{}, err
	}
	key, unlock, err := g.keyOf(b.User, b.Once)
	if err != nil {
		return BatchResult{}, err
	}
	defer unlock()
	if answer, err := g.remembered(key, b.Once); answer != nil || err != nil {
		return BatchResult{Replayed: answer}, err
	}
	r, err := g.prepareBatch(ctx, &b)
	if err != nil {
		return BatchResult{}, err
	}
	r, err = g.storeBatch(ctx, &b, key, r)
	if b.Once != nil && (errors.Is(err, ErrConflict) || errors.Is(err, ErrExists)) {
		// The client gave one up that was on its way to the disk, and repeated it.
		if answer, err := g.remembered(key, b.Once); answer != nil || err != nil {
			return BatchResult{Replayed: answer}, err
		}
	}
	return r, err
}

func (g *Gateway) checkBatch(b *Batch) error {
	switch n := len(b.Items); {
	case g.stopping.Load():
		return errStopping
	case n == 0:
		return BadField("messages", "the batch is empty: messages must have at least one entry")
	case n > MaxSubmissions:
		return BadField("messages", "messages has %d entries, the most in one batch is %d: send it in pieces", n, MaxSubmissions)
	}
	return nil
}

// recipients returns how many all messages have together.
func (r *BatchResult) recipients() (n int) {
	for i := range r.Messages {
		n += len(r.Messages[i].Recipients)
	}
	return n
}

// noSlot says that there is no such slot, in the words that clients know.
func noSlot(sim int) string { return fmt.Sprintf("Can't send message: SIM %d not found", sim) }

var errStopping = &Error{Code: Unavailable, Message: "the gateway is stopping; try again in a minute"}

// prepareBatch makes the messages of b.
func (g *Gateway) prepareBatch(ctx context.Context, b *Batch) (r BatchResult, err error) {
	ids := make(map[string]int, len(b.Items))
	recipients, encrypted := 0, 0
	for i := range b.Items {
		it := &b.Items[i]
		if recipients += len(it.Numbers); recipients > maxBatchRecipients && len(b.Items) > 1 {
			return r, BadField("messages", "the messages have more than %d recipients together: send the batch in pieces", maxBatchRecipients)
		}
		if it.Encrypted {
			encrypted++
		}
		if encrypted > maxBatchEncrypted {
			return r, BadField("messages", "more than %d messages are encrypted: send the batch in pieces", maxBatchEncrypted)
		}
		m, err := g.batchMessage(ctx, b, i, ids)
		switch code := CodeOf(err); {
		case err == nil:
			r.Messages, r.Items = append(r.Messages, m), append(r.Items, i)
		case ctx.Err() != nil || code != Invalid && code != Conflict:
			return r, err
		default:
			e, _ := errors.AsType[*Error](err)
			r.Refused = append(r.Refused, Refusal{i, e})
		}
	}
	if len(r.Messages) == 0 || len(r.Refused) > 0 && !b.Partial {
		return r, refuseBatch(len(b.Items), r.Refused)
	}
	return r, nil
}

func refuseBatch(items int, refused []Refusal) error {
	e := &BatchError{items, refused}
	return &Error{Code: e.code(), Field: "messages", Message: e.Error(), Err: e}
}

// batchMessage makes the message of an item. Those before it have the given IDs.
func (g *Gateway) batchMessage(ctx context.Context, b *Batch, i int, ids map[string]int) (m Message, err error) {
	it := &b.Items[i]
	if it.Err != nil {
		return m, it.Err
	}
	it.User = b.User
	if m, err = g.newMessage(ctx, it.Submission); err != nil {
		return m, err
	}
	if first, dup := ids[m.ID]; dup {
		return m, BadField("id", "id %q is that of messages[%d], too", m.ID, first)
	}
	ids[m.ID] = i
	if it.ID != "" {
		if _, err := g.store.Message(m.ID); err == nil {
			return m, ErrExists
		} else if !errors.Is(err, ErrNotFound) {
			return m, fmt.Errorf("look up id: %w", err)
		}
	}
	return m, g.route(&m)
}

// storeBatch stores what was prepared.
func (g *Gateway) storeBatch(ctx context.Context, b *Batch, key RequestKey, r BatchResult) (BatchResult, error) {
	refund, err := g.quotas.take(b.User, r.recipients(), g.clock.Now())
	if err != nil {
		return BatchResult{}, err
	}
	var c Change
	for i := range r.Messages {
		if m := &r.Messages[i]; m.SIM > max(len(g.lanes), g.slots) {
			g.failAll(m, &c, noSlot(m.SIM), "")
		}
	}
	if b.Once != nil {
		request, err := g.request(key, b.Once, &r)
		if err != nil {
			refund()
			return BatchResult{}, fmt.Errorf("make answer: %w", err)
		}
		c.Requests = []Request{request}
	}
	n := len(r.Messages)
	c.Messages = append(r.Messages, c.Messages...) // behind them, alerts
	if err := g.commit(ctx, c); err != nil {
		if ctx.Err() == nil { // else it may have been stored all the same
			refund()
		}
		if CodeOf(err) != "" {
			return BatchResult{}, err
		}
		return BatchResult{}, fmt.Errorf("store messages: %w", err)
	}
	r.Messages = c.Messages[:n:n]
	return r, nil
}
