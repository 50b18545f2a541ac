package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/sms"
)

// octetsFrom makes the fragments of incoming data, n octets each.
func octetsFrom(data []byte, n int, ports *gateway.Ports) []gateway.Fragment {
	total := (len(data) + n - 1) / n
	var out []gateway.Fragment
	for i := range total {
		f := gateway.Fragment{
			SIMID: "sim1", Modem: "modem1", SIM: 1, Own: "+4915199999001", From: "2222", TOA: 0x81, At: time.Now(), Class: -1, Ports: ports,
			Body: sms.Body{Alphabet: sms.Data8, Data: data[i*n : min((i+1)*n, len(data))]},
		}
		f.TPDU = fmt.Appendf(nil, "%d %d %x", i, total, f.Body.Data)
		if total > 1 {
			f.Concat = &gateway.Concat{Ref: 5, Part: i + 1, Total: total}
		}
		out = append(out, f)
	}
	return out
}

// plain makes a whole incoming text, altered by alter.
func plain(text string, scts time.Time, alter func(f *gateway.Fragment)) gateway.Fragment {
	f := fragments(text+"\x00", 70, 0, scts)[0]
	f.Body.UTF16 = f.Body.UTF16[:len(f.Body.UTF16)-1]
	alter(&f)
	f.TPDU = fmt.Appendf(f.TPDU, " %d %d", f.PID, f.DCS)
	return f
}

// stored returns the incoming messages, oldest first, without what every one has.
func (w *world) stored() []gateway.Inbound {
	w.t.Helper()
	ins, _, err := w.gw.InboundMessages(gateway.InboundQuery{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	out := make([]gateway.Inbound, len(ins))
	for i, in := range ins {
		in.ReceivedAt, in.SCTS, in.ArrivedAt = time.Time{}, time.Time{}, time.Time{}
		in.TPDUs, in.Keys, in.Parts, in.Modem, in.SIM, in.To = nil, nil, nil, "", 0, ""
		out[len(ins)-1-i] = in
	}
	return out
}

// payloads returns what was told, without what every event says.
func (w *world) payloads() []gateway.Payload {
	w.t.Helper()
	var out []gateway.Payload
	for _, e := range w.events() {
		switch p := e.Payload.(type) {
		case gateway.MessageReceived:
			p.ReceivedAt, p.SIM, p.Modem, p.Recipient = time.Time{}, 0, "", ""
			out = append(out, p)
		case gateway.DataReceived:
			p.ReceivedAt, p.SIM, p.Modem, p.Recipient = time.Time{}, 0, "", ""
			out = append(out, p)
		case gateway.MMSReceived:
			p.ReceivedAt, p.SIM, p.Modem, p.Recipient = time.Time{}, 0, "", ""
			out = append(out, p)
		default:
			out = append(out, p)
		}
	}
	return out
}

// mms is a push with the notification of a multimedia message.
var mms = []byte("\x01\x06\x03\xbe\xaf\x84\x8c\x82\x98T1\x00\x8d\x92\x89\x1a\x80+4917012345678/TYPE=PLMN\x00" +
	"\x96\x05\xeaSee\x00\x8a\x80\x8e\x03\x01\x86\xa0\x88\x05\x81\x03\x03\xf4\x80\xba\x81\x83http://mmsc/1?" + strings.Repeat("x", 150) + "\x00")

func TestKindsOfIncoming(t *testing.T) {
	const from = "+4917012345678"
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	voicemail := []gateway.Waiting{{Kind: "voicemail", Active: true, Count: 3}}
	kept := []gateway.Waiting{{Kind: "fax", Active: true, Store: true, Count: -1}}
	tests := map[string]struct {
		feed   []gateway.Fragment
		want   []gateway.Inbound
		events []gateway.Payload
	}{
		"data": {
			octetsFrom([]byte{0, 255}, 140, nil),
			[]gateway.Inbound{{Seq: 1, Type: gateway.InboundData, From: "2222", Data: []byte{0, 255}}},
			[]gateway.Payload{gateway.DataReceived{MessageID: "00000001", Sender: "2222", Data: []byte{0, 255}}},
		},
		"data to a port, in parts": {
			octetsFrom([]byte("abcdef"), 4, &gateway.Ports{Dst: 53739, Src: 1}),
			[]gateway.Inbound{{Seq: 1, Type: gateway.InboundData, From: "2222", Data: []byte("abcdef"), Ports: &gateway.Ports{Dst: 53739, Src: 1}}},
			[]gateway.Payload{gateway.DataReceived{MessageID: "00000001", Sender: "2222", Data: []byte("abcdef"), Ports: &gateway.Ports{Dst: 53739, Src: 1}}},
		},
		"text to a port": {
			[]gateway.Fragment{plain("hü", now, func(f *gateway.Fragment) { f.Ports = &gateway.Ports{Dst: 9204} })},
			[]gateway.Inbound{{Seq: 1, Type: gateway.InboundData, From: from, Data: []byte{0, 'h', 0, 0xfc}, Ports: &gateway.Ports{Dst: 9204}}},
			[]gateway.Payload{gateway.DataReceived{MessageID: "00000001", Sender: from, Data: []byte{0, 'h', 0, 0xfc}, Ports: &gateway.Ports{Dst: 9204}}},
		},
		"mms": {
			octetsFrom(mms, 128, &gateway.Ports{Dst: 2948, Src: 9200}),
			[]gateway.Inbound{{
				Seq: 1, Type: gateway.InboundMMS, From: from, Text: "See", Data: mms, Ports: &gateway.Ports{Dst: 2948, Src: 9200},
				MMS: &gateway.MMS{
					TransactionID: "T1", Subject: "See", Size: 100000, ContentClass: "image-basic", Pusher: "2222",
					Location: "http://mmsc/1?" + strings.Repeat("x", 150), Expires: now.Add(72 * time.Hour),
				},
			}},
			[]gateway.Payload{gateway.MMSReceived{
				MessageID: "00000001", Sender: from, TransactionID: "T1", Subject: "See", Size: 100000, ContentClass: "image-basic",
			}},
		},
		"push of something else": {
			octetsFrom([]byte("\x01\x06\x01\xae\x02\x05"), 128, &gateway.Ports{Dst: 2948}),
			[]gateway.Inbound{{
				Seq: 1, Type: gateway.InboundData, From: "2222", Data: []byte("\x01\x06\x01\xae\x02\x05"), Ports: &gateway.Ports{Dst: 2948},
				Notes: []string{"push of application/vnd.wap.sic"},
			}},
			[]gateway.Payload{gateway.DataReceived{MessageID: "00000001", Sender: "2222", Data: []byte("\x01\x06\x01\xae\x02\x05"), Ports: &gateway.Ports{Dst: 2948}}},
		},
		"no push": {
			octetsFrom([]byte("\x01"), 128, &gateway.Ports{Dst: 2948}),
			[]gateway.Inbound{{
				Seq: 1, Type: gateway.InboundData, From: "2222", Data: []byte("\x01"), Ports: &gateway.Ports{Dst: 2948},
				Notes: []string{"not a WSP push: PDU type 0x00"},
			}},
			[]gateway.Payload{gateway.DataReceived{MessageID: "00000001", Sender: "2222", Data: []byte("\x01"), Ports: &gateway.Ports{Dst: 2948}}},
		},
		"undecodable": {
			[]gateway.Fragment{{SIMID: "sim1", Class: -1, TPDU: []byte{7, 9}, Undecoded: true, Notes: []string{"not decoded: short"}}},
			[]gateway.Inbound{{
				Seq: 1, Type: gateway.InboundData, Data: []byte{7, 9},
				Notes: []string{"not decoded: short", "the PDU could not be decoded and is kept as it came"},
			}},
			[]gateway.Payload{gateway.DataReceived{MessageID: "00000001", Data: []byte{7, 9}, Undecoded: true}},
		},
		"flash": {
			[]gateway.Fragment{plain("hi", now, func(f *gateway.Fragment) { f.Class = 0 })},
			[]gateway.Inbound{{Seq: 1, Type: gateway.InboundSMS, From: from, Text: "hi", Flash: true}},
			[]gateway.Payload{gateway.MessageReceived{MessageID: "00000001", Sender: from, Text: "hi", Marks: gateway.Marks{Flash: true}}},
		},
		"type 0": {
			[]gateway.Fragment{plain("hi", now, func(f *gateway.Fragment) { f.PID = 0x40 })},
			[]gateway.Inbound{{Seq: 1, Type: gateway.InboundSMS, From: from, Text: "hi", Silent: true}},
			nil,
		},
		"voicemail": {
			[]gateway.Fragment{plain(" ", now, func(f *gateway.Fragment) { f.Waiting = voicemail })},
			[]gateway.Inbound{{Seq: 1, Type: gateway.InboundSMS, From: from, Text: " ", Waiting: voicemail, Silent: true}},
			nil,
		},
		"voicemail, said twice": {
			[]gateway.Fragment{plain("", now, func(f *gateway.Fragment) {
				f.Waiting = []gateway.Waiting{{Kind: "voicemail", Active: true, Count: -1}, {Kind: "fax", Active: true, Count: -1}, {Kind: "voicemail"}}
			})},
			[]gateway.Inbound{{
				Seq: 1, Type: gateway.InboundSMS, From: from, Silent: true,
				Waiting: []gateway.Waiting{{Kind: "voicemail"}, {Kind: "fax", Active: true, Count: -1}},
			}},
			nil,
		},
		"voicemail with a text": {
			[]gateway.Fragment{plain("3 new", now, func(f *gateway.Fragment) { f.Waiting = voicemail })},
			[]gateway.Inbound{{Seq: 1, Type: gateway.InboundSMS, From: from, Text: "3 new", Waiting: voicemail}},
			[]gateway.Payload{gateway.MessageReceived{MessageID: "00000001", Sender: from, Text: "3 new"}},
		},
		"indication to be kept": {
			[]gateway.Fragment{plain("", now, func(f *gateway.Fragment) { f.Waiting = kept })},
			[]gateway.Inbound{{Seq: 1, Type: gateway.InboundSMS, From: from, Waiting: kept}},
			[]gateway.Payload{gateway.MessageReceived{MessageID: "00000001", Sender: from}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 0, func(w *world) {
				w.start()
				w.subscribe()
				w.receive(tt.feed...)
				w.receive(tt.feed...)
				if diff := cmp.Diff(tt.want, w.stored()); diff != "" {
					t.Errorf("inbox (-want +got)\n%s", diff)
				}
				if diff := cmp.Diff(tt.events, w.payloads()); diff != "" {
					t.Errorf("events (-want +got)\n%s", diff)
				}
				ins, _, err := w.gw.InboundMessages(gateway.InboundQuery{Limit: 1})
				if err != nil || len(ins[0].TPDUs) != len(tt.feed) || !bytes.Equal(ins[0].TPDUs[0], tt.feed[0].TPDU) {
					t.Errorf("TPDUs: got %q, %v, want those of the %d parts", ins[0].TPDUs, err, len(tt.feed))
				}
			})
		})
	}
}

// The same identifier and sender replace; anything else does not.
func TestReplaceTypes(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		w.subscribe()
		at := time.Now()
		next := func(text string, alter func(f *gateway.Fragment)) {
			at = at.Add(time.Second)
			w.receive(plain(text, at, alter))
		}
		one := func(f *gateway.Fragment) { f.PID = 0x41 }
		next("1", one)
		next("other sender", func(f *gateway.Fragment) { f.PID, f.From = 0x41, "12345" })
		next("other type", func(f *gateway.Fragment) { f.PID = 0x47 })
		next("other SIM", func(f *gateway.Fragment) { f.PID, f.SIMID = 0x41, "sim2" })
		next("no type", func(f *gateway.Fragment) { f.PID = 0x48 })
		next("no type either", func(f *gateway.Fragment) { f.PID = 0x48 })
		next("2", one)
		w.stop()
		w.start()
		next("3", one)
		got := make(map[string][2]uint64)
		for _, in := range w.stored() {
			got[in.Text] = [2]uint64{in.Replaces, in.ReplacedBy}
		}
		want := map[string][2]uint64{
			"1": {0, 7}, "other sender": {}, "other type": {}, "other SIM": {}, "no type": {}, "no type either": {}, "2": {1, 8}, "3": {7, 0},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("replaced (-want +got)\n%s", diff)
		}
		told := w.payloads()
		if p := told[7].(gateway.MessageReceived); len(told) != 8 || p.Replaces != "00000007" || p.Completes {
			t.Errorf("%d events, the last is %+v, want one that replaces 00000007", len(told), p)
		}
	})
}

// What the service centre sends again with another time stamp is marked, for two
// days.
func TestProbableDuplicate(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		w.subscribe()
		send := func(text string, ref uint16, alter func(f *gateway.Fragment)) {
			w.pass(time.Second)
			for _, f := range fragments(text, 4, ref, time.Now()) {
				alter(&f)
				w.receive(f)
			}
		}
		same := func(*gateway.Fragment) {}
		send("hi", 0, same)
		send("hi", 0, same)
		send("hi", 0, func(f *gateway.Fragment) { f.From = "12345" })
		send("hi", 0, func(f *gateway.Fragment) { f.PID = 0x20 })
		send("in parts", 1, same)
		send("in parts", 1, same)
		send("in parts", 2, same)
		w.pass(49 * time.Hour)
		send("hi", 0, same)
		var got []uint64
		for _, in := range w.stored() {
			got = append(got, in.DuplicateOf)
		}
		if diff := cmp.Diff([]uint64{0, 1, 0, 0, 0, 5, 0, 0}, got); diff != "" {
			t.Errorf("duplicates (-want +got)\n%s", diff)
		}
		for i, p := range w.payloads() {
			if p.(gateway.MessageReceived).ProbableDuplicate != (got[i] != 0) {
				t.Errorf("event %d: %+v", i, p)
			}
		}
	})
}

func TestLateParts(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		w.subscribe()
		begun := time.Now()
		fs := fragments("first of all", 4, 9, begun) // "firs" "t of" " all"
		w.receive(fs[0])
		w.pass(73 * time.Hour)
		w.receive(fs[2], fragments("first of all", 4, 9, begun.Add(time.Hour))[0])
		w.pass(73 * time.Hour)
		w.stop()
		w.start()
		w.receive(fs[1])
		// The reference is used again, a day later or for something else.
		again := fragments("other 4 9 ok", 4, 9, begun.Add(time.Minute))
		w.receive(again[1])
		w.receive(fragments("first of all", 4, 9, begun.Add(48*time.Hour))...)
		w.pass(73 * time.Hour)
		type link struct {
			Text                 string
			Missing              int
			Replaces, ReplacedBy uint64
			Completes            bool
			DuplicateOf          uint64
		}
		var got []link
		for _, in := range w.stored() {
			got = append(got, link{in.Text, in.Missing, in.Replaces, in.ReplacedBy, in.Completes, in.DuplicateOf})
		}
		want := []link{
			{"firs", 2, 0, 2, false, 0},
			{"firs all", 1, 1, 3, true, 0},
			{"first of all", 0, 2, 0, true, 0},
			{"first of all", 0, 0, 0, false, 3},
			{"r 4 ", 2, 0, 0, false, 0},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("inbox (-want +got)\n%s", diff)
		}
		var told []string
		for _, p := range w.payloads() {
			m := p.(gateway.MessageReceived)
			told = append(told, fmt.Sprintf("%s %d %s %v", m.Text, m.Missing, m.Replaces, m.Completes))
		}
		wantTold := []string{
			"firs 2  false", "firs all 1 00000001 true", "first of all 0 00000002 true", "first of all 0  false", "r 4  2  false",
		}
		if diff := cmp.Diff(wantTold, told); diff != "" {
			t.Errorf("events (-want +got)\n%s", diff)
		}
	})
}

func TestInboundKeyText(t *testing.T) {
	k := gateway.InboundKey{1, 0xff}
	b, err := json.Marshal(k)
	if err != nil || string(b) != `"01ff0000000000000000000000000000"` {
		t.Errorf("got %s, %v", b, err)
	}
	var back gateway.InboundKey
	if err := json.Unmarshal(b, &back); err != nil || back != k {
		t.Errorf("got %v, %v", back, err)
	}
	for _, bad := range []string{`"01"`, `"zz"`, `"01ff000000000000000000000000000g"`, `""`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was taken for a key", bad)
		}
	}
}

// Merging keeps events with their messages.
func TestMergeKeepsInboundOfEvents(t *testing.T) {
	c := gateway.Change{Inbound: make([]gateway.Inbound, 2), Emissions: []gateway.Emission{{Inbound: 2}}}
	c.Merge(gateway.Change{Inbound: make([]gateway.Inbound, 1), Emissions: []gateway.Emission{{}, {Inbound: 1}}})
	var got []int
	for _, e := range c.Emissions {
		got = append(got, e.Inbound)
	}
	if diff := cmp.Diff([]int{2, 0, 3}, got); diff != "" || len(c.Inbound) != 3 {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
