package egress

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestTLSOfAReceiver(t *testing.T) {
	known, own := newAuthority(t), newAuthority(t)
	cert := own.server("nas.example")
	client := own.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "gateway"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	stranger := known.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "stranger"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	var sni atomic.Value
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sni.Store(r.TLS.ServerName) })
	open := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{cert}}, handler)
	mutual := serveTLS(t, &tls.Config{
		Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: own.pool(),
	}, handler)
	usual := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{known.server()}}, handler)

	ca, pin, other := certPEM(own.cert), pinOf(cert.Leaf), pinOf(own.cert)
	colons := strings.TrimSuffix(strings.ToUpper(strings.ReplaceAll(fmt.Sprintf("% x:", pin), " ", ":")), ":")
	pair := TLS{CA: ca, Cert: certPEM(client.Leaf), Key: keyPEM(t, client)}
	wrong := TLS{CA: ca, Cert: certPEM(stranger.Leaf), Key: keyPEM(t, stranger)}
	for _, c := range []struct {
		name string
		srv  *httptest.Server
		tls  *TLS
		want string // part of the error; "*": any, the receiver's reason may get lost
	}{
		{"usual", usual, nil, ""},
		{"usual, said so", usual, &TLS{}, ""},
		{"not trusted", open, nil, "certificate signed by unknown authority"},
		{"own CA", open, &TLS{CA: ca}, ""},
		{"two CAs", usual, &TLS{CA: ca + "\n" + certPEM(known.cert) + "\n"}, ""},
		{"own CA instead of the usual", usual, &TLS{CA: ca}, "certificate signed by unknown authority"},
		{"pin in hex", open, &TLS{CA: ca, Pins: []string{hex.EncodeToString(pin[:])}}, ""},
		{"pin with colons", open, &TLS{CA: ca, Pins: []string{colons}}, ""},
		{"pin in base64", open, &TLS{CA: ca, Pins: []string{base64.StdEncoding.EncodeToString(pin[:])}}, ""},
		{"pin as curl writes it", open, &TLS{CA: ca, Pins: []string{"sha256//" + base64.StdEncoding.EncodeToString(pin[:])}}, ""},
		{"second pin", open, &TLS{CA: ca, Pins: []string{hex.EncodeToString(other[:]), hex.EncodeToString(pin[:])}}, ""},
		{"pin of another key", open, &TLS{CA: ca, Pins: []string{hex.EncodeToString(other[:])}}, hex.EncodeToString(pin[:]) + ", which is none of tls.pins"},
		{"pin of a receiver that is not trusted", open, &TLS{Pins: []string{hex.EncodeToString(pin[:])}}, "unknown authority"},
		{"insecure", open, &TLS{Insecure: true}, ""},
		{"insecure with a pin", open, &TLS{Insecure: true, Pins: []string{hex.EncodeToString(pin[:])}}, ""},
		{"insecure with the pin of another", open, &TLS{Insecure: true, Pins: []string{hex.EncodeToString(other[:])}}, "none of tls.pins"},
		{"name", open, &TLS{CA: ca, ServerName: "nas.example"}, ""},
		{"name of another", open, &TLS{CA: ca, ServerName: "other.example"}, "nas.example, not other.example"},
		{"certificate of the client", mutual, &pair, ""},
		{"no certificate of the client", mutual, &TLS{CA: ca}, "*"},
		{"another certificate of the client", mutual, &wrong, "*"},
	} {
		if err := newClient(t, Options{}).Check(Request{URL: "https://example.com/", TLS: c.tls}); err != nil {
			t.Errorf("%s: refused: %v", c.name, err)
		}
		sni.Store("")
		a, err := newClient(t, Options{RootCAs: known.pool()}).Do(t.Context(), Request{URL: c.srv.URL, TLS: c.tls, Timeout: 5 * time.Second})
		if got := err != nil; got != (c.want != "") || got && c.want != "*" && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		if err != nil {
			if v := Judge(err, true); v != Failed {
				t.Errorf("%s: verdict %s", c.name, v)
			}
			continue
		}
		if a.TLS == nil || a.TLS.Subject != "CN=receiver" {
			t.Errorf("%s: certificate of %+v", c.name, a.TLS)
		}
		if c.tls != nil && c.tls.ServerName != "" && sni.Load() != c.tls.ServerName {
			t.Errorf("%s: asked for %q", c.name, sni.Load())
		}
	}
}

func TestTLSIsChecked(t *testing.T) {
	a := newAuthority(t)
	one, two := a.sign(&x509.Certificate{}), a.sign(&x509.Certificate{})
	cert, key := certPEM(one.Leaf), keyPEM(t, one)
	broken := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}))
	hash := strings.Repeat("ab", 32)
	for _, c := range []struct {
		name string
		tls  TLS
		want string // beginning of the error
	}{
		{"CA", TLS{CA: "x"}, "tls.ca must be PEM"},
		{"CA of blanks", TLS{CA: " \n"}, "tls.ca must be PEM"},
		{"CA with more", TLS{CA: cert + "x"}, "tls.ca must be PEM"},
		{"CA that is a key", TLS{CA: key}, "tls.ca must hold certificates only, not a PRIVATE KEY"},
		{"CA that is broken", TLS{CA: cert + broken}, "tls.ca: certificate 2 cannot be read: "},
		{"CA that is huge", TLS{CA: strings.Repeat(cert, 1000)}, "tls.ca must be at most 64 KiB"},
		{"CA and insecure", TLS{CA: cert, Insecure: true}, "tls.insecure accepts any certificate"},
		{"cert alone", TLS{Cert: cert}, "tls.cert needs tls.key"},
		{"key alone", TLS{Key: key}, "tls.key needs tls.cert"},
		{"cert", TLS{Cert: "x", Key: key}, "tls.cert must be PEM"},
		{"key", TLS{Cert: cert, Key: "x"}, "tls.key must be PEM"},
		{"swapped", TLS{Cert: key, Key: cert}, "tls.cert must be PEM"},
		{"key of another", TLS{Cert: cert, Key: keyPEM(t, two)}, "tls.cert and tls.key cannot be used together: tls: private key does not match public key"},
		{"key with a passphrase", TLS{Cert: cert, Key: "-----BEGIN ENCRYPTED PRIVATE KEY-----"}, "tls.key is encrypted"},
		{"name with a scheme", TLS{ServerName: "https://x"}, "tls.serverName must be the name of a host"},
		{"name with a port", TLS{ServerName: "x:443"}, "tls.serverName must"},
		{"name with a break", TLS{ServerName: "x\r\nA: b"}, "tls.serverName must"},
		{"name of dots", TLS{ServerName: "."}, "tls.serverName must"},
		{"pin", TLS{Pins: []string{hash, "x"}}, "tls.pins[1] must be the SHA-256"},
		{"short pin", TLS{Pins: []string{hash[2:]}}, "tls.pins[0] must be"},
		{"empty pin", TLS{Pins: []string{""}}, "tls.pins[0] must be"},
		{"many pins", TLS{Pins: make([]string, 17)}, "tls.pins must be at most 16"},
	} {
		err := c.tls.Check()
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
			continue
		}
		if strings.Contains(err.Error(), strings.Split(key, "\n")[1]) {
			t.Errorf("%s: shows the key", c.name)
		}
		_, err = newClient(t, Options{}).Do(t.Context(), Request{URL: "https://example.com/", TLS: &c.tls})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: a request with it: %v", c.name, err)
		}
	}
	for _, good := range []TLS{{}, {CA: "\n" + cert + cert}, {Cert: cert + cert, Key: key}, {ServerName: "192.0.2.1"}, {ServerName: "a_b.x-1.Example"}, {Pins: []string{" " + hash + "\n"}}} {
		if err := good.Check(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
}

func TestCheckNamesTheField(t *testing.T) {
	c := newClient(t, Options{})
	for _, tt := range []struct {
		r    Request
		want string
	}{
		{Request{URL: "http://8.8.8.8/"}, "url must start with"},
		{Request{URL: "https://example.com/", Redirects: "always"}, `redirects must be fail, follow or treat-as-success, not "always"`},
		{Request{URL: "https://example.com/", TLS: &TLS{CA: "x"}}, "tls.ca must be PEM"},
		{Request{URL: "http://192.168.1.1/", TLS: &TLS{Insecure: true}}, "tls is of no use with an http:// url"},
	} {
		if err := c.Check(tt.r); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
	for _, r := range []Request{{URL: "http://192.168.1.1/", TLS: &TLS{}}, {URL: "https://example.com/", Redirects: RedirectFollow, TLS: &TLS{Insecure: true}}} {
		if err := c.Check(r); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

// Connections are shared by webhooks with the same TLS, and by no others.
func TestConnectionsAreOfOneTLS(t *testing.T) {
	srv := serveTLS(t, nil, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	c := newClient(t, Options{})
	pinned := func() *TLS {
		pin := pinOf(srv.Certificate())
		return &TLS{Insecure: true, Pins: []string{hex.EncodeToString(pin[:])}}
	}
	for i, step := range []struct {
		tls    *TLS
		reused bool
	}{
		{&TLS{Insecure: true}, false},
		{&TLS{Insecure: true}, true},
		{pinned(), false},
		{pinned(), true},
		{&TLS{Insecure: true}, true},
	} {
		a, err := c.Do(t.Context(), Request{URL: srv.URL, TLS: step.tls})
		if err != nil {
			t.Fatal(err)
		}
		if a.Reused != step.reused {
			t.Errorf("request %d: connection reused: %t", i, a.Reused)
		}
	}
}

// counter counts the transports that are made and closed.
type counter struct{ made, closed int }

func (c *counter) new(*tls.Config) http.RoundTripper {
	c.made++
	return &countedTransport{c}
}

type countedTransport struct{ *counter }

func (c *countedTransport) RoundTrip(*http.Request) (*http.Response, error) { panic("not used") }
func (c *countedTransport) CloseIdleConnections()                           { c.closed++ }

func TestTransportsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n counter
		ts := newTransports(n.new)
		use := func(name string) (release func()) {
			t.Helper()
			_, release, err := ts.acquire(&TLS{ServerName: name})
			if err != nil {
				t.Fatal(err)
			}
			return release
		}
		use("long")
		forever := use("long")
		for i := range 10 * maxTransports {
			use(fmt.Sprint("x", i))()
			time.Sleep(time.Millisecond)
		}
		if want := (counter{made: 2 + 10*maxTransports, closed: 9*maxTransports + 1}); n != want {
			t.Errorf("after many: got %+v, want %+v", n, want)
		}
		if len(ts.byKey) != maxTransports {
			t.Errorf("%d transports are kept, want %d", len(ts.byKey), maxTransports)
		}
		use(fmt.Sprint("x", 10*maxTransports-1))()
		if n.made != 2+10*maxTransports {
			t.Error("the latest was not kept")
		}
		time.Sleep(2 * keepTransport)
		use("new")()
		if want := (counter{made: 3 + 10*maxTransports, closed: 10 * maxTransports}); n != want {
			t.Errorf("after a pause: got %+v, want %+v", n, want)
		}
		forever()
		if _, ok := ts.byKey[mustKey("long")]; !ok {
			t.Error("a transport that is in use was dropped")
		}
	})
}

func mustKey(name string) (k [32]byte) {
	k, _ = (&TLS{ServerName: name}).key()
	return k
}

// With more in use than are kept, those that are over are closed.
func TestTransportsInUseAreClosedInTheEnd(t *testing.T) {
	var n counter
	ts := newTransports(n.new)
	var releases []func()
	for i := range 2 * maxTransports {
		_, release, err := ts.acquire(&TLS{ServerName: fmt.Sprint("x", i)})
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, release)
	}
	if n.closed != 0 || len(ts.byKey) != maxTransports {
		t.Errorf("%d closed while in use, %d kept", n.closed, len(ts.byKey))
	}
	for _, release := range releases {
		release()
	}
	if n.closed != maxTransports {
		t.Errorf("%d closed, want %d", n.closed, maxTransports)
	}
}
