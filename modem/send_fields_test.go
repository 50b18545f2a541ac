package modem

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway"
	"tetherd/gateway/sms"
	"tetherd/modem/emulator"
)

// What a message asks for is in the TPDU, whatever the modem is set to.
func TestSendFields(t *testing.T) {
	data := gateway.Outgoing{
		Segments: []sms.Segment{{Alphabet: sms.Data8, Part: 1, Total: 1}}, Data: []byte{1, 2, 0xff}, Ports: &gateway.Ports{Dst: 2948, Src: 9200},
	}
	text := func(change func(o *gateway.Outgoing)) gateway.Outgoing {
		o := gateway.Outgoing{Segments: segments(t, "hi")}
		change(&o)
		return o
	}
	type fields struct {
		First, DCS byte
		SMSC, To   string
		Report     bool
		VP         byte
		UDH        []byte
		Data       []byte
	}
	const smsc = "+491710760001"
	tests := []struct {
		name string
		out  gateway.Outgoing
		want fields
	}{
		{"plain", text(func(*gateway.Outgoing) {}), fields{First: 0x01, SMSC: smsc}},
		{"report", text(func(o *gateway.Outgoing) { o.DeliveryReport = true }), fields{First: 0x21, SMSC: smsc, Report: true}},
		{"five minutes", text(func(o *gateway.Outgoing) { o.Validity = time.Second }), fields{First: 0x11, SMSC: smsc, VP: 0}},
		{"rounded up", text(func(o *gateway.Outgoing) { o.Validity = 11 * time.Minute }), fields{First: 0x11, SMSC: smsc, VP: 2}},
		{"days", text(func(o *gateway.Outgoing) { o.Validity = 49 * time.Hour }), fields{First: 0x11, SMSC: smsc, VP: 169}},
		{"for ever", text(func(o *gateway.Outgoing) { o.Validity = 1e6 * time.Hour }), fields{First: 0x11, SMSC: smsc, VP: 255}},
		{"flash", text(func(o *gateway.Outgoing) { o.Flash = true }), fields{First: 0x01, DCS: 0x10, SMSC: smsc}},
		{"own service centre", text(func(o *gateway.Outgoing) { o.SMSC = "+491710760002" }), fields{First: 0x01, SMSC: "+491710760002"}},
		{"short code", text(func(o *gateway.Outgoing) { o.To = "22922" }), fields{First: 0x01, SMSC: smsc, To: "22922"}},
		{"data", data, fields{First: 0x41, DCS: 0x04, SMSC: smsc, UDH: []byte{5, 4, 0x0b, 0x84, 0x23, 0xf0}, Data: []byte{1, 2, 0xff}}},
	}
	pipe(t, func(t *testing.T, w world) {
		r := newRig(t, w, rigOptions{modem: Options{SMSC: smsc}})
		r.awaitState(gateway.ModemReady)
		for i, tt := range tests {
			if tt.out.To == "" {
				tt.out.To, tt.want.To = peerNumber, peerNumber
			}
			if err := r.modem.Send(t.Context(), tt.out, func(gateway.SentPart) error { return nil }); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			s := r.network.Ledger()[i]
			got := fields{First: s.TPDU[0], DCS: s.DCS, SMSC: s.SMSC, To: s.To, Report: s.StatusReport, UDH: s.UDH, Data: s.Data}
			if got.First&0x18 != 0 {
				got.VP = s.TPDU[4+(int(s.TPDU[2])+1)/2+2]
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
	})
}

// Destinations that are no numbers are refused before the modem hears of them.
func TestSendNoNumber(t *testing.T) {
	pipe(t, func(t *testing.T, w world) {
		tr := &transcript{}
		r := newRig(t, w, rigOptions{device: emulator.ModemOptions{Transcript: tr.add}})
		r.awaitState(gateway.ModemReady)
		synctest.Wait()
		tr.take()
		for _, to := range []string{"", "+", "abc", "Vodafone", "+49152a", "++49", "12\r", "\x1a", "\x1b", "1\x1a2", "+49 152", strings.Repeat("1", 21)} {
			_, err := r.send(to, "hi")
			if got := fault(t, err); got.Fate != gateway.NotSent || got.Action != gateway.Fail || got.Code != "PDU" {
				t.Errorf("%q: error = %+v, want not sent, Fail", to, got)
			}
		}
		if got := tr.take(); len(got) > 0 {
			t.Errorf("written: %q", got)
		}
	})
}
