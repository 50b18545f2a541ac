package gateway_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/sms"
)

// What a message asks for reaches the modem, also after a restart.
func TestOutgoingContent(t *testing.T) {
	data := bytes.Repeat([]byte{0, 0xff, 0x1a, '\r'}, 33)
	text := []sms.Segment{{Text: "hello", Part: 1, Total: 1}}
	tests := map[string]struct {
		submit gateway.Submission
		want   gateway.Outgoing
	}{
		"text": {gateway.Submission{}, gateway.Outgoing{Segments: text}},
		"data": {
			gateway.Submission{Data: &gateway.Data{Content: data, Port: 65535}},
			gateway.Outgoing{Segments: []sms.Segment{{Alphabet: sms.Data8, Part: 1, Total: 1}}, Data: data, Ports: &gateway.Ports{Dst: 65535}},
		},
		"encoding": {
			gateway.Submission{Encoding: sms.AlwaysUCS},
			gateway.Outgoing{Segments: []sms.Segment{{Alphabet: sms.UCS2, Text: "hello", Part: 1, Total: 1}}},
		},
		"flash":  {gateway.Submission{Flash: true}, gateway.Outgoing{Segments: text, Flash: true}},
		"centre": {gateway.Submission{SMSC: "+49 (171) 076-0000"}, gateway.Outgoing{Segments: text, SMSC: "+491710760000"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, 1, func(w *world) {
				w.modems[0].set(gateway.ModemAbsent)
				w.start()
				w.subscribe()
				if tt.submit.Data == nil {
					tt.submit.Text = "hello"
				}
				tt.submit.Numbers = []string{to}
				m, err := w.gw.Submit(w.t.Context(), tt.submit)
				if err != nil {
					t.Fatal(err)
				}
				w.stop()
				w.modems[0].set(gateway.ModemReady)
				w.start()
				w.settle()
				w.wantState(m.ID, gateway.Sent)
				tt.want.MessageID, tt.want.To = m.ID, to
				got := w.modems[0].outgoing()
				if len(got) != 1 {
					t.Fatalf("%d attempts, want 1", len(got))
				}
				if diff := cmp.Diff(tt.want, got[0]); diff != "" {
					t.Errorf("outgoing (-want +got)\n%s", diff)
				}
				if e := w.events(); len(e) != 1 || e[0].Payload.(gateway.MessageSent).Parts != 1 {
					t.Errorf("events: %+v, want one of one part", e)
				}
			})
		})
	}
}

func TestSubmitRefusesContent(t *testing.T) {
	bubble(t, 0, func(w *world) {
		w.start()
		for want, s := range map[string]gateway.Submission{
			"Port must be between 0 and 65535":                            {Data: &gateway.Data{Content: []byte{1}, Port: -1}},
			"Data message cannot be empty":                                {Data: &gateway.Data{Port: 1}},
			"dataMessage.data has 134 bytes, the most that fit":           {Data: &gateway.Data{Content: make([]byte, 134)}},
			"Cannot specify multiple message types simultaneously":        {Data: &gateway.Data{Content: []byte{1}}, Text: "hi"},
			"flash is for texts only":                                     {Data: &gateway.Data{Content: []byte{1}}, Flash: true},
			`smsc "+4\x1a" is not the number of a service centre`:         {Text: "hi", SMSC: "+4\x1a"},
			`smsc "+" is not the number of a service centre`:              {Text: "hi", SMSC: "+"},
			`smsc "123456789012345678901" is not the number of a service`: {Text: "hi", SMSC: "123456789012345678901"},
		} {
			s.Numbers = []string{to}
			_, err := w.gw.Submit(w.t.Context(), s)
			if gateway.CodeOf(err) != gateway.Invalid || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
	})
}
