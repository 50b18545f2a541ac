package rest

import (
	"encoding/json"
	"strings"
	"testing"

	"tetherd/gateway/api"
)

// What clients encrypted is shown as they gave it, to whoever asks.
func TestEncryptedMessage(t *testing.T) {
	const (
		text   = "$aes-256-cbc/pbkdf2-sha1$i=1000$MDEyMzQ1Njc4OWFiY2RlZg==$BQPCnjHbgezV1BPsyyUGgg=="
		number = "$aes-256-cbc/pbkdf2-sha1$i=75000$MDEyMzQ1Njc4OWFiY2RlZg==$vrHL+e2kJ1Er5+yRREYkMQ=="
	)
	w := newWorld(t)
	body := `{"id":"e","isEncrypted":true,"textMessage":{"text":"` + text + `"},"phoneNumbers":["` + number + `"]}`
	if a := w.do("POST", "/messages", body); a.status != 400 || !strings.Contains(a.body, "Passphrase is not set") {
		t.Errorf("without a passphrase: got %d %s", a.status, a.body)
	}
	if a := w.do("PATCH", "/settings", `{"encryption":{"passphrase":"passphrase"}}`); a.status != 200 || strings.Contains(a.body, "passphrase") {
		t.Fatalf("set the passphrase: got %d %s", a.status, a.body)
	}
	if a := w.do("POST", "/messages", body); a.status != 202 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	for path, content := range map[string]bool{"/messages/e": true, "/messages": false, "/messages?includeContent=true": true} {
		a := w.do("GET", path, "")
		var m api.Message
		if err := json.Unmarshal([]byte(strings.Trim(a.body, "[]\n")), &m); err != nil {
			t.Fatalf("%s: %v in %s", path, err, a.body)
		}
		if !m.IsEncrypted || m.Recipients[0].PhoneNumber != number || (m.TextMessage != nil) != content || content && m.TextMessage.Text != text {
			t.Errorf("%s: got %s", path, a.body)
		}
		if strings.Contains(a.body, "hello") || strings.Contains(a.body, "79990001234") {
			t.Errorf("%s shows what was encrypted: %s", path, a.body)
		}
	}
}
