package receivers_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// signatures are the headers that the rules look at.
var signatures = map[string]string{
	"cloudevents":  "Webhook-Signature",
	"ed25519":      "Webhook-Signature",
	"github":       "X-Hub-Signature-256",
	"infinireach":  "X-Infini-Reach-Signature",
	"integify":     "X-Integify-Signature",
	"oneroute":     "X-Oneroute-Signature",
	"query":        "Webhook-Signature",
	"reserialised": "Webhook-Signature",
	"smsgate":      "X-Signature",
	"standard":     "Webhook-Signature",
	"stripe":       "Stripe-Signature",
}

// timestamps are the headers that keep old requests from being used again, of the
// rules that have one.
var timestamps = map[string]string{
	"cloudevents":  "Webhook-Timestamp",
	"ed25519":      "Webhook-Timestamp",
	"reserialised": "Webhook-Timestamp",
	"smsgate":      "X-Timestamp",
	"standard":     "Webhook-Timestamp",
	"stripe":       "Stripe-Signature", // a part of it
}

// rewriting are the rules that parse the body and write it again: white space is lost
// on the way.
var rewriting = []string{"cloudevents", "infinireach", "oneroute", "reserialised"}

// tamperings are what may happen to a request on its way.
var tamperings = []struct {
	name   string
	change func(rule string, h http.Header, body []byte) []byte
	// harmless reports whether the receiver cannot notice.
	harmless func(rule string) bool
}{
	{
		name: "a byte changed",
		change: func(_ string, _ http.Header, body []byte) []byte {
			return bytes.Replace(body, []byte("hours"), []byte("h0urs"), 1)
		},
	},
	{
		name: "a byte lost",
		change: func(_ string, _ http.Header, body []byte) []byte {
			return bytes.Replace(body, []byte("hours"), []byte("hour"), 1)
		},
	},
	{
		name: "members in another order",
		change: func(_ string, _ http.Header, body []byte) []byte {
			var members map[string]json.RawMessage
			if err := json.Unmarshal(body, &members); err != nil {
				return nil
			}
			keys := slices.Sorted(maps.Keys(members))
			if bytes.Index(body, members[keys[0]]) < bytes.Index(body, members[keys[1]]) {
				slices.Reverse(keys)
			}
			var b bytes.Buffer
			for _, key := range keys {
				b.WriteString("," + strconv.Quote(key) + ":")
				b.Write(members[key])
			}
			b.WriteByte('}')
			out := b.Bytes()
			out[0] = '{'
			return out
		},
	},
	{
		name: "white space added",
		change: func(_ string, _ http.Header, body []byte) []byte {
			return append([]byte("{ "), body[1:]...)
		},
		harmless: func(rule string) bool { return slices.Contains(rewriting, rule) },
	},
	{
		name: "a digit of the signature changed",
		change: func(rule string, h http.Header, body []byte) []byte {
			s := []byte(h.Get(signatures[rule]))
			at := len(s) - 8
			if s[at] == 'a' {
				s[at] = 'b'
			} else {
				s[at] = 'a'
			}
			h.Set(signatures[rule], string(s))
			return body
		},
	},
	{
		name: "signature taken away",
		change: func(rule string, h http.Header, body []byte) []byte {
			h.Del(signatures[rule])
			return body
		},
	},
	{
		name: "six minutes old",
		change: func(rule string, h http.Header, body []byte) []byte {
			old := strconv.FormatInt(time.Now().Add(-6*time.Minute).Unix(), 10)
			switch name := timestamps[rule]; {
			case rule == "stripe":
				_, signature, _ := strings.Cut(h.Get(name), ",")
				h.Set(name, "t="+old+","+signature)
			case name != "":
				h.Set(name, old)
			}
			return body
		},
		harmless: func(rule string) bool { return timestamps[rule] == "" },
	},
}

// A request that is not what was sent is refused, which is a failure: the next
// attempt brings the same bytes.
func TestTampered(t *testing.T) {
	onEachBench(t, func(b bench) {
		if !b.verifies() {
			b.Skip("nothing is verified, or as elsewhere")
		}
		if b.rule == "query" {
			b.Skip("the query of a URL is not a body")
		}
		between := newRelay(b.T)
		for _, c := range tamperings {
			b.Run(c.name, func(t *testing.T) {
				harmless := c.harmless != nil && c.harmless(b.rule)
				r := b.host.New(t, b.kind, b.secrets[0].theirs)
				var genuine, tampered string
				url := between.to(r.URL, func(h http.Header, body []byte) []byte {
					before := h.Clone()
					genuine = string(body)
					changed := c.change(b.rule, h, body)
					tampered = string(changed)
					if !harmless && genuine == tampered && maps.EqualFunc(before, h, slices.Equal) {
						t.Error("nothing was changed")
					}
					return changed
				})
				outcomes := b.await(t, b.emit(t, question(), b.register(t, b.endpoint(url))), ended)
				requests := r.Requests()
				if harmless {
					if len(outcomes) != 1 || len(requests) != 1 || !ok(requests[0].Status) {
						t.Errorf("it was noticed: %+v", outcomes)
					}
					return
				}
				if len(outcomes) != 2 || len(requests) != 2 {
					t.Fatalf("%d attempts were stored and %d came, want 2: %+v", len(outcomes), len(requests), outcomes)
				}
				first, second := outcomes[0], outcomes[1]
				diff(t, "answer", refusal(b.kind, c.name), requests[0].Status)
				if first.State != gateway.Undelivered || first.Attempts != 1 || first.LastCode != requests[0].Status ||
					second.State != gateway.Succeeded || second.Attempts != 2 {
					t.Errorf("got %+v", outcomes)
				}
				diff(t, "first body", tampered, string(requests[0].Body))
				diff(t, "second body", genuine, string(requests[1].Body))
				diff(t, "Webhook-Id", requests[0].Header("Webhook-Id"), requests[1].Header("Webhook-Id"))
			})
		}
	})
}

// refusal returns the status with which a kind of receiver refuses.
func refusal(kind, name string) int {
	framework, rule, _ := strings.Cut(kind, "/")
	if name == "signature taken away" && (rule == "infinireach" || rule == "github") && framework != "go" {
		return http.StatusInternalServerError // comparing with nothing throws
	}
	return http.StatusUnauthorized
}

func ok(status int) bool { return status >= 200 && status <= 299 }
