package invariant

import (
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// sound is a run in which a two-part message was sent, doubled by a crash, and
// delivered, and a text came in.
func sound() *Run {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	part1, part2 := PDU{"m", "+1", 1}, PDU{"m", "+1", 2}
	first := map[gateway.State]time.Time{gateway.Pending: at(1)}
	return &Run{
		Resends:    true,
		Subscribed: []gateway.EventType{gateway.EventSent, gateway.EventDelivered, gateway.EventReceived},
		Promises:   []Promise{{Message: "m", Recipients: []string{"+1"}, Parts: 2, Report: true}},
		Ledger:     []Handed{{part1, at(2)}, {part2, at(3)}, {part2, at(5)}},
		Reopenings: []Reopening{{at(4), map[PDU]bool{part1: true}}},
		Arrivals:   []Arrival{{"hello", 1}},
		Inbox:      []string{"hello"},
		Posts: []Post{
			{DeliveryID: "a", Type: gateway.EventSent, MessageID: "m", Recipient: "+1"},
			{DeliveryID: "a", Type: gateway.EventSent, MessageID: "m", Recipient: "+1"},
			{DeliveryID: "b", Type: gateway.EventDelivered, MessageID: "m", Recipient: "+1"},
			{DeliveryID: "c", Type: gateway.EventReceived, MessageID: "1", Text: "hello"},
		},
		Observations: []Observation{
			{Message: "m", First: first, States: map[string]gateway.State{"+1": gateway.Processed}},
			{Message: "m", First: first, States: map[string]gateway.State{"+1": gateway.Delivered}, Marked: map[string]bool{"+1": true}},
		},
	}
}

func TestSoundRun(t *testing.T) {
	if v := sound().Violations(); len(v) > 0 {
		t.Errorf("violations of a sound run:\n%s", strings.Join(v, "\n"))
	}
}

// Every promise can be seen to be broken.
func TestBrokenRuns(t *testing.T) {
	tests := map[string]struct {
		breakIt func(r *Run)
		want    string
	}{
		"message lost":      {func(r *Run) { r.Observations = nil }, "I1: message m was accepted and is gone"},
		"message stuck":     {func(r *Run) { r.Observations = r.Observations[:1] }, `I1: message m to +1 is still "Processed"`},
		"part never left":   {func(r *Run) { r.Ledger = r.Ledger[:1] }, "has 1 of 2 parts"},
		"no report":         {func(r *Run) { r.Observations[1].States["+1"] = gateway.Sent }, "no delivery report"},
		"incoming lost":     {func(r *Run) { r.Inbox = nil }, "I2"},
		"incoming doubled":  {func(r *Run) { r.Inbox = append(r.Inbox, "hello") }, "I2"},
		"incoming invented": {func(r *Run) { r.Inbox = append(r.Inbox, "boo") }, "which nobody sent"},
		"unmarked double":   {func(r *Run) { r.Observations[1].Marked = nil }, "not marked"},
		"known and resent":  {func(r *Run) { r.Reopenings[0].Accepted[r.Ledger[1].PDU] = true }, "held its outcome"},
		"policy ignored":    {func(r *Run) { r.Resends = false }, "the policy forbids it"},
		"event lost":        {func(r *Run) { r.Posts = r.Posts[:2] }, "sms:delivered of m to +1 never came"},
		"event doubled":     {func(r *Run) { r.Posts[1].DeliveryID = "z" }, "has 2 delivery ids"},
		"id reused":         {func(r *Run) { r.Posts[3].DeliveryID = "b" }, "stands for both"},
		"state ran back": {func(r *Run) {
			r.Observations[0].States["+1"] = gateway.Failed
		}, "I5: message m to +1 went from Failed to Delivered"},
		"first time moved": {func(r *Run) {
			r.Observations[1].First = map[gateway.State]time.Time{gateway.Pending: time.Unix(9, 0)}
		}, "first time of Pending changed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := sound()
			tt.breakIt(r)
			if got := strings.Join(r.Violations(), "\n"); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want it to contain %q", got, tt.want)
			}
		})
	}
}
