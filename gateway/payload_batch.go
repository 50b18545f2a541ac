package gateway

// MaxBatch is how many messages one event may tell of.
const MaxBatch = 100

// ReceivedBatch is the payload of [EventBatchReceived]: texts that were received
// before and are told of again, oldest first.
type ReceivedBatch struct {
	Messages []MessageReceived `json:"messages"`
}

// DataBatch is the payload of [EventBatchDataReceived].
type DataBatch struct {
	Messages []DataReceived `json:"messages"`
}

// MMSBatch is the payload of [EventBatchMMSReceived].
type MMSBatch struct {
	Messages []MMSReceived `json:"messages"`
}

// EventType implements [Payload].
func (ReceivedBatch) EventType() EventType { return EventBatchReceived }

// EventType implements [Payload].
func (DataBatch) EventType() EventType { return EventBatchDataReceived }

// EventType implements [Payload].
func (MMSBatch) EventType() EventType { return EventBatchMMSReceived }

// Singles returns what p would be for each message that it tells of; nil if it is no
// batch.
func Singles(p Payload) (out []Payload) {
	switch p := p.(type) {
	case ReceivedBatch:
		for _, m := range p.Messages {
			out = append(out, m)
		}
	case DataBatch:
		for _, m := range p.Messages {
			out = append(out, m)
		}
	case MMSBatch:
		for _, m := range p.Messages {
			out = append(out, m)
		}
	}
	return out
}

// batch returns the payload that tells of several messages of one kind; nil if there
// is none for that kind.
func batch(singles []Payload) Payload {
	switch singles[0].(type) {
	case MessageReceived:
		return ReceivedBatch{of[MessageReceived](singles)}
	case DataReceived:
		return DataBatch{of[DataReceived](singles)}
	case MMSReceived:
		return MMSBatch{of[MMSReceived](singles)}
	}
	return nil
}

func of[P Payload](ps []Payload) []P {
	out := make([]P, len(ps))
	for i, p := range ps {
		out[i] = p.(P)
	}
	return out
}
