package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/sealed"
)

func seal(t *testing.T, passphrase, text string) string {
	t.Helper()
	s, err := sealed.Seal(passphrase, text, 10)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) setPassphrase(p string) {
	w.t.Helper()
	doc := map[string]json.RawMessage{"encryption": json.RawMessage(`{"passphrase":"` + p + `"}`)}
	if err := w.gw.ChangeSettings(w.t.Context(), doc, false); err != nil {
		w.t.Fatal(err)
	}
}

func TestEncryptedMessages(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		w.subscribe()
		w.setPassphrase("secret")
		long := strings.Repeat("long ", 60)
		number := seal(t, "secret", to)
		w.submit(gateway.Submission{ID: "text", Text: seal(t, "secret", long), Numbers: []string{number}, Encrypted: true})
		data := &gateway.Data{Content: []byte(seal(t, "secret", "SGVsbG8=")), Port: 53739}
		if _, err := w.gw.Submit(w.t.Context(), gateway.Submission{ID: "data", Data: data, Numbers: []string{number}, Encrypted: true}); err != nil {
			t.Fatal(err)
		}
		w.settle()
		m := w.wantState("text", gateway.Sent)
		if m.Text != "" || !strings.HasPrefix(m.Sealed, "$aes") || m.Recipients[0].Number != number || m.Recipients[0].Address != to {
			t.Errorf("stored: %+v", m)
		}
		w.wantState("data", gateway.Sent)
		outs := w.modems[0].outgoing()
		var text strings.Builder
		for _, s := range outs[0].Segments {
			text.WriteString(s.Text)
		}
		if text.String() != long || outs[0].To != to {
			t.Errorf("sent %q to %s", text.String(), outs[0].To)
		}
		if d := outs[1]; string(d.Data) != "Hello" || d.Ports.Dst != 53739 {
			t.Errorf("sent data %q", d.Data)
		}
		for _, e := range w.events() {
			if p, ok := e.Payload.(gateway.MessageSent); ok && p.Recipient != number {
				t.Errorf("webhooks are told of %q, want what was given", p.Recipient)
			}
		}
	})
}

// What cannot be opened is refused at once, and says what is wrong with which field;
// what was accepted and cannot be opened any more fails.
func TestEncryptedMessagesNotOpened(t *testing.T) {
	bubble(t, 1, func(w *world) {
		w.start()
		good, number := seal(t, "secret", "hi"), seal(t, "secret", to)
		try := func(s gateway.Submission) string {
			s.Encrypted = true
			_, err := w.gw.Submit(w.t.Context(), s)
			if gateway.CodeOf(err) != gateway.Invalid {
				return "accepted or internal"
			}
			return err.Error()
		}
		want := func(name, got, want string) {
			t.Helper()
			if !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		want("no passphrase", try(gateway.Submission{Text: good, Numbers: []string{number}}), "Passphrase is not set")
		w.setPassphrase("secret")
		want("clear text", try(gateway.Submission{Text: "hi", Numbers: []string{number}}), "textMessage.text: Invalid encrypted data format")
		want("no text", try(gateway.Submission{Numbers: []string{number}}), "Text message is empty")
		want("clear number", try(gateway.Submission{Text: good, Numbers: []string{number, to}}), "phoneNumbers[1]: Invalid encrypted data format")
		want("other passphrase", try(gateway.Submission{Text: good, Numbers: []string{seal(t, "other", to)}}), "phoneNumbers[0]: the passphrase")
		want("no base64", try(gateway.Submission{Data: &gateway.Data{Content: []byte(good)}, Numbers: []string{number}}), "base64 inside")
		want("a number twice", try(gateway.Submission{Text: good, Numbers: []string{number, seal(t, "secret", to)}}), "must be unique")
		bad := try(gateway.Submission{Text: good, Numbers: []string{seal(t, "secret", "+49abc")}})
		want("no number", bad, "phoneNumbers[0] cannot be sent to")
		if strings.Contains(bad, "abc\"") {
			t.Errorf("the error repeats what was encrypted: %s", bad)
		}
		dear := strings.Replace(number, "i=10$", "i=1000000$", 1)
		want("too dear", try(gateway.Submission{Text: good, Numbers: []string{dear, dear, dear, dear, dear, dear, dear, dear, dear, dear, dear}}), "fewer at a time")

		w.submit(gateway.Submission{ID: "late", Text: good, Numbers: []string{number}, Encrypted: true, ScheduleAt: time.Now().Add(time.Hour)})
		w.setPassphrase("changed")
		w.pass(2 * time.Hour)
		if m := w.wantState("late", gateway.Failed); !strings.HasPrefix(m.Recipients[0].Error, "Can't send message: ") {
			t.Errorf("error: %s", m.Recipients[0].Error)
		}
	})
}
