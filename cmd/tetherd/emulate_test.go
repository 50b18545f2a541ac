package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tetherd/modem/emulator"
)

// TestEmulate runs a gateway on the modems of another process and controls those over HTTP:
// a message goes out, one comes in, both ways see the same.
func TestEmulate(t *testing.T) {
	r := newRig(t, 0, emulator.NetworkOptions{})
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(r.dir, "dev")
	cmd := exec.Command(bin, "emulate", "--profile", "quectel-ec25", "--number", "+4915110000001", "--link", link, "--http", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(first, "control")), "/")
	control := func(path string, body map[string]any) string {
		t.Helper()
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Post(base+path, "application/json", bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %s %s, %v", path, b, resp.Status, got, err)
		}
		return string(got)
	}

	r.settings = fmt.Sprintf("  - name: office\n    port: %s\n    number: \"+4915110000001\"\n", filepath.Join(link, "modem1"))
	r.start()
	if _, err := r.send(text("m1", "+491701234567", "out there")); err != nil {
		t.Fatal(err)
	}
	control("/await", map[string]any{"count": 1, "seconds": 40})
	if got := control("/ledger", nil); !strings.Contains(got, `"text":"out there"`) {
		t.Errorf("the ledger is %s, want the message", got)
	}
	control("/deliver", map[string]any{"from": "+491701234567", "to": "+4915110000001", "text": "in here"})
	r.until("the message to come in", 30*time.Second, func() bool {
		in := r.inbox()
		return len(in) == 1 && in[0] == "in here"
	})
	r.terminate()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("emulate ended with %v after SIGTERM, want success", err)
	}
}
