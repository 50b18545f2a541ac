package invariant

import (
	"slices"
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
		Ledger: []Handed{
			{PDU: part1, At: at(2), Modem: "office", MR: 7, Ref: 3, Total: 2},
			{PDU: part2, At: at(3), Modem: "office", MR: 8, Ref: 3, Total: 2},
			{PDU: part2, At: at(5), Modem: "office", MR: 9, Ref: 3, Total: 2},
		},
		Reopenings: []Reopening{{at(4), map[PDU]bool{part1: true}}},
		Arrivals:   []Arrival{{Text: "hello", Copies: 1}},
		Inbox:      []string{"hello"},
		Posts: []Post{
			{DeliveryID: "a", Type: gateway.EventSent, MessageID: "m", Recipient: "+1"},
			{DeliveryID: "a", Type: gateway.EventSent, MessageID: "m", Recipient: "+1"},
			{DeliveryID: "b", Type: gateway.EventDelivered, MessageID: "m", Recipient: "+1"},
			{DeliveryID: "c", Type: gateway.EventReceived, MessageID: "1", Text: "hello"},
		},
		Owed: []Owed{{"hook", "e1", "d1"}, {"hook", "e2", "d2"}},
		Hits: []Hit{
			{At: at(1), Webhook: "hook", EventID: "e1", DeliveryID: "d1", Sequence: 1, Body: "one"},
			{At: at(2), Webhook: "hook", EventID: "e1", DeliveryID: "d1", Sequence: 1, Body: "one", OK: true},
			{At: at(4), Webhook: "hook", EventID: "e2", DeliveryID: "d2", Sequence: 2, Body: "two", OK: true},
		},
		Settled: []Settled{{at(3), map[string]bool{"d1": true}}},
		InOrder: []string{"hook"},
		Observations: []Observation{
			{Message: "m", First: first, States: map[string]gateway.State{"+1": gateway.Processed}},
			{Message: "m", First: first, States: map[string]gateway.State{"+1": gateway.Delivered}, Marked: map[string]bool{"+1": true}, MRs: map[PDU]int{part1: 7, part2: 9}},
		},
		Held: []Held{{What: "hello", Durable: at(6), Deleted: at(7)}},
		Transcripts: []Transcript{{
			Modem: "office", SIM: "8949", Quiet: 2 * time.Second, Restarts: []string{"RDY"},
			Lines: []Line{
				{at(0), Opened, ""},
				{at(0), FromHost, "AT"},
				{at(0), FromHost, "AT"},
				{at(0), FromModem, "\r\nOK\r\n"},
				{at(0), FromHost, `AT+CPIN="1234"`},
				{at(0), FromModem, "\r\nOK\r\n"},
				{at(1), FromHost, "AT+CMGS=20"},
				{at(1), FromModem, "\r\n> "},
				{at(2), FromHost, "0011000491214300000B12345678"},
				{at(3), FromModem, "\r\n+CMGS: 7\r\n\r\nOK\r\n"},
				{at(4), FromHost, "AT+CFUN=1,1"},
				{at(4), FromModem, "\r\nOK\r\n"},
				{at(700), FromModem, "\r\nRDY\r\n"},
				{at(700), FromHost, `AT+CPIN="1234"`},
				{at(701), FromModem, "\r\n+CPIN: READY\r\n"},
				{at(800), FromHost, "AT+CFUN=1,1"},
			},
		}},
		Shown:      []Shown{{"the IMEI of office", "8611", "8611"}},
		Recoveries: []Recovery{{"an unplugged stick", time.Second, time.Minute}},
		Usage:      slices.Repeat([]Usage{{Goroutines: 30, Files: 20, Memory: 30 << 20}}, 8),
		Timed:      []Timed{{"a retry", 10 * time.Second, 11 * time.Second, 2 * time.Second}},
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
		"delivery lost":     {func(r *Run) { r.Hits = r.Hits[:2] }, "event e2 never reached hook"},
		"never taken":       {func(r *Run) { r.Hits[2].OK = false }, "event e2 never reached hook"},
		"delivery doubled":  {func(r *Run) { r.Hits[1].DeliveryID = "z" }, "came to hook as"},
		"delivery reused":   {func(r *Run) { r.Hits[2].DeliveryID = "d1" }, "stands for both"},
		"body changed":      {func(r *Run) { r.Hits[1].Body = "uno" }, "has two bodies"},
		"end forgotten":     {func(r *Run) { r.Hits[1].At = r.Hits[2].At }, "after its end was stored"},
		"order reversed":    {func(r *Run) { r.Hits[1].Sequence = 9 }, "wants order"},
		"state ran back": {func(r *Run) {
			r.Observations[0].States["+1"] = gateway.Failed
		}, "I5: message m to +1 went from Failed to Delivered"},
		"not sent": {func(r *Run) {
			r.Promises[0].Sent, r.Observations[1].States["+1"] = true, gateway.Failed
		}, "nothing stood in its way"},
		"goroutines grow": {func(r *Run) { r.Usage[6].Goroutines, r.Usage[7].Goroutines = 200, 200 }, "I6: number of goroutines grew from 30 to 200"},
		"files grow":      {func(r *Run) { r.Usage[6].Files, r.Usage[7].Files = 200, 200 }, "I6: number of open files"},
		"memory grows":    {func(r *Run) { r.Usage[6].Memory, r.Usage[7].Memory = 1<<30, 1<<30 }, "I6: memory"},
		"never":           {func(r *Run) { r.Timed[0].At = -1 }, "I7: a retry never came"},
		"early":           {func(r *Run) { r.Timed[0].At = time.Second }, "I7: a retry came 9s early"},
		"late":            {func(r *Run) { r.Timed[0].At = time.Hour }, "I7: a retry came 59m50s late"},
		"deleted first":   {func(r *Run) { r.Held[0].Deleted = time.Unix(5, 0) }, "M2: hello was deleted from the modem 1s before it was stored"},
		"never stored":    {func(r *Run) { r.Held[0].Durable = time.Time{} }, "M2: hello was deleted from the modem and never stored"},
		"left on the SIM": {func(r *Run) { r.Held[0].Deleted = time.Time{} }, "M9: hello was left in the modem"},
		"PIN tried again": {func(r *Run) { r.Transcripts[0].Lines[5].Text = "" }, "M4: a PIN of SIM 8949 in office was tried again"},
		"PUK":             {func(r *Run) { r.PUKs = 1 }, "M4: a PUK was tried 1 times"},
		"overtaken":       {func(r *Run) { r.Transcripts[0].Lines[5].Dir = FromHost; r.Transcripts[0].Lines[5].Text = "AT+CSQ" }, `M5: "AT+CSQ" was written to office before`},
		"wrong reference": {func(r *Run) { r.Ledger[0].MR = 77 }, "is known as reference 7, the network has it as [77]"},
		"wrong fact":      {func(r *Run) { r.Shown[0].Got = "20,99" }, `M5: the IMEI of office is shown as "20,99"`},
		"torn message":    {func(r *Run) { r.Ledger[1].Ref = 4 }, "M6: {m +1 2} has reference 4, another part of it 3"},
		"mixed messages": {func(r *Run) {
			r.Ledger = append(r.Ledger, Handed{PDU: PDU{"n", "+1", 1}, Ref: 3, Total: 2})
		}, "M6: messages m and n to +1 have the same reference 3"},
		"never recovered": {func(r *Run) { r.Recoveries[0].Took = -1 }, "M8: nothing could be sent after an unplugged stick"},
		"slow recovery":   {func(r *Run) { r.Recoveries[0].Took = time.Hour }, "M8: recovery from an unplugged stick took 1h0m0s"},
		"interrupted": {func(r *Run) {
			r.Transcripts[0].Lines[9].Text = "\r\n^RSSI: 3\r\n"
			r.Transcripts[0].Quiet = time.Minute
		}, `M10: "AT+CFUN=1,1" was written to office 2s after a Ctrl-Z`},
		"reset too often": {func(r *Run) { r.Transcripts[0].Lines[15].At = time.Unix(5, 0) }, "M11: office was told to restart 1s after the last time"},
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
