package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// TestSearchByModem selects what modems sent, or are asked to send, and what they
// received.
func TestSearchByModem(t *testing.T) {
	db := openTest(t)
	by := func(id, modem string, sim int) gateway.Message {
		m := newMessage(id)
		m.SIM = sim
		m.Recipients[0].Modem = modem
		return m
	}
	many := newMessage("many") // the modem is that of a recipient in a row of its own
	many.Recipients = nil
	for n := range 20 {
		many.Recipients = append(many.Recipients, queuedTo(fmt.Sprintf("+4917000%04d", n))...)
	}
	many.Recipients[18].Modem, many.Recipients[18].Number = "van", "+4917099999"
	words := newMessage("words") // names the modem in its text only
	words.Text = `"modem":"van", "sim":2`
	chosen := newMessage("chosen")
	chosen.Recipients[0].Prefer = "van"
	c := gateway.Change{Messages: []gateway.Message{
		by("sent", "van", 0), by("asked", "", 2), by("moved", "office", 2), by("other", "office", 0), by("slot", "", 21), by("odd", `a"b<`, 0), many, words, chosen,
	}}
	for i := range c.Messages {
		c.Messages[i].CreatedAt = date.Add(time.Duration(i) * time.Second)
	}
	for i, modem := range []string{"van", "office", "van"} {
		c.Inbound = append(c.Inbound, gateway.Inbound{
			Type: gateway.InboundSMS, Modem: modem, From: "+49170", Text: fmt.Sprintf("in %d van", i), ArrivedAt: date.Add(time.Duration(i) * time.Second),
		})
	}
	commit(t, db, c)
	for _, tt := range []struct {
		q    gateway.Search
		want string
	}{
		{gateway.Search{Modem: "van", Slot: 2}, "chosen many asked sent"},
		{gateway.Search{Modem: "van", Slot: 9}, "chosen many sent"},
		{gateway.Search{Modem: "office", Slot: 1}, "other moved"},
		{gateway.Search{Modem: "nobody", Slot: 7}, ""},
		{gateway.Search{Modem: `a"b<`, Slot: 7}, "odd"},
		{gateway.Search{Modem: "van", Slot: 2, Text: "+4917099999"}, "many"},
		{gateway.Search{Modem: "van", Slot: 2, State: gateway.Failed}, ""},
	} {
		for _, limit := range []int{1, 10} { // nothing is missed or told twice
			q := tt.q
			q.Limit = limit
			var got []string
			for {
				ms, next, err := db.SearchMessages(q)
				if err != nil {
					t.Fatal(err)
				}
				for i := range ms {
					got = append(got, ms[i].ID)
				}
				if q.Before = next; next.IsZero() {
					break
				}
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("%+v: got %q, want %q", q, got, tt.want)
			}
		}
	}
	for _, tt := range []struct {
		q    gateway.Search
		want []uint64
	}{
		{gateway.Search{Modem: "van", Limit: 10}, []uint64{3, 1}},
		{gateway.Search{Modem: "van", Text: "in 2", Limit: 10}, []uint64{3}},
		{gateway.Search{Modem: "office", Text: "van", Limit: 10}, []uint64{2}},
		{gateway.Search{Modem: "nobody", Limit: 10}, nil},
	} {
		ins, _, err := db.SearchInbound(tt.q)
		var got []uint64
		for i := range ins {
			got = append(got, ins[i].Seq)
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%+v: got %v, %v, want %v", tt.q, got, err, tt.want)
		}
	}
}
