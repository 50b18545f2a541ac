package emulator

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestNothingIsLost sends texts from one modem to another that reads and deletes them while
// its coverage comes and goes, its storage is small and its power fails.
func TestNothingIsLost(t *testing.T) {
	const count = 300
	synctest.Test(t, func(t *testing.T) {
		chance := rand.New(rand.NewSource(1))
		upTo := func(d time.Duration) func() time.Duration {
			r := rand.New(rand.NewSource(2))
			return func() time.Duration { return time.Duration(r.Int63n(int64(d))) }
		}
		n := NewNetwork(NetworkOptions{SubmitDelay: upTo(time.Second), DeliverDelay: upTo(5 * time.Second), ReportDelay: upTo(5 * time.Second)})
		sender := NewModem(n, ModemOptions{Number: ours, SMCapacity: 2 * count})
		receiver := NewModem(n, ModemOptions{Number: peer, SMCapacity: 5, Profile: Profile{Name: "x", RegisterDelay: time.Second}})
		a, b := attachHost(t, sender), attachHost(t, receiver)
		a.setUp()
		a.must("AT+CNMI=2,1,0,0,0") // reports are stored

		sent := make(chan struct{})
		go func() {
			defer close(sent)
			for i := range count {
				pdu, size := submitPDU(t, peer, fmt.Sprint(i), true)
				a.write(fmt.Sprintf("AT+CMGS=%d\r", size))
				time.Sleep(time.Millisecond)
				a.write(pdu + "\x1a")
				time.Sleep(time.Second)
			}
		}()
		seen := map[string]int{}
		for len(seen) < count || n.Waiting(peer) > 0 {
			time.Sleep(time.Duration(chance.Intn(2000)) * time.Millisecond)
			switch chance.Intn(10) {
			case 0:
				receiver.SetRegistration(2)
				time.Sleep(3 * time.Second)
				receiver.SetRegistration(1)
			case 1:
				receiver.Reset()
			}
			b.ask("ATE0\r")
			list := b.must("AT+CMGL=4")
			for _, r := range receiver.Stored() {
				if !strings.Contains(list, upperHex(r.TPDU)) {
					continue // came after the list
				}
				d, err := decodeDeliver(r.TPDU)
				if err != nil {
					t.Fatal(err)
				}
				seen[d.Content.Text]++
				b.must(fmt.Sprintf("AT+CMGD=%d", r.Index))
			}
		}
		<-sent
		time.Sleep(time.Minute)
		for text, times := range seen {
			if times != 1 {
				t.Errorf("text %s arrived %d times", text, times)
			}
		}
		if got := len(n.Ledger()); got != count {
			t.Errorf("the network accepted %d, want %d", got, count)
		}
		reports, texts := 0, 0
		for _, r := range n.Inbound() {
			switch {
			case r.Report:
				reports++
			case r.Deleted.IsZero():
				t.Errorf("record %d was never deleted", r.Seq)
			default:
				texts++
			}
		}
		if reports != count || texts != count {
			t.Errorf("%d reports and %d texts, want %d of each", reports, texts, count)
		}
	})
}
