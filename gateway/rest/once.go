package rest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// remembered is the answer to a request that takes effect once, as it is stored.
type remembered struct {
	Location string          `json:"location,omitempty"`
	Body     json.RawMessage `json:"body"`
}

// onceOf returns how a request to a route takes effect once; nil if it has no key.
// Params are the parameters of the query that decide what is asked for.
func onceOf(r *http.Request, route string, body []byte, params ...bool) *gateway.Once {
	keys := r.Header.Values(api.IdempotencyKey)
	if len(keys) == 0 {
		return nil
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %v\n", route, params)
	h.Write(canonical(body))
	o := &gateway.Once{Key: keys[0]}
	h.Sum(o.Digest[:0])
	return o
}

// canonical returns valid JSON in the form that it shares with the other ways to write
// the same; of a large one only its spaces are left out, since what is in it can become
// many times as large.
func canonical(body []byte) []byte {
	if len(body) > maxBody {
		var b bytes.Buffer
		if json.Compact(&b, body) != nil {
			return body
		}
		return b.Bytes()
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return body
	}
	b, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return b
}

// remember makes o remember what answer returns.
func remember(o *gateway.Once, answer func(*gateway.BatchResult) (location string, v any)) {
	if o == nil {
		return
	}
	o.Answer = func(r *gateway.BatchResult) ([]byte, error) {
		location, v := answer(r)
		body, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		return json.Marshal(remembered{location, body})
	}
}

// replay answers once more what was answered before.
func replay(w http.ResponseWriter, stored []byte) error {
	var m remembered
	if err := json.Unmarshal(stored, &m); err != nil {
		return fmt.Errorf("decode remembered answer: %w", err)
	}
	w.Header().Set(api.IdempotentReplayed, "true")
	return accepted(w, m.Location, m.Body)
}

// accepted answers that something will be sent.
func accepted(w http.ResponseWriter, location string, v any) error {
	if location != "" {
		w.Header().Set("Location", location)
	}
	return reply(w, http.StatusAccepted, v)
}
