package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// maxBatchErrors is how many errors are listed of a batch that is refused.
const maxBatchErrors = 50

// maxShared bounds what a batch says for all its messages, in bytes, times their
// number: it is read for each of them.
const maxShared = 256 << 20

// sendBatch is POST /messages/batch.
func (s *server) sendBatch(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r, api.MaxBatchBytes)
	if err != nil {
		return err
	}
	o, err := parseObject(body)
	if err != nil {
		return err
	}
	q := queryOf(r)
	unchecked, err := q.boolean("skipPhoneValidation")
	if err != nil {
		return err
	}
	partial, err := q.boolean("partial")
	if err != nil {
		return err
	}
	dry, err := q.boolean("dryRun")
	if err != nil {
		return err
	}
	items, err := s.batchItems(o, unchecked)
	if err != nil {
		return err
	}
	batch := gateway.Batch{
		User: principalOf(r).User, Items: items, Partial: partial, Once: onceOf(r, "batch", body, unchecked, partial),
	}
	if dry {
		return s.planBatch(w, r, batch)
	}
	remember(batch.Once, func(r *gateway.BatchResult) (string, any) { return "", batchAnswer(r) })
	result, err := s.gateway.SubmitBatch(r.Context(), batch)
	switch {
	case err != nil:
		return err
	case result.Replayed != nil:
		return replay(w, result.Replayed)
	}
	return accepted(w, "", batchAnswer(&result))
}

// batchItems reads the messages of a batch: those that are listed, each with what is
// given for all where it says nothing itself, or else one for each number.
func (s *server) batchItems(o *object, unchecked bool) ([]gateway.BatchItem, error) {
	if o.has("id") {
		return nil, gateway.BadField("id", "id belongs to the entries of messages: each message needs one of its own")
	}
	entries, err := batchEntries(o)
	if err != nil {
		return nil, err
	}
	items := make([]gateway.BatchItem, len(entries.raw))
	for i := range items {
		fields, err := entries.fields(i)
		if err != nil {
			return nil, err
		}
		req, err := decodeSend(&object{fields: fields, err: new(error)})
		if err == nil {
			req.SkipPhoneValidation = unchecked
			items[i].Submission, err = s.submission(req)
		}
		if err != nil && gateway.CodeOf(err) != gateway.Invalid {
			return nil, err
		}
		items[i].Err = err
	}
	return items, nil
}

// entries are the messages of a batch. They are taken apart one at a time, which all
// together take many times the memory of what was sent.
type entries struct {
	shared map[string]json.RawMessage // what is given for all
	raw    []json.RawMessage
	each   bool // they are objects; else the numbers of one message each
}

// batchEntries finds the messages of a batch.
func batchEntries(o *object) (*entries, error) {
	shared := maps.Clone(o.fields)
	delete(shared, "messages")
	var raw []json.RawMessage
	b, each := o.field("messages")
	name := "messages"
	if !each {
		var ok bool
		name = "phoneNumbers"
		if b, ok = o.field(name); !ok {
			return nil, gateway.BadField("messages", "a batch needs messages, an array of objects, or textMessage and phoneNumbers for one message to each")
		}
	}
	if b[0] != '[' {
		return nil, gateway.BadField(name, "%s must be an array, got %s", name, kindOf(b))
	}
	// Counted first: millions of entries that are next to nothing become a lot.
	n := countItems(b)
	if n == 0 || n > gateway.MaxSubmissions {
		return nil, gateway.BadField(name, "%s has %d entries, allowed in one batch are 1 to %d", name, n, gateway.MaxSubmissions)
	}
	if !each {
		delete(shared, name)
	}
	all := 0
	for _, v := range shared {
		all += len(v)
	}
	if most := maxShared / n; all > most {
		return nil, gateway.Invalidf("what the batch says for all its messages has %d bytes: with %d messages it may have at most %d", all, n, most)
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("read batch: %w", err) // it was valid JSON before
	}
	return &entries{shared, raw, each}, nil
}

// fields returns the fields of a message.
func (e *entries) fields(i int) (map[string]json.RawMessage, error) {
	entry := e.raw[i]
	if !e.each {
		fields := maps.Clone(e.shared)
		fields["phoneNumbers"] = append(append(json.RawMessage("["), entry...), ']')
		return fields, nil
	}
	if n := countItems(entry); n > maxFields {
		return nil, gateway.BadField(fmt.Sprintf("messages[%d]", i), "messages[%d] has more than %d fields", i, maxFields)
	}
	var own map[string]json.RawMessage
	if json.Unmarshal(entry, &own) != nil || own == nil {
		return nil, gateway.BadField(fmt.Sprintf("messages[%d]", i), "messages[%d] must be an object, got %s", i, kindOf(entry))
	}
	return overlay(e.shared, own), nil
}

// alternatives are fields of which a message may have one: its own puts all of them
// aside that are given for all.
var alternatives = [][]string{
	{"textMessage", "dataMessage", "mmsMessage", "message"},
	{"ttl", "validUntil"},
}

// overlay returns the fields of a message: its own, and those given for all.
func overlay(shared, own map[string]json.RawMessage) map[string]json.RawMessage {
	if len(shared) == 0 {
		return own
	}
	fields := maps.Clone(shared)
	for _, names := range alternatives {
		for _, name := range names {
			if _, ok := own[name]; !ok {
				continue
			}
			for _, other := range names {
				delete(fields, other)
			}
		}
	}
	maps.Copy(fields, own)
	return fields
}

// batchAnswer returns what became of a batch as the API shows it.
func batchAnswer(r *gateway.BatchResult) api.BatchAnswer {
	out := api.BatchAnswer{
		Accepted: len(r.Messages), Refused: len(r.Refused),
		Messages: make([]api.BatchMessage, len(r.Messages)), Errors: batchErrors(r.Refused),
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		out.Messages[i] = api.BatchMessage{Index: r.Items[i], ID: m.ID, State: api.State(m.State())}
	}
	return out
}

func batchErrors(refused []gateway.Refusal) []api.BatchError {
	out := make([]api.BatchError, len(refused))
	for i, r := range refused {
		out[i] = api.BatchError{Index: r.Index, Field: r.Err.Field, Message: r.Err.Message}
	}
	return out
}
