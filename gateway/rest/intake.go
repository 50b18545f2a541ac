package rest

import (
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"tetherd/gateway"
)

const (
	// freeBody is how much of its body each request may send whatever others do, in bytes.
	freeBody = 64 << 10
	// maxIntake bounds what is read beyond that of all requests under way, in bytes. To
	// take a body apart costs several times its size.
	maxIntake = 48 << 20
)

var errIntake = &gateway.Error{
	Code: gateway.TooSoon, After: 5 * time.Second, Message: "too much is being sent to the gateway at once: try again in 5 s, or send less at a time",
}

// intake bounds what the bodies of all requests under way take up in memory. It is safe
// for concurrent use.
type intake struct{ used atomic.Int64 } // bytes beyond freeBody

// meter returns r with its body counted. The caller has to call release when the request
// was answered. It is another request: by the body of its own, net/http knows that a
// client waits to be asked for it.
func (in *intake) meter(r *http.Request) (counted *http.Request, release func()) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, func() {}
	}
	b := &metered{ReadCloser: r.Body, in: in}
	r = r.WithContext(r.Context())
	r.Body = b
	return r, b.release
}

// metered is the body of a request. It is for one goroutine at a time.
type metered struct {
	io.ReadCloser
	in      *intake
	read    int64
	counted int64 // in in.used
}

// Read implements [io.Reader]. It fails when all requests together have sent too much.
func (b *metered) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	if more := b.read - freeBody - b.counted; more > 0 {
		b.counted += more
		if b.in.used.Add(more) > maxIntake {
			return 0, errIntake
		}
	}
	return n, err
}

func (b *metered) release() {
	b.in.used.Add(-b.counted)
	b.counted = 0
}
