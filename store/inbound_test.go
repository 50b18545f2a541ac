package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tetherd/gateway"
)

func received(text string, at time.Time) gateway.Inbound {
	return gateway.Inbound{
		Type: gateway.InboundSMS, From: "+4915112345678", Modem: "office", SIM: 1, Text: text,
		ReceivedAt: at, SCTS: at, ArrivedAt: at, TPDUs: [][]byte{{0x04, 0x0b}},
	}
}

func TestInboundIsReadAsWritten(t *testing.T) {
	db := openTest(t)
	ins := []gateway.Inbound{received("a", date), received("b", date)}
	ins[1].Type, ins[1].Data, ins[1].Notes, ins[1].Missing = gateway.InboundData, []byte{0, 1}, []string{"n"}, 2
	commit(t, db, gateway.Change{Inbound: ins})
	for i, want := range ins {
		if want.Seq != uint64(i+1) {
			t.Errorf("got Seq %d, want %d", want.Seq, i+1)
		}
		got, err := inboundBySeq(db, want.Seq)
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "message", want, got)
	}
	if _, err := inboundBySeq(db, 3); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	bad := received("c", date)
	bad.Type = "FAX"
	if err := db.Commit(context.Background(), gateway.Change{Inbound: []gateway.Inbound{bad}}); err == nil {
		t.Error("an unknown type was stored")
	}
}

func TestInboundMessages(t *testing.T) {
	db := openTest(t)
	var ins []gateway.Inbound
	for i := range 6 {
		in := received(fmt.Sprint(i), date.Add(time.Duration(i/2)*time.Microsecond))
		if i%3 == 0 {
			in.Type = gateway.InboundData
		}
		ins = append(ins, in)
	}
	commit(t, db, gateway.Change{Inbound: ins})
	us := func(n int) time.Time { return date.Add(time.Duration(n) * time.Microsecond) }
	tests := []struct {
		name  string
		q     gateway.InboundQuery
		want  string
		total int
	}{
		{"all", gateway.InboundQuery{Limit: 9}, "543210", 6},
		{"none", gateway.InboundQuery{}, "", 6},
		{"a page", gateway.InboundQuery{Limit: 2, Offset: 3}, "21", 6},
		{"behind the end", gateway.InboundQuery{Limit: 2, Offset: 6}, "", 6},
		{"type", gateway.InboundQuery{Limit: 9, Type: gateway.InboundSMS}, "5421", 4},
		{"type without any", gateway.InboundQuery{Limit: 9, Type: gateway.InboundMMS}, "", 0},
		{"unknown type", gateway.InboundQuery{Limit: 9, Type: "FAX"}, "", 0},
		{"from", gateway.InboundQuery{Limit: 9, From: us(1)}, "5432", 4},
		{"to", gateway.InboundQuery{Limit: 9, To: us(1)}, "3210", 4},
		{"range, type and page", gateway.InboundQuery{
			Limit: 1, Offset: 1, Type: gateway.InboundSMS, From: us(1), To: us(2),
		}, "4", 3},
		{"before all", gateway.InboundQuery{Limit: 9, To: us(-1)}, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ins, total, err := db.InboundMessages(tt.q)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, in := range ins {
				got += in.Text
			}
			if got != tt.want || total != tt.total {
				t.Errorf("got %q of %d, want %q of %d", got, total, tt.want, tt.total)
			}
		})
	}
}

// Events of incoming messages carry the identifier that only the store knows.
func TestReceivedEventsNameTheirMessage(t *testing.T) {
	db := openTest(t)
	ep := addEndpoint(t, db, "one")
	commit(t, db, gateway.Change{Inbound: []gateway.Inbound{received("before", date)}})
	emission := func(id string, p gateway.Payload, inbound int) gateway.Emission {
		return gateway.Emission{
			Inbound:    inbound,
			Event:      gateway.Event{ID: id, At: date, Payload: p},
			Deliveries: []gateway.Delivery{{ID: "d" + id, Endpoint: ep.Num}},
		}
	}
	c := gateway.Change{
		Inbound: []gateway.Inbound{received("a", date), received("b", date)},
		Emissions: []gateway.Emission{
			emission("1", gateway.MessageReceived{Text: "a"}, 1),
			emission("2", gateway.Ping{}, 0),
			emission("3", gateway.MessageReceived{Text: "b"}, 2),
		},
	}
	c.Emissions[2].Event.Subject = "own"
	commit(t, db, c)

	ds, es, _, err := db.DueDeliveries(ep.Num, 1, 10, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var stored, told, subjects []string
	for i, e := range es {
		if m, ok := e.Payload.(gateway.MessageReceived); ok {
			stored = append(stored, m.Text+" "+m.MessageID)
			told = append(told, c.Emissions[i].Event.Payload.(gateway.MessageReceived).MessageID)
		}
		subjects = append(subjects, e.Subject+" "+ds[i].Subject)
	}
	diff(t, "stored", []string{"a 00000002", "b 00000003"}, stored)
	diff(t, "told", []string{c.Inbound[0].MessageID(), c.Inbound[1].MessageID()}, told)
	diff(t, "subjects", []string{"00000002 00000002", " ", "own own"}, subjects)
}
