package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/api"
)

func TestPrintIncoming(t *testing.T) {
	three, port := 3, 2948
	for _, tt := range []struct {
		item api.InboxItem
		want string
	}{
		{api.InboxItem{Type: "SMS", Sender: "+49151", ContentPreview: "a\nb"}, "+49151  a⏎b"},
		{
			api.InboxItem{Type: "SMS", MissingParts: 1, Completes: true, Replaces: "1", ReplacedBy: "3", ProbableDuplicate: true, Flash: true, Silent: true},
			"    (1 part missing, with parts that came late, replaced, probably a duplicate, flash, silent)",
		},
		{api.InboxItem{Type: "SMS", Sender: "1", ContentPreview: "x", Replaces: "1"}, "1  x  (replaces an earlier one)"},
		{
			api.InboxItem{Type: "SMS", Sender: "1", Waiting: []api.Waiting{{Kind: "voicemail", Active: true, Count: &three}, {Kind: "fax"}}},
			"1    (voicemail waiting: 3, no fax waiting)",
		},
		{
			api.InboxItem{Type: "DATA_SMS", Sender: "1", ContentPreview: "00ff", Port: &port, Raw: []string{"AB", "CD"}},
			"1  00ff  (data to port 2948)\n    AB\n    CD",
		},
		{api.InboxItem{Type: "MMS", Sender: "1", ContentPreview: "See"}, "1  See  (MMS)"},
	} {
		tt.item.CreatedAt = api.Time{Time: time.Date(2026, 3, 13, 14, 25, 16, 0, time.UTC)}
		var b strings.Builder
		err := printIncoming(&b, tt.item)
		if diff := cmp.Diff("2026-03-13 14:25:16  "+tt.want+"\n", b.String()); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	}
}
