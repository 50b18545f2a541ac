package receivers

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"testing"
	"time"
)

// NodeClient is the client of the API that is published for Node. It is not safe for
// concurrent use.
type NodeClient struct {
	t   testing.TB
	in  *json.Encoder
	out *json.Decoder
}

// Date is an argument that the client wants to be a Date.
type Date time.Time

// MarshalJSON implements [json.Marshaler].
func (d Date) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"$date": time.Time(d).UTC().Format(time.RFC3339Nano)})
}

// StartNodeClient starts a client of the API at url. It skips the test if Node or the
// packages are not there.
func StartNodeClient(t testing.TB, url, user, password string) *NodeClient {
	t.Helper()
	node, dir, err := nodeWithPackages()
	if err != nil {
		t.Skipf("the client in Node is not tried: %v", err)
	}
	cmd := exec.Command(node, "client.js", url, user, password)
	cmd.Dir = dir
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe() // the program ends when it is closed, also by our own end
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start client in Node: %v", err)
	}
	t.Cleanup(func() {
		in.Close()
		io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("client in Node: %v\n%s", err, &complaints)
		}
	})
	return &NodeClient{t: t, in: json.NewEncoder(in), out: json.NewDecoder(out)}
}

// Call calls a method of the client and decodes what it resolves to into result, which
// may be nil. The error is what it throws, "HTTP error 404: …" for most.
func (c *NodeClient) Call(method string, result any, args ...any) error {
	c.t.Helper()
	if args == nil {
		args = []any{}
	}
	if err := c.in.Encode(map[string]any{"method": method, "args": args}); err != nil {
		c.t.Fatalf("%s of the client in Node: %v", method, err)
	}
	var answer struct {
		Result json.RawMessage `json:"result"`
		Error  string          `json:"error"`
	}
	if err := c.out.Decode(&answer); err != nil {
		c.t.Fatalf("%s of the client in Node: %v", method, err)
	}
	switch {
	case answer.Error != "":
		return errors.New(answer.Error)
	case result == nil || answer.Result == nil:
		return nil
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		c.t.Fatalf("%s of the client in Node resolved to %s: %v", method, answer.Result, err)
	}
	return nil
}
