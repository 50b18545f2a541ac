package main_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/webhook/format"
)

// Event implements rest.Webhooks, as the daemon does.
func (noWebhooks) Event(e *gateway.Event) (out api.Event, err error) {
	body, err := format.Render(&format.Input{DeviceID: "bench", Webhook: &gateway.Endpoint{}, Delivery: e.ID, Event: e})
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(body.Bytes, &out)
}

// BenchmarkAPIStream measures how long an event takes from the moment it is durable until
// clients of /events/stream have read it: one after another, and a hundred at a time.
func BenchmarkAPIStream(b *testing.B) {
	for _, clients := range []int{1, 100} {
		for _, burst := range []int{1, 100} {
			b.Run(fmt.Sprintf("clients=%d/burst=%d", clients, burst), func(b *testing.B) {
				listen := &listening{stored: make(map[uint64]time.Time)}
				w := newAPIWorld(b, filepath.Join(b.TempDir(), "tetherd.db"), listen.see)
				defer w.close(b)
				s := httptest.NewServer(w.handler)
				defer s.Close()
				listen.open(b, s.Listener.Addr().String(), clients)
				defer listen.close()
				for b.Loop() {
					listen.expect.Add(clients * burst)
					var raised sync.WaitGroup
					for i := range burst {
						raised.Go(func() {
							if err := w.gateway.Raise(b.Context(), "", gateway.MessageReceived{
								MessageID: strconv.Itoa(i), Text: "Your code is 482913. It is good for ten minutes.", Sender: "+4917012345678", SIM: 1, ReceivedAt: time.Now(),
							}, ""); err != nil {
								b.Error(err)
							}
						})
					}
					raised.Wait()
					listen.expect.Wait()
				}
				took := listen.took()
				b.ReportMetric(took.quantile(0.50), "p50-ms")
				b.ReportMetric(took.quantile(0.99), "p99-ms")
				b.ReportMetric(took.quantile(1), "max-ms")
				b.ReportMetric(float64(b.N*burst)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}

// listening is some clients of a stream.
type listening struct {
	expect sync.WaitGroup // done for each event that a client read
	conns  []net.Conn
	done   sync.WaitGroup // readers

	mu     sync.Mutex
	stored map[uint64]time.Time // when an event was durable
	all    []time.Duration
}

// see notes when events are durable.
func (l *listening) see(c gateway.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range c.Emissions {
		l.stored[c.Emissions[i].Event.Seq] = time.Now()
	}
}

// open opens streams and waits until they have begun.
func (l *listening) open(b *testing.B, addr string, clients int) {
	b.Helper()
	var begun sync.WaitGroup
	for i := range clients {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		l.conns = append(l.conns, conn)
		user := rigUser
		if i%2 == 1 {
			user = benchUser // a user may not have all of them
		}
		fmt.Fprintf(conn, "GET /events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\n\r\n", basicAuth(user, rigPassword))
		begun.Add(1)
		l.done.Go(func() { l.read(conn, sync.OnceFunc(begun.Done)) })
	}
	begun.Wait()
}

// read takes the time of each event. It looks for lines only, the frames of HTTP do not
// begin with "id: ".
func (l *listening) read(conn net.Conn, begun func()) {
	defer begun()
	lines := bufio.NewScanner(conn)
	seq := uint64(0)
	for lines.Scan() {
		if id, ok := bytes.CutPrefix(lines.Bytes(), []byte("id: ")); ok {
			seq, _ = strconv.ParseUint(string(id), 10, 64)
			begun()
		}
		if !bytes.HasPrefix(lines.Bytes(), []byte("data: ")) {
			continue
		}
		at := time.Now()
		l.mu.Lock()
		stored, ok := l.stored[seq]
		if !ok {
			stored = at // it went along with one before it that was told of
		}
		l.all = append(l.all, at.Sub(stored))
		l.mu.Unlock()
		l.expect.Done()
	}
}

func (l *listening) took() pace {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.SortFunc(l.all, cmp.Compare)
	return pace{took: l.all}
}

// close ends the streams.
func (l *listening) close() {
	for _, c := range l.conns {
		c.Close()
	}
	l.done.Wait()
}
