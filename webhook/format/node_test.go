package format

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"tetherd/webhook/receivers"
)

// reserialise reads bodies, one a line in base64, and says for each what
// JSON.stringify(JSON.parse(body)) is.
const reserialise = `
const lines = require("fs").readFileSync(0, "latin1").split("\n").filter(l => l);
const out = lines.map(l => {
  const text = Buffer.from(l, "base64").toString("utf8");
  return Buffer.from(JSON.stringify(JSON.parse(text)), "utf8").toString("base64");
});
process.stdout.write(out.join("\n"));
`

func TestJSONInNode(t *testing.T) {
	node, err := receivers.Node()
	if err != nil {
		t.Skipf("bodies are compared with the re-implementation of JSON.stringify alone: %v", err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var bodies [][]byte
	var in bytes.Buffer
	for range 20_000 {
		data := make([]byte, rng.IntN(200))
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		o, _, _ := randomObject(data, 4)
		b := o.appendJSON(nil)
		bodies = append(bodies, b)
		in.WriteString(base64.StdEncoding.EncodeToString(b) + "\n")
	}
	cmd := exec.CommandContext(t.Context(), node, "-e", reserialise)
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(out), "\n")
	if len(lines) != len(bodies) {
		t.Fatalf("%d answers for %d bodies", len(lines), len(bodies))
	}
	for i, line := range lines {
		got, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, bodies[i]) {
			t.Fatalf("%s\nbecomes %s", bodies[i], got)
		}
		if again := jsonAgain(t, bodies[i]); again != string(got) {
			t.Fatalf("the re-implementation makes %s\nof %s", again, bodies[i])
		}
	}
}
