package main_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/invariant"
)

// receiver is a webhook endpoint that verifies and keeps what it gets.
type receiver struct {
	url string

	mu    sync.Mutex
	posts []post
	fail  func(p post) int // status to answer with; nil or 0: 200
}

// post is one request the receiver got.
type post struct {
	At        time.Time `json:"-"`
	Body      []byte    `json:"-"` // as it came
	ID        string    `json:"id"`
	WebhookID string    `json:"webhookId"`
	Event     string    `json:"event"`
	DeviceID  string    `json:"deviceId"`
	Payload   struct {
		MessageID         string `json:"messageId"`
		PhoneNumber       string `json:"phoneNumber"`
		Message           string `json:"message"`
		Sender            string `json:"sender"`
		Recipient         string `json:"recipient"`
		SimNumber         int    `json:"simNumber"`
		PartsCount        int    `json:"partsCount"`
		Reason            string `json:"reason"`
		ReceivedAt        string `json:"receivedAt"`
		PossibleDuplicate bool   `json:"possibleDuplicate"`
	} `json:"payload"`
}

func newReceiver(t *testing.T, key string) *receiver {
	r := &receiver{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // the daemon was killed in the middle
		}
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write(body)
		mac.Write([]byte(req.Header.Get("X-Timestamp")))
		if got, want := req.Header.Get("X-Signature"), hex.EncodeToString(mac.Sum(nil)); got != want {
			t.Errorf("signature of %s: got %q, want %q", body, got, want)
		}
		p := post{At: time.Now(), Body: body}
		if err := json.Unmarshal(body, &p); err != nil {
			t.Errorf("body %s: %v", body, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.fail != nil {
			if status := r.fail(p); status != 0 {
				w.WriteHeader(status)
				return
			}
		}
		r.posts = append(r.posts, p)
	}))
	t.Cleanup(srv.Close)
	r.url = srv.URL
	return r
}

// all returns what was received, in order.
func (r *receiver) all() []post {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]post(nil), r.posts...)
}

// first returns the first that was received of an event, nil if there was none.
func (r *receiver) first(event string) *post {
	for _, p := range r.all() {
		if p.Event == event {
			return &p
		}
	}
	return nil
}

// of returns what was received about a message, in order.
func (r *receiver) of(messageID string) []post {
	var out []post
	for _, p := range r.all() {
		if p.Payload.MessageID == messageID {
			out = append(out, p)
		}
	}
	return out
}

// events returns the events received about a message, in order.
func (r *receiver) events(messageID string) []string {
	var out []string
	for _, p := range r.of(messageID) {
		out = append(out, p.Event)
	}
	return out
}

// seen converts what was received for the checker.
func (r *receiver) seen() []invariant.Post {
	var out []invariant.Post
	for _, p := range r.all() {
		to := p.Payload.Recipient
		if p.Event == "sms:received" {
			to = ""
		}
		out = append(out, invariant.Post{
			DeliveryID: p.ID, Type: gateway.EventType(p.Event), MessageID: p.Payload.MessageID,
			Recipient: to, Text: p.Payload.Message, Marked: p.Payload.PossibleDuplicate,
		})
	}
	return out
}
