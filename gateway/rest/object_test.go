package rest

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// A request either reads as what encoding/json makes of it again, or is refused
// with a sentence for its sender.
func FuzzDecodeSend(f *testing.F) {
	for _, s := range []string{
		`{"id":"m1","textMessage":{"text":"hi"},"phoneNumbers":["+49151"],"simNumber":1,"ttl":60,"priority":-128}`,
		`{"message":"hi","phoneNumbers":[ "1" , "2" ],"validUntil":"2026-03-13T14:25:16.784099254+01:00","isEncrypted":true}`,
		`{"dataMessage":{"data":"SGk=","port":53739},"mmsMessage":{},"deviceId":null,"withDeliveryReport":false}`,
		"\ufeff {\"message\" :\t\"\\ud83d\\ude00\" }", `{"textMessage":{"text":5}}`, `[`, `{"phoneNumbers":[[]]}`, `{"priority": 1e2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := decode(b)
		if err != nil {
			e := err.(*gateway.Error)
			if e.Code != gateway.Invalid || e.Message == "" || !utf8.ValidString(e.Message) {
				t.Errorf("got %v, want an error of code invalid with a message", err)
			}
			return
		}
		again, err := json.Marshal(first)
		if err != nil {
			t.Fatalf("encode what was decoded: %v", err)
		}
		second, err := decode(again)
		if err != nil {
			t.Fatalf("decode %s: %v", again, err)
		}
		// Within mmsMessage white space may differ; milliseconds are all that is written.
		second.MMSMessage, first.MMSMessage = nil, nil
		for _, r := range []*api.SendRequest{&first, &second} {
			for _, at := range []*api.Time{r.ValidUntil, r.ScheduleAt} {
				if at != nil {
					*at, _ = api.ParseTime(at.String())
				}
			}
		}
		if len(first.PhoneNumbers) == 0 {
			first.PhoneNumbers, second.PhoneNumbers = nil, nil
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%s (-first +second)\n%s", b, diff)
		}
	})
}

func decode(b []byte) (r api.SendRequest, err error) {
	o, err := parseObject(b)
	if err != nil {
		return r, err
	}
	return decodeSend(o)
}

func FuzzDecodeWebhook(f *testing.F) {
	f.Add([]byte(`{"id":"w1","url":"https://example.org","event":"sms:received","deviceId":null,"source":"Local"}`))
	f.Add([]byte(`{"url":5}`))
	f.Add([]byte(`{"url":"u","events":["a","b"],"format":"smsgate","headers":{"A":"b"},"auth":{"type":"basic"},"tls":{"ca":"x"},
		"timeout":1.5,"retry":{"max":0,"schedule":["1s",2]},"rate":{"perSecond":0.5},"filter":{"type":"device","device_ids":["x"]},"drain":"newest-first"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := parseObject(b)
		if err != nil {
			return
		}
		first, err := decodeWebhook(o)
		if err != nil {
			return
		}
		wire, err := plainWebhook(&first.Endpoint)
		if err != nil {
			t.Fatalf("show what was decoded: %v", err)
		}
		again, err := json.Marshal(wire)
		if err != nil {
			t.Fatalf("encode what was decoded: %v", err)
		}
		if o, err = parseObject(again); err != nil {
			t.Fatalf("decode %s: %v", again, err)
		}
		second, err := decodeWebhook(o)
		if err != nil {
			t.Fatalf("decode %s: %v", again, err)
		}
		if diff := cmp.Diff(first.Endpoint, second.Endpoint, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-first +second)\n%s", b, diff)
		}
	})
}
