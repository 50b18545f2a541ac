package emulator

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/warthog618/sms"
	"github.com/warthog618/sms/encoding/tpdu"
)

var deliveredAt = time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)

// TestDeliveries plays the catalogue to a modem, reads it back, and holds the content
// against another codec as far as that one goes.
func TestDeliveries(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range append(Deliveries("+4917212345", deliveredAt), Malformed(deliveredAt)...) {
		if seen[d.Name] || d.About == "" || len(d.TPDUs) == 0 {
			t.Errorf("%q is not unique, empty, or says nothing about itself", d.Name)
		}
		seen[d.Name] = true
		t.Run(d.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(NetworkOptions{})
				m := NewModem(n, ModemOptions{Number: ours, SMCapacity: 300})
				h := attachHost(t, m)
				h.setUp()
				h.must("AT+CNMI=2,0,0,0,0")
				if err := n.Play(ours, d); err != nil {
					t.Fatal(err)
				}
				if got, want := len(m.Stored()), len(d.TPDUs); got != want {
					t.Errorf("the modem stored %d, want %d", got, want)
				}
				if got := strings.Count(h.must("AT+CMGL=4"), "+CMGL: "); got != len(d.TPDUs) {
					t.Errorf("the modem lists %d, want %d", got, len(d.TPDUs))
				}
			})
		})
	}
}

// TestDeliveriesAgainstLibrary compares the text of what stands alone.
func TestDeliveriesAgainstLibrary(t *testing.T) {
	compared := 0
	for _, d := range Deliveries("+4917212345", deliveredAt) {
		switch d.Name {
		case "turkish-single-shift", "turkish-locking-shift", "name", "part-zero", "part-beyond-total", "one-of-one", "none-of-none":
			continue // more than the library can do
		}
		if len(d.Texts) != 1 || len(d.TPDUs) != 1 {
			continue
		}
		p, err := sms.Unmarshal(d.TPDUs[0])
		if err != nil {
			t.Errorf("%s: the library refuses %X: %v", d.Name, d.TPDUs[0], err)
			continue
		}
		got, err := sms.Decode([]*tpdu.TPDU{p})
		if err != nil || string(got) != d.Texts[0] {
			t.Errorf("%s: the library reads %q, %v, want %q", d.Name, got, err, d.Texts[0])
		}
		compared++
	}
	if compared < 20 {
		t.Errorf("compared %d deliveries, want more", compared)
	}
}

// TestMMSNotification holds the encoder against octets put together by hand.
func TestMMSNotification(t *testing.T) {
	got := upperHex(MMSNotification{TransactionID: "T", From: "+1/TYPE=PLMN", Subject: "S", Size: 0x1e240, Expiry: 3600 * time.Second, Location: "http://h/"}.Encode())
	want := "010603BEAF84" + "8C82" + "985400" + "8D90" + "890E802B312F545950453D504C4D4E00" + "965300" + "8A80" +
		"8E0301E240" + "880481020E10" + "83687474703A2F2F682F00"
	if got != want {
		t.Errorf("encoded as\n%s, want\n%s", got, want)
	}
	if got := longInteger(0); len(got) != 2 {
		t.Errorf("zero is %X", got)
	}
}

func TestDataParts(t *testing.T) {
	for size, want := range map[int]int{0: 1, 133: 1, 134: 2, 256: 2, 257: 3, 128 * 255: 255, 128*255 + 1: 0} {
		parts := DataParts("12345", 2948, 9200, make([]byte, size), 9, deliveredAt)
		if len(parts) != want {
			t.Errorf("%d octets make %d parts, want %d", size, len(parts), want)
		}
		total := 0
		for i, p := range parts {
			d, err := decodeDeliver(p)
			if err != nil {
				t.Fatal(err)
			}
			total += len(d.Content.Data)
			if !hasPort(d.Content.Header, wapPushPort) || want > 1 && d.Content.Concat.Part != i+1 {
				t.Errorf("%d octets: part %d has header %X", size, i, d.Content.Header)
			}
		}
		if want > 0 && total != size {
			t.Errorf("%d octets arrive as %d", size, total)
		}
	}
}

func TestPushNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(NetworkOptions{})
		h := attachHost(t, NewModem(n, ModemOptions{Number: ours, Profile: SIM800()}))
		settle(h)
		h.must("AT+CNMI=2,1,0,0,0")
		for _, tpdu := range DataParts("12345", wapPushPort, 9200, []byte("x"), 0, deliveredAt) {
			if err := n.DeliverTPDU(ours, tpdu); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := h.heard(), "\r\n+CMTI: \"SM\",1,\"MMS PUSH\",2,1\r\n"; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	})
}
