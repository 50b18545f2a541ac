package receivers_test

import (
	"encoding/base64"
	"os/exec"
	"strings"
	"testing"

	"tetherd/webhook/receivers"
)

// serialisations are JSON texts and what JavaScript makes of them.
var serialisations = []struct{ name, in, want string }{
	{"object", `{"a":1}`, `{"a":1}`},
	{"white space", " {\t\"a\" : [ 1 , 2 ] }\r\n", `{"a":[1,2]}`},
	{"array indexes first, ascending", `{"b":0,"10":1,"2":2,"01":3,"-1":4,"4294967294":5,"4294967295":6,"a":7}`, `{"2":2,"10":1,"4294967294":5,"b":0,"01":3,"-1":4,"4294967295":6,"a":7}`},
	{"duplicate keys", `{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
	{"numbers", `[1.0,1E3,-0,1e21,1e-7,123456789012345680000,0.000001,9007199254740993,1.5,5e-324,1e400]`, `[1,1000,0,1e+21,1e-7,123456789012345680000,0.000001,9007199254740992,1.5,5e-324,null]`},
	{"escapes", `["\u003c\u003e\u0026\/","\u2028\u00e9","\b\f\n\r\t\u001B","\"\\"]`, "[\"<>&/\",\"\u2028é\",\"\\b\\f\\n\\r\\t\\u001b\",\"\\\"\\\\\"]"},
	{"literal", "[\"\u2028\u2029\u007f\u0085\ufeff€😀'\"]", "[\"\u2028\u2029\u007f\u0085\ufeff€😀'\"]"},
	{"surrogates", `["\ud83d\ude00"]`, `["😀"]`},
	{"others", `[null,true,false,{},[]]`, `[null,true,false,{},[]]`},
	{"prototype", `{"__proto__":{"a":1},"constructor":2}`, `{"__proto__":{"a":1},"constructor":2}`},
}

func TestReserialise(t *testing.T) {
	for _, c := range serialisations {
		got, err := receivers.Reserialise([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		diff(t, c.name, c.want, got)
	}
	for _, bad := range []string{"", "{", `{"a"}`, `{} {}`, `{"a":1,}`, "[1"} {
		if got, err := receivers.Reserialise([]byte(bad)); err == nil {
			t.Errorf("%q became %s", bad, got)
		}
	}
}

// Node makes the same of them.
func TestReserialiseInNode(t *testing.T) {
	node, err := receivers.Node()
	if err != nil {
		t.Skipf("not compared with Node: %v", err)
	}
	var in strings.Builder
	for _, c := range serialisations {
		in.WriteString(base64.StdEncoding.EncodeToString([]byte(c.in)) + "\n")
	}
	cmd := exec.Command(node, "-e", `
		for (const line of require("fs").readFileSync(0, "latin1").trim().split("\n")) {
			const text = Buffer.from(line, "base64").toString();
			console.log(Buffer.from(JSON.stringify(JSON.parse(text))).toString("base64"));
		}`)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(out))
	if len(lines) != len(serialisations) {
		t.Fatalf("%d answers for %d texts", len(lines), len(serialisations))
	}
	for i, c := range serialisations {
		got, err := base64.StdEncoding.DecodeString(lines[i])
		if err != nil {
			t.Fatal(err)
		}
		diff(t, c.name, c.want, string(got))
	}
}
