package gateway_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
)

// A long queue leaves by priority, and of one priority in the order asked for, however
// many modems share it and although it restarts half-way. What is urgent and comes last
// is the next that a modem takes.
func TestLongQueueInOrder(t *testing.T) {
	n := 600
	if os.Getenv("TETHERD_SCALE") != "" {
		n = 10_000
	}
	for _, modems := range []int{1, 4} {
		for _, order := range []gateway.Order{gateway.FIFO, gateway.LIFO} {
			t.Run(fmt.Sprintf("%s with %d modems", order, modems), func(t *testing.T) {
				bubble(t, modems, func(w *world) { longQueue(w, n, order) })
			})
		}
	}
}

func longQueue(w *world, n int, order gateway.Order) {
	rnd := rand.New(rand.NewPCG(uint64(n), 3))
	for _, m := range w.modems {
		m.set(gateway.ModemAbsent)
		m.radio = time.Second
	}
	w.start()
	if err := w.change(fmt.Sprintf(`{"messages":{"processing_order":"%s"}}`, order), false); err != nil {
		w.t.Fatal(err)
	}
	b := many(n)
	for i := range b.Items {
		b.Items[i].Priority = []int8{-5, 0, 0, 0, 0, 7, 100, 120}[rnd.IntN(8)]
	}
	r, err := w.gw.SubmitBatch(w.t.Context(), b)
	if err != nil {
		w.t.Fatal(err)
	}
	want := r.Messages
	slices.SortFunc(want, func(a, b gateway.Message) int {
		bySeq := cmp.Compare(a.Seq, b.Seq)
		if order == gateway.LIFO {
			bySeq = -bySeq
		}
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), bySeq)
	})
	for _, m := range w.modems {
		m.set(gateway.ModemReady)
	}
	half := time.Duration(n/2/len(w.modems)) * time.Second
	w.pass(half)
	w.stop()
	w.start()
	before := len(w.ledger.all())
	w.submit(gateway.Submission{ID: "urgent", Priority: 127})
	w.pass(time.Duration(2*n) * time.Second)
	all := w.ledger.all()
	if len(all) != n+1 {
		w.t.Fatalf("%d SMS left, want %d", len(all), n+1)
	}
	urgent := slices.IndexFunc(all, func(h invariant.Handed) bool { return h.Message == "urgent" })
	if urgent > before+2*len(w.modems) {
		w.t.Errorf("the urgent message was number %d, %d had left before it came", urgent, before)
	}
	all = slices.Delete(all, urgent, urgent+1)
	for i := range all {
		// Modems that take at the same moment may hand over in any order.
		near := want[max(0, i-len(w.modems)+1):min(len(want), i+len(w.modems))]
		if !slices.ContainsFunc(near, func(m gateway.Message) bool { return m.ID == all[i].Message }) {
			w.t.Fatalf("number %d is %s, want %s or one beside it", i, all[i].Message, want[i].ID)
		}
	}
}
