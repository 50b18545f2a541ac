package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tetherd/modem/emulator"
)

// deliverTPDU is an SMS-DELIVER from 2222 by hand (3GPP 23.040 §9.2.2.1).
func deliverTPDU(pid, dcs byte, minute int, header, data []byte) []byte {
	first, ud := byte(0x04), data
	if header != nil {
		first |= 0x40
		ud = append(append([]byte{byte(len(header))}, header...), data...)
	}
	now := time.Now().UTC()
	tpdu := []byte{first, 4, 0x81, 0x22, 0x22, pid, dcs}
	for _, n := range []int{now.Year() % 100, int(now.Month()), now.Day(), 0, minute, 0, 0} {
		tpdu = append(tpdu, byte(n%10<<4|n/10))
	}
	return append(append(tpdu, byte(len(ud))), ud...)
}

type incoming struct {
	Type              string   `json:"type"`
	Sender            string   `json:"sender"`
	ContentPreview    string   `json:"contentPreview"`
	Port              int      `json:"port"`
	Flash             bool     `json:"flash"`
	Silent            bool     `json:"silent"`
	ProbableDuplicate bool     `json:"probableDuplicate"`
	Data              string   `json:"data"`
	Raw               []string `json:"raw"`
	Waiting           []struct {
		Kind   string `json:"kind"`
		Active bool   `json:"active"`
		Count  int    `json:"count"`
	} `json:"waiting"`
	MMS *struct {
		Subject string `json:"subject"`
		Size    int    `json:"size"`
	} `json:"mms"`
}

// Every kind of message, out of one modem and into another, with the built binary.
func TestKindsEndToEnd(t *testing.T) {
	r := newRig(t, 2, emulator.NetworkOptions{Seed: 7})
	r.start()
	r.subscribe("sms:received", "sms:data-received", "mms:received", "sms:sent", "sms:delivered")
	r.ready()
	to := r.sticks[1].number
	for _, m := range []map[string]any{
		{"id": "data", "phoneNumbers": []string{to}, "simNumber": 1, "dataMessage": map[string]any{"data": "AP8aDQo=", "port": 53739}},
		{"id": "flash", "phoneNumbers": []string{to}, "simNumber": 1, "textMessage": map[string]string{"text": "now!"}, "flash": true, "smsc": "+491710760000"},
	} {
		if _, err := r.send(m); err != nil {
			t.Fatal(err)
		}
	}
	push := []byte("\x01\x06\x03\xbe\xaf\x84\x8c\x82\x98T1\x00\x8d\x92\x89\x1a\x80+4917012345678/TYPE=PLMN\x00" +
		"\x96\x05\xeaSee\x00\x8a\x80\x8e\x03\x01\x86\xa0\x88\x05\x81\x03\x03\xf4\x80\x83http://mmsc/" + strings.Repeat("x", 100) + "\x00")
	ports := []byte{5, 4, 0x0b, 0x84, 0x23, 0xf0}
	for _, tpdu := range [][]byte{
		deliverTPDU(0, 0x04, 1, append([]byte{0, 3, 9, 2, 2}, ports...), push[120:]),
		deliverTPDU(0, 0x04, 1, append([]byte{0, 3, 9, 2, 1}, ports...), push[:120]),
		deliverTPDU(0, 0xc8, 2, []byte{1, 2, 0, 3}, nil),           // voicemail, 3, to be discarded
		deliverTPDU(0x40, 0x08, 3, nil, []byte{0, 'x'}),            // type 0
		deliverTPDU(0, 0x08, 4, nil, []byte{0, 'y'}),               // a text,
		deliverTPDU(0, 0x08, 5, nil, []byte{0, 'y'}),               // and again with another time stamp
		deliverTPDU(0, 0x04, 6, nil, bytes.Repeat([]byte{1}, 140)), // data for nobody
	} {
		if err := r.network.DeliverTPDU(to, tpdu); err != nil {
			t.Fatal(err)
		}
	}
	var items []incoming
	r.until("everything to be in the inbox", 60*time.Second, func() bool {
		items = nil // or old fields would stay
		r.must(http.MethodGet, "/inbox?include=raw", nil, &items)
		return len(items) >= 8
	})
	var got []string
	for _, in := range items {
		line := fmt.Sprintf("%s %s", in.Type, in.ContentPreview)
		if in.Port != 0 {
			line += fmt.Sprintf(" port %d", in.Port)
		}
		for _, w := range in.Waiting {
			line += fmt.Sprintf(" %s %v %d", w.Kind, w.Active, w.Count)
		}
		if in.MMS != nil {
			line += fmt.Sprintf(" %s %d from %s in %d", in.MMS.Subject, in.MMS.Size, in.Sender, len(in.Raw))
		}
		got = append(got, fmt.Sprintf("%s flash %v silent %v twice %v", line, in.Flash, in.Silent, in.ProbableDuplicate))
	}
	slices.Sort(got)
	want := []string{
		"DATA_SMS 00ff1a0d0a port 53739 flash false silent false twice false",
		"DATA_SMS " + strings.Repeat("01", 64) + "... flash false silent false twice false",
		"MMS See port 2948 See 100000 from +4917012345678 in 2 flash false silent false twice false",
		"SMS  voicemail true 3 flash false silent true twice false",
		"SMS now! flash true silent false twice false",
		"SMS x flash false silent true twice false",
		"SMS y flash false silent false twice false",
		"SMS y flash false silent false twice true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inbox (-want +got)\n%s", diff)
	}
	r.until("the data to be delivered", 30*time.Second, func() bool { return r.get("data").State == "Delivered" })

	t.Run("trace", func(t *testing.T) {
		var trace struct {
			Recipients []struct {
				Hops []struct{ Kind, Evidence, EventID, State string } // names match in any case
			}
		}
		r.must(http.MethodGet, "/messages/data/trace", nil, &trace)
		var got []string
		for _, h := range trace.Recipients[0].Hops {
			words, _, _ := strings.Cut(h.Evidence, " ")
			got = append(got, strings.Join([]string{h.Kind, words, h.State, fmt.Sprint(h.EventID != "")}, "|"))
		}
		want := []string{"queued||Pending|false", "attempt||Processed|false", "accepted|+CMGS:|Sent|true", "report||Delivered|true"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("trace (-want +got)\n%s", diff)
		}
	})

	t.Run("events", func(t *testing.T) {
		count := make(map[string]int)
		r.until("every event", 30*time.Second, func() bool {
			clear(count)
			for _, p := range r.receiver.all() {
				count[p.Event]++
			}
			return count["sms:delivered"] == 2 && count["sms:received"] == 3 && count["sms:data-received"] == 2 && count["mms:received"] == 1
		})
	})
	r.terminate()
}
