package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
	"tetherd/modem/emulator"
)

// TestPreviewIsWhatIsSent holds what previews show against what the network gets from a
// modem, part by part, and against the text that comes in at the recipient.
func TestPreviewIsWhatIsSent(t *testing.T) {
	r := newRig(t, 2, emulator.NetworkOptions{})
	r.start()
	r.ready()
	rep := strings.Repeat
	texts := []struct{ encoding, text string }{
		{"", rep("a", 160)},
		{"", rep("a", 161)},
		{"", rep("b", 306)},
		{"", rep("b", 307)},
		{"", rep("c", 159) + "€"},
		{"", rep("c", 152) + "€" + rep("c", 10)},
		{"", rep("ж", 70)},
		{"", rep("ж", 71)},
		{"", rep("ы", 134)},
		{"", rep("ы", 135)},
		{"", rep("я", 66) + "😀" + rep("я", 66) + "😀"},
		{"", rep("👩\u200d👩\u200d👧\u200d👦", 7)},
		{"ucs2", rep("d", 71)},
		{"gsm7", rep("{", 80)},
		{"gsm7", "@£\u000c^ΔΦ " + rep("e", 153)},
		{"smart", rep("f", 80) + " “quoted” – São José… 10² ½"},
		{"smart", "“short”"},
		{"smart", rep("g", 80) + "“🙂”"},
		{"", rep("h", 20*153)},
	}
	previews := make(map[string]api.Preview) // by id
	var messages []map[string]any
	for i, tt := range texts {
		id, number := fmt.Sprintf("p%02d", i), r.sticks[1].number
		var p api.Preview
		r.must(http.MethodPost, "/messages/preview", map[string]any{"text": tt.text, "encoding": tt.encoding}, &p)
		previews[id] = p
		messages = append(messages, map[string]any{
			"id": id, "textMessage": map[string]string{"text": tt.text}, "encoding": tt.encoding,
			"phoneNumbers": []string{number}, "simNumber": 1, "withDeliveryReport": false,
		})
	}
	r.must(http.MethodPost, "/messages/batch", map[string]any{"messages": messages}, nil)
	for i := range texts {
		id := fmt.Sprintf("p%02d", i)
		r.until(id+" to be sent", time.Minute, func() bool {
			m := r.get(id)
			if m.State == "Failed" {
				t.Fatalf("%s: %+v", id, m.Recipients)
			}
			return m.State == "Sent"
		})
	}
	// One modem sends one message after the other, in their order.
	ledger := r.network.Ledger()
	var whole []string
	for i := range texts {
		id := fmt.Sprintf("p%02d", i)
		p := previews[id]
		if len(ledger) < p.Parts {
			t.Fatalf("%s: %d parts were sent, previewed were %d", id, len(ledger), p.Parts)
		}
		var sent []string
		for j, s := range ledger[:p.Parts] {
			sent = append(sent, s.Text)
			if s.Part != j+1 || s.Total != p.Parts || (s.DCS&0x0c == 8) != (p.Alphabet == "ucs2") {
				t.Errorf("%s: part %d of %d with DCS %02X was sent, previewed were %d in %s", id, s.Part, s.Total, s.DCS, p.Parts, p.Alphabet)
			}
		}
		if diff := cmp.Diff(p.Texts, sent); diff != "" {
			t.Errorf("%s: texts (-previewed +sent)\n%s", id, diff)
		}
		ledger, whole = ledger[p.Parts:], append(whole, strings.Join(p.Texts, ""))
	}
	if len(ledger) != 0 {
		t.Errorf("%d parts were sent that were not previewed", len(ledger))
	}
	r.until("all to come in", time.Minute, func() bool { return len(r.inbox()) == len(texts) })
	came := make(map[string]bool)
	for _, text := range r.inbox() {
		came[text] = true
	}
	for _, text := range whole {
		if !came[text] {
			t.Errorf("%q did not come in", text)
		}
	}
}
