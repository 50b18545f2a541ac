package format

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// goldenText is hard to get right on the way.
const goldenText = "Hi <b>\"Bob\"</b> & co\u2028€😀\\/\t"

// goldenSecret has two keys: its text, and the bytes it is the base64 of.
const goldenSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// The vectors were computed with Node from the objects on the products' own pages.
func TestGoldenVectors(t *testing.T) {
	for _, c := range []struct {
		format gateway.Format
		key    string
		id     string
		body   object
		length int
		sum    string // first bytes of the SHA-256 of the body
		header string
		want   string
	}{
		{
			format: gateway.FormatSMSGate, key: "s3cr3tKey",
			body: object{
				{"deviceId", str("ffffffffceb0b1db0000018e937c815b")},
				{"event", str("sms:received")},
				{"id", str("Ey6ECgOkVVFjz3CL48B8C")},
				{"payload", object{
					{"message", str(goldenText)},
					{"phoneNumber", str("6505551212")},
					{"receivedAt", str("2024-06-22T15:46:11.000+07:00")},
				}},
				{"webhookId", str("hook-1")},
			},
			length: 254, sum: "03ab7d84b0833196",
			header: "X-Signature", want: "76a826d178b4705f27db6829daabec390d65cb1b69273d85697d02da957016b2",
		},
		{
			format: gateway.FormatInfiniReach, key: "s3cr3tKey",
			body: object{
				{"event", str("message.received")},
				{"timestamp", str("2024-10-25T10:30:00Z")},
				{"data", object{
					{"messageId", str("msg_xyz789")},
					{"deviceId", str("dev_abc123")},
					{"from", str("+1234567890")},
					{"to", str("+0987654321")},
					{"message", str(goldenText)},
					{"type", str("sms")},
				}},
			},
			length: 224, sum: "ad511a462c242f4e",
			header: "X-Infini-Reach-Signature", want: "f9f4489c789595bd3f8267cc5c1f616b482e23ce76ca4b5e60598100797e7d06",
		},
		{
			format: gateway.FormatOneRoute, key: "s3cr3tKey",
			body: object{
				{"event", str("compaignDeliveryReport")},
				{"message", str("campaign completed.")},
				{"campaignReportUrl", str("https://gw.example/api/public/logs?page[size]=10&page[number]=1&campaign_id=c1")},
				{"conversation", object{{"id", str("id")}, {"firm_id", str("firm id")}}},
			},
			length: 214, sum: "5876675c44e41635",
			header: "X-Oneroute-Signature",
			want: "8bbbd79fb530447c4b5719218d61b65281db876d0070eba37e339cedbba48569" +
				"ab0fc33630a3526cf03c8446cc09ad3c74a5f2f01521cd91a5c0f29be4402c15",
		},
		{
			format: gateway.FormatIntegify, key: goldenSecret,
			body: object{
				{"id", str("evt_01HXYZ789")},
				{"type", str("sms.received")},
				{"created_at", str("2026-04-10T12:05:00Z")},
				{"data", object{
					{"from", str("+2207654321")},
					{"body", str(goldenText)},
					{"received_at", str("2026-04-10T12:05:00Z")},
				}},
			},
			length: 194, sum: "512ad59096be9fd9",
			header: "X-Integify-Signature", want: "sha256=43ba8d4efe18799bf762e1242346095baa9960c90a95da570cd0b418fdfe70a4",
		},
		{
			format: gateway.FormatStandard, key: goldenSecret, id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
			body: object{
				{"type", str("sms.received")},
				{"timestamp", str("2026-04-10T12:05:00Z")},
				{"data", object{{"from", str("+2207654321")}, {"message", str(goldenText)}}},
			},
			length: 138, sum: "8395720a72e1ed33",
			header: "Webhook-Signature", want: "v1,eKTj9qfpiRLY6q/w+L5K8/+5sUgrVsMXcleZfv9uJzg=",
		},
	} {
		body := c.body.appendJSON(nil)
		sum := sha256.Sum256(body)
		if len(body) != c.length || !strings.HasPrefix(hex.EncodeToString(sum[:]), c.sum) {
			t.Errorf("%s: body has %d bytes and hash %x, want %d and %s: %s", c.format, len(body), sum, c.length, c.sum, body)
		}
		f, ok := Lookup(c.format)
		if !ok {
			t.Fatalf("no format %s", c.format)
		}
		h := http.Header{}
		f.Sign(h, &Signing{
			Delivery: c.id, Body: body, At: time.Unix(1674087231, 0), Secrets: []gateway.Secret{{Key: c.key}},
		})
		diff(t, string(c.format), []string{c.want}, h.Values(c.header))
	}
}

func TestContractVector(t *testing.T) {
	body, err := renderOwn("d1", "w1", "e1", &gateway.Event{Payload: gateway.Ping{}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "body", `{"id":"e1","webhookId":"w1","event":"system:ping","deviceId":"d1","payload":{}}`, string(body))
	h := http.Header{}
	smsgate.Sign(h, &Signing{Delivery: "e1", Body: body, At: time.Unix(1700000000, 0), Secrets: []gateway.Secret{{Key: "12345678"}}})
	diff(t, "signature", "69f3cf424dda0ff517d1d351236a4fa7fb47963f4b8b2e68c379d155c7426c3f", h.Get("X-Signature"))
}

// While a secret is replaced, headers with room for one signature have the old one
// until the receiver is said to know the new one; the list has both.
func TestRotation(t *testing.T) {
	const before, after = "old secret", goldenSecret
	signed := func(f *Format, secrets ...gateway.Secret) http.Header {
		h := http.Header{}
		f.Sign(h, &Signing{Delivery: "d", Body: []byte(`{}`), At: time.Unix(1700000000, 0), Secrets: secrets, Extra: "stripe"})
		return h
	}
	for _, f := range Formats() {
		single := func(h http.Header) string {
			if f.own == nil {
				return ""
			}
			if n := len(h.Values(f.own.header)); n != 1 {
				t.Errorf("%s: %d headers %s", f.Name, n, f.own.header)
			}
			return h.Get(f.own.header)
		}
		oldOnly, newOnly := signed(f, gateway.Secret{Key: before}), signed(f, gateway.Secret{Key: after})
		both := oldOnly.Get("Webhook-Signature")
		both = newOnly.Get("Webhook-Signature") + " " + both
		for _, c := range []struct {
			name    string
			header  http.Header
			single  http.Header
			listing string
		}{
			{"grace", signed(f, gateway.Secret{Key: after, ListOnly: true}, gateway.Secret{Key: before}), oldOnly, both},
			{"switched", signed(f, gateway.Secret{Key: after}, gateway.Secret{Key: before}), newOnly, both},
			{"old one gone early", signed(f, gateway.Secret{Key: after, ListOnly: true}), newOnly, newOnly.Get("Webhook-Signature")},
		} {
			diff(t, string(f.Name)+", "+c.name, single(c.single), single(c.header))
			diff(t, string(f.Name)+", "+c.name+", list", c.listing, c.header.Get("Webhook-Signature"))
			if n := strings.Count(c.header.Get("Stripe-Signature"), "v1="); n != strings.Count(c.listing, "v1,") {
				t.Errorf("%s, %s: %d signatures in Stripe-Signature", f.Name, c.name, n)
			}
		}
	}
}

// The receivers of the products' pages look at the exact shape of the value.
func TestHeaderShapes(t *testing.T) {
	for _, c := range []struct {
		format gateway.Format
		header string
		length int
		prefix string
	}{
		{gateway.FormatSMSGate, "X-Signature", 64, ""},
		{gateway.FormatInfiniReach, "X-Infini-Reach-Signature", 64, ""},
		{gateway.FormatIntegify, "X-Integify-Signature", 71, "sha256="},
	} {
		f, _ := Lookup(c.format)
		h := http.Header{}
		f.Sign(h, &Signing{Delivery: "d", Body: []byte(`{}`), At: time.Now(), Secrets: []gateway.Secret{{Key: "k"}, {Key: "l"}}})
		got, ok := strings.CutPrefix(h.Get(c.header), c.prefix)
		if _, err := hex.DecodeString(got); err != nil || !ok || len(got)+len(c.prefix) != c.length || got != strings.ToLower(got) {
			t.Errorf("%s: %s", c.format, h.Get(c.header))
		}
	}
}

func TestNoSecret(t *testing.T) {
	h := http.Header{}
	smsgate.Sign(h, &Signing{Delivery: "d", Body: []byte(`{}`), At: time.Unix(1700000000, 0)})
	diff(t, "header", http.Header{
		"X-Timestamp": {"1700000000"}, "Webhook-Id": {"d"}, "Webhook-Timestamp": {"1700000000"},
	}, h)
}

func TestExtraSignatures(t *testing.T) {
	h := http.Header{}
	s := Signing{Delivery: "d", Body: []byte("Hello, World!"), At: time.Unix(1, 0), Secrets: []gateway.Secret{{Key: "It's a Secret to Everybody"}}, Extra: "github"}
	standard.Sign(h, &s)
	// The example of docs.github.com.
	diff(t, "github", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", h.Get("X-Hub-Signature-256"))
	s.Extra = "stripe"
	standard.Sign(h, &s)
	diff(t, "stripe", "t=1,v1="+extras["stripe"].sum([]byte(s.Secrets[0].Key), []byte("1.Hello, World!")), h.Get("Stripe-Signature"))
}

func TestEd25519(t *testing.T) {
	secret, public := NewSigningKey()
	if got, ok := PublicKey(secret); !ok || got != public {
		t.Errorf("public key is %s, want %s", got, public)
	}
	if err := standard.CheckSecret(secret); err != nil {
		t.Error(err)
	}
	h := http.Header{}
	standard.Sign(h, &Signing{Delivery: "msg_1", Body: []byte(`{"a":1}`), At: time.Unix(1674087231, 0), Secrets: []gateway.Secret{
		{Key: secret}, {Key: goldenSecret},
	}})
	items := strings.Split(h.Get("Webhook-Signature"), " ")
	if len(items) != 2 || !strings.HasPrefix(items[1], "v1,") {
		t.Fatalf("signatures %v", items)
	}
	sig, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(items[0], "v1a,"))
	if err != nil {
		t.Fatal(err)
	}
	pub, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(public, "whpk_"))
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(pub, []byte(`msg_1.1674087231.{"a":1}`), sig) {
		t.Error("the signature does not fit the public key")
	}
}
