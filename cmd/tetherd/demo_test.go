package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSigned checks the receiver against the example that the API's documentation
// gives.
func TestSigned(t *testing.T) {
	const (
		body      = `{"id":"e1","webhookId":"w1","event":"system:ping","deviceId":"d1","payload":{}}`
		timestamp = "1700000000"
		signature = "69f3cf424dda0ff517d1d351236a4fa7fb47963f4b8b2e68c379d155c7426c3f"
	)
	tests := []struct {
		name                            string
		key, body, timestamp, signature string
		want                            bool
	}{
		{"right", "12345678", body, timestamp, signature, true},
		{"upper case", "12345678", body, timestamp, strings.ToUpper(signature), true},
		{"another key", "12345679", body, timestamp, signature, false},
		{"another body", "12345678", body + " ", timestamp, signature, false},
		{"another time", "12345678", body, "1700000001", signature, false},
		{"cut", "12345678", body, timestamp, signature[:62], false},
		{"none", "12345678", body, timestamp, "", false},
	}
	for _, tt := range tests {
		if got := signed([]byte(tt.key), []byte(tt.body), tt.timestamp, tt.signature); got != tt.want {
			t.Errorf("%s: signed = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestReceiver(t *testing.T) {
	var out bytes.Buffer
	r := &receiver{key: []byte("12345678"), out: &out}
	post := func(body, timestamp, signature string) int {
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		req.Header.Set("X-Timestamp", timestamp)
		req.Header.Set("X-Signature", signature)
		w := httptest.NewRecorder()
		r.receive(w, req)
		return w.Code
	}
	const ping = `{"id":"e1","webhookId":"w1","event":"system:ping","deviceId":"d1","payload":{}}`
	if got := post(ping, "1700000000", "69f3cf424dda0ff517d1d351236a4fa7fb47963f4b8b2e68c379d155c7426c3f"); got != http.StatusNoContent {
		t.Errorf("a signed delivery is answered with %d", got)
	}
	if got := post(ping, "1700000000", "00"); got != http.StatusUnauthorized {
		t.Errorf("an unsigned delivery is answered with %d", got)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, line[len("15:04:05  "):])
	}
	want := []string{"webhook  system:ping  (signature is right)\n", "webhook  refused: the signature is missing or wrong\n"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("printed (-want +got)\n%s", diff)
	}
}

func TestDeliveryLine(t *testing.T) {
	var d delivery
	d.Event = "sms:received"
	d.Payload.Sender, d.Payload.Recipient, d.Payload.Message = "+491", "+492", "two\nlines \x1b[31m"
	if got, want := d.line(), "webhook  sms:received  +491 → +492  “two⏎lines ·[31m”  (signature is right)"; got != want {
		t.Errorf("line = %q, want %q", got, want)
	}
}

func TestDemoConfig(t *testing.T) {
	dir := t.TempDir()
	first, err := demoConfig(dir, "", true)
	if err != nil {
		t.Fatal(err)
	}
	again, err := demoConfig(dir, "127.0.0.1:9999", false)
	if err != nil {
		t.Fatal(err)
	}
	if first.Auth.Password != again.Auth.Password || len(first.Auth.Password) != 32 {
		t.Errorf("passwords %q and %q, want the same of 32 characters", first.Auth.Password, again.Auth.Password)
	}
	if first.Listen != demoListen || again.Listen != "127.0.0.1:9999" || len(first.Modems) != 2 {
		t.Errorf("demo listens on %s and %s with %d modems", first.Listen, again.Listen, len(first.Modems))
	}
	for listen, want := range map[string]string{"127.0.0.1:8080": "127.0.0.1:8081", "127.0.0.1:0": "127.0.0.1:0", ":65535": "127.0.0.1:0"} {
		if got := beside(listen); got != want {
			t.Errorf("beside(%q) = %s, want %s", listen, got, want)
		}
	}
}
