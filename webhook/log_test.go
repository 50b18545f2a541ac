package webhook

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// Receivers may repeat what they are sent. What is logged for operators must not.
func TestLogIsDiscreetAndQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		w := newWorld(t, Options{Tuning: Tuning{Retries: 3}, Log: zerolog.New(zerolog.SyncWriter(&out)).Level(zerolog.InfoLevel)}).start()
		ep := w.register("hook", "https://user:secret@example.com/x?key=secret")
		w.rcv.set(func(req *http.Request) (*http.Response, error) {
			return status(500, "cannot handle text 1 from +6505551212"), nil
		})
		w.emit("a", ep)
		pass(time.Hour)
		w.rcv.set(nil)
		w.emit("b", ep)
		pass(time.Hour)

		var got []string
		for d := json.NewDecoder(bytes.NewReader(out.Bytes())); ; {
			var line struct{ Message, Level, Webhook string }
			if err := d.Decode(&line); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			got = append(got, line.Level+" "+line.Webhook+": "+line.Message)
		}
		diff(t, "log", []string{
			"warn hook: webhook attempt failed, it will be retried",
			"warn hook: webhook delivery given up",
			"info hook: webhook answers again",
		}, got)
		for _, secret := range []string{"text 1", "5551212", "secret", "12345678"} {
			if strings.Contains(out.String(), secret) {
				t.Errorf("log contains %q:\n%s", secret, out.String())
			}
		}
	})
}
