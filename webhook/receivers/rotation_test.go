package receivers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/webhook/receivers"
)

// phases are the steps of a rotation from secret 0 to secret 1.
var phases = []struct {
	name    string
	secrets func(old, fresh gateway.Secret, now gateway.Tick) []gateway.Secret
	single  []int // the ones that sign in a header with room for one
	list    []int // the ones that sign in a list
}{
	{
		name: "before",
		secrets: func(old, _ gateway.Secret, _ gateway.Tick) []gateway.Secret {
			return []gateway.Secret{old}
		},
		single: []int{0}, list: []int{0},
	},
	{
		name: "both valid, receivers not told",
		secrets: func(old, fresh gateway.Secret, now gateway.Tick) []gateway.Secret {
			fresh.ListOnly, old.Until = true, now.Add(time.Hour)
			return []gateway.Secret{fresh, old}
		},
		single: []int{0}, list: []int{0, 1},
	},
	{
		name: "both valid, receivers told",
		secrets: func(old, fresh gateway.Secret, now gateway.Tick) []gateway.Secret {
			old.Until = now.Add(time.Hour)
			return []gateway.Secret{fresh, old}
		},
		single: []int{1}, list: []int{0, 1},
	},
	{
		name: "over",
		secrets: func(old, fresh gateway.Secret, now gateway.Tick) []gateway.Secret {
			old.Until = now
			return []gateway.Secret{fresh, old}
		},
		single: []int{1}, list: []int{1},
	},
	{
		name: "over, receivers never told",
		secrets: func(old, fresh gateway.Secret, now gateway.Tick) []gateway.Secret {
			fresh.ListOnly, old.Until = true, now
			return []gateway.Secret{fresh, old}
		},
		single: []int{1}, list: []int{1},
	},
}

// knowing are the receivers of a rotation, by the secrets that they know.
var knowing = []struct {
	name    string
	secrets []int
}{
	{"old", []int{0}},
	{"new", []int{1}},
	{"both", []int{0, 1}},
}

// known returns what the receiver knows of secrets.
func (b *bench) known(secrets ...int) []string {
	var known []string
	for _, i := range secrets {
		known = append(known, b.secrets[i].theirs)
	}
	return known
}

// lists are the headers with room for several signatures.
var lists = []string{"Webhook-Signature", "Stripe-Signature"}

// A receiver takes what is signed with a secret that it knows, whatever else is
// signed, and what it refuses comes again until it knows the other one.
func TestRotation(t *testing.T) {
	onEachBench(t, func(b bench) {
		header := signatures[b.rule]
		if !b.verifies() {
			b.Skip("nothing is verified, or as elsewhere")
		}
		for _, p := range phases {
			signed := p.single
			if slices.Contains(lists, header) {
				signed = p.list
			}
			for _, k := range knowing {
				b.Run(p.name+", knows "+k.name, func(t *testing.T) {
					r := b.host.New(t, b.kind, b.known(k.secrets...)...)
					to := b.endpoint(r.URL)
					to.Secrets = p.secrets(gateway.Secret{Key: b.secrets[0].ours}, gateway.Secret{Key: b.secrets[1].ours}, b.db.Timeline().Now())
					id := b.emit(t, question(), b.register(t, to))
					defer checkOneSignature(t, r)

					got := b.first(t, id)
					if slices.ContainsFunc(k.secrets, func(s int) bool { return slices.Contains(signed, s) }) {
						if got.State != gateway.Succeeded {
							t.Errorf("it was refused: %+v", got)
						}
						return
					}
					if got.State != gateway.Undelivered || got.LastCode != 401 {
						t.Fatalf("it was taken: %+v", got)
					}
					r.Know(b.known(0, 1)...)
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
			if strings.HasSuffix(strings.ToLower(name), "-signature") && !slices.Contains(lists, http.CanonicalHeaderKey(name)) && strings.ContainsAny(v[0], ", ") {
				t.Errorf("header %s is %q", name, v)
			}
		}
	}
}

// What is refused when a webhook's secret was changed at the receiver first is taken
// once it is changed here.
func TestSecretChangedWhileDeliveriesWait(t *testing.T) {
	onEachBench(t, func(b bench) {
		if !b.verifies() {
			b.Skip("nothing is verified, or as elsewhere")
		}
		r := b.host.New(b.T, b.kind, b.known(1)...)
		to := b.register(b.T, b.endpoint(r.URL))
		id := b.emit(b.T, question(), to)
		b.await(b.T, id, func(d gateway.Delivery) bool { return d.LastCode == 401 })
		to.Secrets = []gateway.Secret{{Key: b.secrets[1].ours}}
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
