package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// receiver is a webhook receiver that prints each delivery as one line. It does
// what every receiver should: check the signature over the body as it came before
// believing a word of it, and answer soon.
type receiver struct {
	listener net.Listener
	server   *http.Server
	key      []byte

	mu  sync.Mutex // guards out
	out io.Writer
}

// openReceiver listens on the address, or on a free port if that is taken.
func openReceiver(ctx context.Context, address, key string, out io.Writer) (*receiver, error) {
	l, err := listen(ctx, address)
	if errors.Is(err, syscall.EADDRINUSE) {
		l, err = listen(ctx, "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("open webhook receiver: %w", err)
	}
	r := &receiver{listener: l, key: []byte(key), out: out}
	r.server = newServer(http.HandlerFunc(r.receive), zerolog.Nop())
	return r, nil
}

func (r *receiver) url() string { return "http://" + r.listener.Addr().String() + "/" }

// run serves until ctx ends.
func (r *receiver) run(ctx context.Context) error {
	return serveHTTP(ctx, context.WithoutCancel(ctx), r.server, r.listener)
}

// close gives the address back if run never ran.
func (r *receiver) close() { r.listener.Close() }

// delivery is what the receiver reads of a body.
type delivery struct {
	Event   string `json:"event"`
	Payload struct {
		Sender      string `json:"sender"`
		Recipient   string `json:"recipient"`
		PhoneNumber string `json:"phoneNumber"`
		Message     string `json:"message"`
		Reason      string `json:"reason"`
	} `json:"payload"`
}

func (r *receiver) receive(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 1<<20))
	if err != nil {
		http.Error(w, "cannot read the body", http.StatusBadRequest)
		return
	}
	if !signed(r.key, body, req.Header.Get("X-Timestamp"), req.Header.Get("X-Signature")) {
		r.print("webhook  refused: the signature is missing or wrong")
		http.Error(w, "the signature is missing or wrong", http.StatusUnauthorized)
		return
	}
	var d delivery
	if err := json.Unmarshal(body, &d); err != nil {
		r.print("webhook  refused: not JSON")
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	r.print(d.line())
	w.WriteHeader(http.StatusNoContent)
}

// line describes d in one line.
func (d delivery) line() string {
	p := d.Payload
	text := "webhook  " + printable(d.Event)
	switch {
	case p.Sender != "" && p.Recipient != "":
		text += "  " + printable(p.Sender) + " → " + printable(p.Recipient)
	case p.PhoneNumber != "":
		text += "  " + printable(p.PhoneNumber)
	}
	if p.Message != "" {
		text += "  “" + printable(p.Message) + "”"
	}
	if p.Reason != "" {
		text += "  " + printable(p.Reason)
	}
	return text + "  (signature is right)"
}

func (r *receiver) print(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.out, "%s  %s\n", time.Now().Format(time.TimeOnly), line)
}

// signed reports whether signature is the hexadecimal HMAC-SHA256 of the body
// followed by the timestamp.
func signed(key, body []byte, timestamp, signature string) bool {
	got, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	mac.Write([]byte(timestamp))
	return hmac.Equal(got, mac.Sum(nil))
}
