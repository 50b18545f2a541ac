package format

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

// request returns a sample as it is sent, signed at the given time.
func request(t *testing.T, f *Format, secret string, at time.Time) (http.Header, []byte) {
	t.Helper()
	b, err := Render(goldenInput(t, f.Name, gateway.EventReceived))
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	f.Sign(h, &Signing{Delivery: "d", Body: b.Bytes, At: at, Secrets: []gateway.Secret{{Key: secret}}})
	return h, b.Bytes
}

func TestVerify(t *testing.T) {
	now := time.Unix(1_782_117_969, 0)
	for _, f := range Formats() {
		for _, secret := range []string{goldenSecret, gateway.NewSecret(), "plain text"} {
			h, body := request(t, f, secret, now.Add(-time.Minute))
			if err := f.Verify(secret, h, body, now); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			tampered := strings.Replace(string(body), "open", "shut", 1)
			if err := f.Verify(secret, h, []byte(tampered), now); err == nil {
				t.Errorf("%s: a changed body verifies", f.Name)
			}
			if err := f.Verify(secret+"x", h, body, now); err == nil {
				t.Errorf("%s: another secret verifies", f.Name)
			}
			if err := f.Verify(secret, h, body, now.Add(time.Hour)); err == nil {
				t.Errorf("%s: an old request verifies", f.Name)
			}
			if err := f.Verify(secret, h, body, time.Time{}); err != nil {
				t.Errorf("%s: without regard to time: %v", f.Name, err)
			}
		}
	}
}

func TestVerifyEd25519(t *testing.T) {
	now := time.Unix(1_782_117_969, 0)
	secret, public := NewSigningKey()
	h, body := request(t, &standard, secret, now)
	for _, key := range []string{secret, public} {
		if err := standard.Verify(key, h, body, now); err != nil {
			t.Error(err)
		}
		if err := standard.Verify(key, h, append(body, ' ', '{'), now); err == nil {
			t.Error("a changed body verifies")
		}
	}
	_, other := NewSigningKey()
	if err := standard.Verify(other, h, body, now); err == nil {
		t.Error("another key verifies")
	}
	if err := standard.Verify("whpk_AAAA", h, body, now); err == nil || !strings.Contains(err.Error(), "it has 3 bytes") {
		t.Error(err)
	}
}

func TestVerifyExplains(t *testing.T) {
	now := time.Unix(1_782_117_969, 0)
	sum := func(key string, message ...string) string {
		m := hmac.New(sha256.New, []byte(key))
		for _, s := range message {
			m.Write([]byte(s))
		}
		return hex.EncodeToString(m.Sum(nil))
	}
	const stamp = "1782117969"
	decoded := string(standardKey(goldenSecret))
	for _, c := range []struct {
		name   string
		format gateway.Format
		change func(h http.Header, body string) (secret, newBody string)
		want   string
	}{
		{"no header", "infinireach", func(h http.Header, b string) (string, string) {
			h.Del("X-Infini-Reach-Signature")
			return goldenSecret, b
		}, "there is no header X-Infini-Reach-Signature"},
		{"another format", "infinireach", func(h http.Header, b string) (string, string) {
			h.Set("X-Integify-Signature", h.Get("X-Infini-Reach-Signature"))
			h.Del("X-Infini-Reach-Signature")
			return goldenSecret, b
		}, "the request is in format integify, not infinireach"},
		{"two headers", "infinireach", func(h http.Header, b string) (string, string) {
			h.Add("X-Infini-Reach-Signature", "0")
			return goldenSecret, b
		}, "there are 2 headers"},
		{"upper case", "infinireach", func(h http.Header, b string) (string, string) {
			h.Set("X-Infini-Reach-Signature", strings.ToUpper(h.Get("X-Infini-Reach-Signature")))
			return goldenSecret, b
		}, "another form: it must be lower-case hex digits"},
		{"prefix too many", "infinireach", func(h http.Header, b string) (string, string) {
			h.Set("X-Infini-Reach-Signature", "sha256="+h.Get("X-Infini-Reach-Signature"))
			return goldenSecret, b
		}, "another form: it must be lower-case hex digits"},
		{"prefix missing", "integify", func(h http.Header, b string) (string, string) {
			h.Set("X-Integify-Signature", h.Get("X-Integify-Signature")[7:])
			return goldenSecret, b
		}, "another form: it must be sha256= and lower-case hex digits"},
		{"base64", "infinireach", func(h http.Header, b string) (string, string) {
			d, _ := hex.DecodeString(h.Get("X-Infini-Reach-Signature"))
			h.Set("X-Infini-Reach-Signature", base64.StdEncoding.EncodeToString(d))
			return goldenSecret, b
		}, "another form"},
		{"garbage", "infinireach", func(h http.Header, b string) (string, string) {
			h.Set("X-Infini-Reach-Signature", "hello!")
			return goldenSecret, b
		}, "it must be 64 lower-case hex digits"},
		{"other hash", "infinireach", func(h http.Header, b string) (string, string) {
			h.Set("X-Infini-Reach-Signature", strings.Repeat("a", 40))
			return goldenSecret, b
		}, "it has 20 bytes, an HMAC with sha256 has 32"},
		{"decoded key", "integify", func(h http.Header, b string) (string, string) {
			h.Set("X-Integify-Signature", "sha256="+sum(decoded, b))
			return goldenSecret, b
		}, "bytes that the secret is the base64 of"},
		{"key without prefix", "integify", func(h http.Header, b string) (string, string) {
			h.Set("X-Integify-Signature", "sha256="+sum(goldenSecret[6:], b))
			return goldenSecret, b
		}, "without whsec_"},
		{"prefix not pasted", "integify", func(_ http.Header, b string) (string, string) { return goldenSecret[6:], b }, "lacks whsec_"},
		{"line break pasted", "integify", func(_ http.Header, b string) (string, string) { return goldenSecret + "\n", b }, "around it that do not belong to it"},
		{"line break in the environment", "integify", func(h http.Header, b string) (string, string) {
			h.Set("X-Integify-Signature", "sha256="+sum(goldenSecret+"\n", b))
			return goldenSecret, b
		}, "a line break after the secret"},
		{"line break after the body", "smsgate", func(_ http.Header, b string) (string, string) { return goldenSecret, b + "\n" }, "around it that were not sent"},
		{"byte order mark", "smsgate", func(_ http.Header, b string) (string, string) { return goldenSecret, "\ufeff" + b }, "byte order mark"},
		{"indented", "smsgate", func(_ http.Header, b string) (string, string) {
			var v map[string]any
			if json.Unmarshal([]byte(b), &v) != nil {
				return "", ""
			}
			return goldenSecret, strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(b)
		}, "take the raw body"},
		{"another body", "smsgate", func(_ http.Header, b string) (string, string) { return goldenSecret, b[:20] }, "the secret is another one, or the body"},
		{"another secret", "smsgate", func(_ http.Header, b string) (string, string) { return "other", b }, "the secret is another one, or the body"},
		{"no secret", "smsgate", func(_ http.Header, b string) (string, string) { return "", b }, "the secret is empty"},
		{"no timestamp", "smsgate", func(h http.Header, b string) (string, string) {
			h.Del("X-Timestamp")
			return goldenSecret, b
		}, "there is no header X-Timestamp"},
		{"body alone", "smsgate", func(h http.Header, b string) (string, string) {
			h.Set("X-Signature", sum(goldenSecret, b))
			return goldenSecret, b
		}, "made of the body alone"},
		{"timestamp first", "smsgate", func(h http.Header, b string) (string, string) {
			h.Set("X-Signature", sum(goldenSecret, stamp, b))
			return goldenSecret, b
		}, "was put before the body"},
		{"dot", "smsgate", func(h http.Header, b string) (string, string) {
			h.Set("X-Signature", sum(goldenSecret, stamp, ".", b))
			return goldenSecret, b
		}, "time, dot and body"},
		{"stale", "smsgate", func(h http.Header, b string) (string, string) {
			h.Set("X-Timestamp", "1782117000")
			h.Set("X-Signature", sum(goldenSecret, b, "1782117000"))
			return goldenSecret, b
		}, "sent 16m9s ago"},
		{"from the future", "smsgate", func(h http.Header, b string) (string, string) {
			h.Set("X-Timestamp", "1782119000")
			h.Set("X-Signature", sum(goldenSecret, b, "1782119000"))
			return goldenSecret, b
		}, "17m11s in the future"},
		{"no list", "standard", func(h http.Header, b string) (string, string) {
			h.Del("Webhook-Signature")
			return goldenSecret, b
		}, "there is no header Webhook-Signature"},
		{"no id", "standard", func(h http.Header, b string) (string, string) {
			h.Del("Webhook-Id")
			return goldenSecret, b
		}, "there is no header Webhook-Id"},
		{"id changed", "standard", func(h http.Header, b string) (string, string) {
			h.Set("Webhook-Id", "other")
			return goldenSecret, b
		}, "Webhook-Id and Webhook-Timestamp are signed, too"},
		{"text as key", "standard", func(h http.Header, b string) (string, string) {
			h.Set("Webhook-Signature", hmacItem([]byte(goldenSecret), []byte("d."+stamp+"."), []byte(b)))
			return goldenSecret, b
		}, "made with the text of the secret"},
		{"no version", "standard", func(h http.Header, b string) (string, string) {
			h.Set("Webhook-Signature", "abc")
			return goldenSecret, b
		}, "neither a v1 nor a v1a"},
		{"joined", "standard", func(h http.Header, b string) (string, string) {
			h.Set("Webhook-Signature", "v1,a, v1,b")
			return goldenSecret, b
		}, "several headers were joined"},
		{"list beside another", "infinireach", func(h http.Header, b string) (string, string) {
			h.Set("Webhook-Signature", "v1,AAAA")
			return goldenSecret, b
		}, "Webhook-Signature does not verify"},
	} {
		f, _ := Lookup(c.format)
		h, body := request(t, f, goldenSecret, now)
		secret, changed := c.change(h, string(body))
		err := f.Verify(secret, h, []byte(changed), now)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		} else if secret != "" && strings.Contains(err.Error(), strings.TrimSpace(secret)) && secret != "other" {
			t.Errorf("%s: the error tells the secret: %v", c.name, err)
		}
	}
}

// Verify takes in what anybody may have captured.
func FuzzVerify(f *testing.F) {
	f.Add("smsgate", "k", "00", "v1,AAAA", "1", "{}")
	f.Add("integify", "whsec_AA", "sha256=zz", "v1a,", "x", "[1.0")
	f.Fuzz(func(t *testing.T, name, secret, own, list, stamp, body string) {
		format, ok := Lookup(gateway.Format(name))
		if !ok {
			return
		}
		h := http.Header{"X-Signature": {own}, "X-Integify-Signature": {own}, "Webhook-Signature": {list}, "Webhook-Timestamp": {stamp}, "X-Timestamp": {stamp}, "Webhook-Id": {"d"}}
		if format.Verify(secret, h, []byte(body), time.Unix(1, 0)) == nil && format.own != nil && h.Get(format.own.header) != "" {
			want := http.Header{}
			format.Sign(want, &Signing{Delivery: "d", Body: []byte(body), At: time.Unix(1, 0), Secrets: []gateway.Secret{{Key: secret}}})
			if format.own.stamp == "" && want.Get(format.own.header) != h.Get(format.own.header) {
				t.Errorf("%q verifies", own)
			}
		}
	})
}
