package rest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// fill stores three incoming messages, the newest last.
func (w *world) fill() {
	w.t.Helper()
	w.store(gateway.Change{Inbound: []gateway.Inbound{
		{
			Type: gateway.InboundSMS, From: "+4915110000001", To: "+4915199999001", Modem: "office", SIM: 1, Text: "héllo",
			ReceivedAt: at(9, 0, 1), ArrivedAt: at(10, 0, 2), TPDUs: [][]byte{{1}},
		},
		{Type: gateway.InboundData, From: "12", Data: bytes.Repeat([]byte{0xab}, 65), ArrivedAt: at(11, 0, 0), ReceivedAt: at(11, 0, 0), Missing: 1},
		{Type: gateway.InboundData, From: "13", Data: []byte{0, 0xff}, ArrivedAt: at(12, 0, 0), ReceivedAt: at(12, 0, 0), SIM: 2},
	}})
}

func TestInboxGolden(t *testing.T) {
	w := newWorld(t)
	w.fill()
	a := w.do("GET", "/inbox", "")
	want := `[{"id":"data:3","type":"DATA_SMS","sender":"13","messageId":"00000003","simNumber":2,"contentPreview":"00ff",` +
		`"createdAt":"2026-03-13T13:00:00.000+01:00","receivedAt":"2026-03-13T13:00:00.000+01:00","attachments":[]},` +
		`{"id":"data:2","type":"DATA_SMS","sender":"12","messageId":"00000002","contentPreview":"` + strings.Repeat("ab", 64) + `...","missingParts":1,` +
		`"createdAt":"2026-03-13T12:00:00.000+01:00","receivedAt":"2026-03-13T12:00:00.000+01:00","attachments":[]},` +
		`{"id":"text:1","type":"SMS","sender":"+4915110000001","messageId":"00000001","recipient":"+4915199999001","simNumber":1,"modemId":"office","contentPreview":"héllo",` +
		`"createdAt":"2026-03-13T11:00:00.002+01:00","receivedAt":"2026-03-13T10:00:00.001+01:00","attachments":[]}]`
	if diff := cmp.Diff(want, a.body); a.status != 200 || diff != "" {
		t.Errorf("got %d (-want +got)\n%s", a.status, diff)
	}
	if got := a.header.Get("X-Total-Count"); got != "3" {
		t.Errorf("got total %q, want 3", got)
	}
}

// What is special about a message is shown in fields of our own.
func TestInboxKinds(t *testing.T) {
	w := newWorld(t)
	day := at(10, 0, 0)
	common := gateway.Inbound{From: "+49151", ArrivedAt: day, ReceivedAt: day}
	kinds := make([]gateway.Inbound, 5)
	for i := range kinds {
		kinds[i] = common
	}
	kinds[0].Type, kinds[0].Waiting = gateway.InboundSMS, []gateway.Waiting{{Kind: "voicemail", Active: true, Count: 0}, {Kind: "fax", Count: -1}}
	kinds[0].Silent, kinds[0].Flash = true, true
	kinds[1].Type, kinds[1].Replaces, kinds[1].Completes, kinds[1].DuplicateOf = gateway.InboundSMS, 1, true, 1
	kinds[2].Type, kinds[2].Data, kinds[2].Ports = gateway.InboundData, []byte{1}, &gateway.Ports{Dst: 5}
	kinds[2].TPDUs, kinds[2].Notes = [][]byte{{0xab}, {1}}, []string{"n"}
	kinds[3].Type, kinds[3].Text = gateway.InboundMMS, "See"
	kinds[3].MMS = &gateway.MMS{TransactionID: "T", Subject: "See", Size: 1, ContentClass: "text", Location: "http://m", Expires: day}
	kinds[4].Type, kinds[4].MMS = gateway.InboundMMS, &gateway.MMS{}
	for _, in := range kinds { // one by one: each after the one it replaces
		w.store(gateway.Change{Inbound: []gateway.Inbound{in}})
	}
	const times = `"createdAt":"2026-03-13T11:00:00.000+01:00","receivedAt":"2026-03-13T11:00:00.000+01:00","attachments":[]`
	want := []string{
		`{"id":"text:1","type":"SMS","sender":"+49151","messageId":"00000001","contentPreview":"",` + times +
			`,"flash":true,"silent":true,"waiting":[{"kind":"voicemail","active":true,"count":0},{"kind":"fax","active":false}],"replacedBy":"00000002"}`,
		`{"id":"text:2","type":"SMS","sender":"+49151","messageId":"00000002","contentPreview":"",` + times +
			`,"replaces":"00000001","completes":true,"probableDuplicate":true,"duplicateOf":"00000001"}`,
		`{"id":"data:3","type":"DATA_SMS","sender":"+49151","messageId":"00000003","contentPreview":"01","port":5,"sourcePort":0,` + times +
			`,"notes":["n"],"raw":["AB","01"],"data":"AQ=="}`,
		`{"id":"mms-header:4","type":"MMS","sender":"+49151","messageId":"00000004","contentPreview":"See","mms":{"transactionId":"T","subject":"See","size":1,` +
			`"contentClass":"text","location":"http://m","expiresAt":"2026-03-13T11:00:00.000+01:00"},` + times + `}`,
		`{"id":"mms-header:5","type":"MMS","sender":"+49151","messageId":"00000005","contentPreview":"MMS notification","mms":{"transactionId":"","size":0},` + times + `}`,
	}
	slices.Reverse(want)
	a := w.do("GET", "/inbox?include=raw", "")
	if diff := cmp.Diff("["+strings.Join(want, ",")+"]", a.body); a.status != 200 || diff != "" {
		t.Errorf("got %d (-want +got)\n%s", a.status, diff)
	}
	if a := w.do("GET", "/inbox", ""); strings.Contains(a.body, `"raw"`) || strings.Contains(a.body, `"data"`) {
		t.Errorf("got %s, want no octets that were not asked for", a.body)
	}
	if items, total, err := w.client.Inbox(t.Context(), api.InboxQuery{Type: "MMS", Raw: true}); err != nil || total != 2 || len(items) != 2 {
		t.Errorf("got %d of %d, %v, want both MMS", len(items), total, err)
	}
}

// The number is that of the webhooks' messageId, as a signed 32-bit integer.
func TestInboxIDWraps(t *testing.T) {
	for seq, want := range map[uint64]string{
		1: "text:1", 1<<31 - 1: "text:2147483647", 1 << 31: "text:-2147483648", 1<<32 - 1: "text:-1", 1<<32 + 5: "text:5",
	} {
		if got := inboxItem(&gateway.Inbound{Seq: seq, Type: gateway.InboundSMS}).ID; got != want {
			t.Errorf("Seq %d: got %q, want %q", seq, got, want)
		}
	}
}

func TestDataPreview(t *testing.T) {
	for n, want := range map[int]string{
		0: "", 1: "ab", 64: strings.Repeat("ab", 64), 65: strings.Repeat("ab", 64) + "...",
	} {
		if got := dataPreview(bytes.Repeat([]byte{0xab}, n)); got != want {
			t.Errorf("%d bytes: got %s, want %s", n, got, want)
		}
	}
}

func TestListInbox(t *testing.T) {
	w := newWorld(t)
	w.fill()
	for _, tt := range []struct {
		query, total string
		want         []string
	}{
		{"type=SMS", "1", []string{"text:1"}},
		{"type=DATA_SMS", "2", []string{"data:3", "data:2"}},
		{"type=MMS", "0", nil},
		{"type=MMS_DOWNLOADED", "0", nil},
		{"limit=1", "3", []string{"data:3"}},
		{"limit=1&offset=2", "3", []string{"text:1"}},
		{"limit=500&offset=0", "3", []string{"data:3", "data:2", "text:1"}},
		{"from=2026-03-13T11:00:00Z&to=2026-03-13T11:00:00Z", "1", []string{"data:2"}},
		{"to=2026-03-13T10:30:00.000Z", "1", []string{"text:1"}},
		{"includeAttachments=true&limit=1&deviceId=" + w.gateway.DeviceID(), "3", []string{"data:3"}},
	} {
		a := w.do("GET", "/inbox?"+tt.query, "")
		var items []api.InboxItem
		if err := json.Unmarshal([]byte(a.body), &items); err != nil || a.status != 200 {
			t.Errorf("%s: got %d %s, %v", tt.query, a.status, a.body, err)
			continue
		}
		var got []string
		for _, in := range items {
			got = append(got, in.ID)
		}
		if total := a.header.Get("X-Total-Count"); !slices.Equal(got, tt.want) || total != tt.total {
			t.Errorf("%s: got %v of %s, want %v of %s", tt.query, got, total, tt.want, tt.total)
		}
	}
	items, total, err := w.client.Inbox(t.Context(), api.InboxQuery{Type: "SMS", From: at(9, 0, 0), Limit: 10})
	if err != nil || total != 1 || len(items) != 1 || !items[0].ReceivedAt.Equal(at(9, 0, 1)) {
		t.Errorf("got %+v of %d, %v", items, total, err)
	}
}

func TestListInboxRefuses(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]string{
		"type=sms":               "Invalid type",
		"limit=0":                "limit must be between 1 and 500",
		"limit=501":              "limit must be between 1 and 500",
		"limit=x":                "limit must be between 1 and 500",
		"offset=-1":              "offset must be a whole number from 0",
		"offset=1.5":             "offset must be a whole number from 0",
		"from=yesterday":         "Invalid from datetime",
		"to=2026-03-13T10:00:00": "Invalid to datetime",
		"from=2026-03-13T10:00:01Z&to=2026-03-13T10:00:00Z": "Start date cannot be after end date",
		"includeAttachments=1":                              "includeAttachments must be true or false",
		"deviceId=other":                                    "Invalid device ID",
		"include=everything":                                "include must be raw, or left out",
	} {
		a := w.do("GET", "/inbox?"+query, "")
		if want := `{"message":"` + want + `"}`; a.status != 400 || a.body != want {
			t.Errorf("%s: got %d %s, want 400 %s", query, a.status, a.body, want)
		}
	}
}
