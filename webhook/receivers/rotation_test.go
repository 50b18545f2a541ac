package receivers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/receivers"
)

// fresh takes the place of secret.
const fresh = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfNjMlfYzM="

// phases are the steps of a rotation.
var phases = []struct {
	name    string
	secrets func(now gateway.Tick) []gateway.Secret
	single  []string // sign in a header with room for one
	list    []string // sign in a list
}{
	{
		name:    "before",
		secrets: func(gateway.Tick) []gateway.Secret { return []gateway.Secret{{Key: secret}} },
		single:  []string{secret}, list: []string{secret},
	},
	{
		name: "both valid, receivers not told",
		secrets: func(now gateway.Tick) []gateway.Secret {
			return []gateway.Secret{{Key: fresh, ListOnly: true}, {Key: secret, Until: now.Add(time.Hour)}}
		},
		single: []string{secret}, list: []string{secret, fresh},
	},
	{
		name: "both valid, receivers told",
		secrets: func(now gateway.Tick) []gateway.Secret {
			return []gateway.Secret{{Key: fresh}, {Key: secret, Until: now.Add(time.Hour)}}
		},
		single: []string{fresh}, list: []string{secret, fresh},
	},
	{
		name: "over",
		secrets: func(now gateway.Tick) []gateway.Secret {
			return []gateway.Secret{{Key: fresh}, {Key: secret, Until: now}}
		},
		single: []string{fresh}, list: []string{fresh},
	},
	{
		name: "over, receivers never told",
		secrets: func(now gateway.Tick) []gateway.Secret {
			return []gateway.Secret{{Key: fresh, ListOnly: true}, {Key: secret, Until: now}}
		},
		single: []string{fresh}, list: []string{fresh},
	},
}

// knowing are the receivers of a rotation, by what they know.
var knowing = []struct {
	name    string
	secrets []string
}{
	{"old", []string{secret}},
	{"new", []string{fresh}},
	{"both", []string{secret, fresh}},
}

// A receiver takes what is signed with a secret that it knows, whatever else is
// signed, and what it refuses comes again until it knows the other one.
func TestRotation(t *testing.T) {
	onEachBench(t, func(b bench) {
		header := signatures[b.rule]
		if header == "" {
			b.Skip("nothing is verified")
		}
		for _, p := range phases {
			signed := p.single
			if header == "Webhook-Signature" {
				signed = p.list
			}
			for _, k := range knowing {
				b.Run(p.name+", knows "+k.name, func(t *testing.T) {
					r := b.host.New(t, b.kind, k.secrets...)
					to := b.endpoint(r.URL)
					to.Secrets = p.secrets(b.db.Timeline().Now())
					id := b.emit(t, question(), b.register(t, to))
					defer checkOneSignature(t, r)

					if slices.ContainsFunc(k.secrets, func(s string) bool { return slices.Contains(signed, s) }) {
						if got := b.await(t, id, ended); len(got) != 1 || got[0].State != gateway.Succeeded {
							t.Errorf("it was refused: %+v", got)
						}
						return
					}
					refused := b.await(t, id, func(gateway.Delivery) bool { return true })[0]
					if refused.State != gateway.Undelivered || refused.LastCode != 401 {
						t.Fatalf("it was taken: %+v", refused)
					}
					r.Know(secret, fresh)
					if got := b.await(t, id, ended); got[len(got)-1].State != gateway.Succeeded {
						t.Errorf("it was refused after the receiver had learnt: %+v", got)
					}
				})
			}
		}
	})
}

// checkOneSignature makes sure that headers that have room for one signature have
// one, and no header comes twice: receivers join them or take the first.
func checkOneSignature(t *testing.T, r *receivers.Receiver) {
	t.Helper()
	for _, request := range r.Requests() {
		for i := 0; i+1 < len(request.Headers); i += 2 {
			name := request.Headers[i]
			v := request.Header(name)
			if len(v) != 1 {
				t.Errorf("header %s has values %q", name, v)
			}
			if strings.HasSuffix(strings.ToLower(name), "-signature") && !strings.EqualFold(name, "Webhook-Signature") && strings.ContainsAny(v[0], ", ") {
				t.Errorf("header %s is %q", name, v)
			}
		}
	}
}

// What is refused when a webhook's secret was changed at the receiver first is taken
// once it is changed here.
func TestSecretChangedWhileDeliveriesWait(t *testing.T) {
	onEachBench(t, func(b bench) {
		if signatures[b.rule] == "" {
			b.Skip("nothing is verified")
		}
		r := b.host.New(b.T, b.kind, fresh)
		to := b.register(b.T, b.endpoint(r.URL))
		id := b.emit(b.T, question(), to)
		b.await(b.T, id, func(d gateway.Delivery) bool { return d.LastCode == 401 })
		to.Secrets = []gateway.Secret{{Key: fresh}}
		b.register(b.T, to)
		if got := b.await(b.T, id, ended); got[len(got)-1].State != gateway.Succeeded {
			b.Errorf("got %+v", got)
		}
		requests := r.Requests()
		for _, later := range requests[1:] {
			diff(b.T, "body", string(requests[0].Body), string(later.Body))
		}
	})
}
