package receivers_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"tetherd/gateway"
	"tetherd/webhook/format"
)

// The command that simulates a delivery is taken like one.
func TestCurl(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "openssl", "base64", "od", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("simulated deliveries are not tried: %v", err)
		}
	}
	onEachBench(t, func(b bench) {
		if b.secrets == keys {
			b.Skip("openssl takes these keys from files only")
		}
		r := b.host.New(b.T, b.kind, b.secrets[0].theirs)
		to := b.endpoint(r.URL)
		e := question()
		m := e.Payload.(gateway.MessageReceived)
		m.Text = "It's $HOME `id` \\ " + strings.ReplaceAll(hostile, "\x00", "")
		e.Payload = m
		body, err := format.Render(&format.Input{DeviceID: deviceID, Webhook: &to, Rendering: to.Rendering, Delivery: "delivery-1", Event: &e})
		if err != nil {
			b.Fatal(err)
		}
		script, err := b.format.Curl(r.URL, "delivery-1", &body, &to.Rendering, b.secrets[0].ours)
		if err != nil {
			b.Fatal(err)
		}
		cmd := exec.CommandContext(b.Context(), "sh", "-e", "-c", script)
		cmd.Env = append(os.Environ(), "SECRET="+b.secrets[0].ours)
		out, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s\n%s", err, out, script)
		}
		requests := r.Requests()
		if len(requests) != 1 || !ok(requests[0].Status) {
			b.Fatalf("it was refused: %s\n%s", out, script)
		}
		diff(b.T, "body and query", string(body.Bytes), string(requests[0].Body)+requests[0].Query)
	})
}
