package format

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"tetherd/gateway"
)

func TestSign(t *testing.T) {
	golden := string(object{
		{"deviceId", str("ffffffffceb0b1db0000018e937c815b")},
		{"event", str("sms:received")},
		{"id", str("Ey6ECgOkVVFjz3CL48B8C")},
		{"payload", object{
			{"message", str("Hi <b>\"Bob\"</b> & co\u2028€😀\\/\t")},
			{"phoneNumber", str("6505551212")},
			{"receivedAt", str("2024-06-22T15:46:11.000+07:00")},
		}},
		{"webhookId", str("hook-1")},
	}.appendJSON(nil))
	if sum := sha256.Sum256([]byte(golden)); len(golden) != 254 || !strings.HasPrefix(hex.EncodeToString(sum[:]), "03ab7d84b0833196") {
		t.Errorf("body has %d bytes and hash %x: %s", len(golden), sum, golden)
	}
	for _, c := range []struct{ key, timestamp, body, want string }{
		{
			"12345678", "1700000000",
			`{"id":"e1","webhookId":"w1","event":"system:ping","deviceId":"d1","payload":{}}`,
			"69f3cf424dda0ff517d1d351236a4fa7fb47963f4b8b2e68c379d155c7426c3f",
		},
		{"s3cr3tKey", "1674087231", golden, "76a826d178b4705f27db6829daabec390d65cb1b69273d85697d02da957016b2"},
	} {
		if got := signature(c.key, []byte(c.body), c.timestamp); got != c.want {
			t.Errorf("key %s: got %s, want %s", c.key, got, c.want)
		}
	}
}

// The body of the first vector is one that is really sent.
func TestRenderedVector(t *testing.T) {
	got, err := Render(&Input{"d1", &gateway.Endpoint{ID: "w1"}, "e1", &gateway.Event{Payload: gateway.Ping{}}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "body", `{"id":"e1","webhookId":"w1","event":"system:ping","deviceId":"d1","payload":{}}`, string(got))
}
