package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/modem/emulator"
)

const number = "+4915110000001"

func newBench(t *testing.T) *Bench {
	t.Helper()
	n := emulator.NewNetwork(emulator.NetworkOptions{})
	b := NewBench(n)
	dir := t.TempDir()
	for _, o := range []emulator.ModemOptions{{Name: "modem1", Number: number}, {Name: "modem2", Number: "+4915110000002", Profile: emulator.ZTE()}} {
		if err := b.Add(o, dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Add(emulator.ModemOptions{Name: "modem1"}, dir); err == nil {
		t.Error("two modems have one name")
	}
	t.Cleanup(func() {
		n.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestInterpret(t *testing.T) {
	b := newBench(t)
	for _, tc := range []struct{ line, want string }{ // want is part of what is printed, with "error: " of the error
		{"", ""},
		{"  # a remark", ""},
		{"help", "deliver FROM TO TEXT"},
		{"help rule", "rule NUMBER WHAT [TIMES]"},
		{"help nothing", `error: there is no command "nothing"`},
		{"dance", `error: there is no command "dance"`},
		{"deliver 123", "error: to: is missing: use deliver FROM TO TEXT"},
		{"deliver 123 +331 x", `error: deliver text: no modem has number "+331"`},
		{`deliver 123 +4915110000001 "two\nlines"`, "ok"},
		{"stored modem1", "SM 1, status 0: 0403812"},
		{"inbound", "1 "},
		{"inbound 1", ""},
		{"inbound x", `error: after: "x" is no number from 0 to 1000000000`},
		{"pdu +4915110000001 xyz", `error: hex: "xyz" is no hexadecimal`},
		{"pdu +4915110000001 04", "ok"},
		{"play 123 +4915110000001 class-0", "ok"},
		{"play 123 +4915110000001 no-octets", "ok"},
		{"play 123 +4915110000001 class-9", `error: name: there is no delivery "class-9"`},
		{"flood 123 +4915110000001 3", "ok"},
		{"flood 123 +4915110000001 0", "error: count: "},
		{"list", "modem1     +4915110000001   generic"},
		{"list extra", "error: list takes nothing more"},
		{"profiles", "samsung-galaxy"},
		{"faults", "stray-lines"},
		{"deliveries", "parts-out-of-order"},
		{"fault modem1 mute", "ok"},
		{"fault modem1 roaming 3", "ok"},
		{"fault modem1 nonsense", `error: name: there is no fault "nonsense"`},
		{"fault modem9 mute", `error: there is no modem "modem9": use one of ["modem1" "modem2"]`},
		{"clear modem1", "ok"},
		{"signal modem1 7", "ok"},
		{"signal modem1 loud", `error: rssi: "loud" is no number`},
		{"list", "registration 5, signal 7"},
		{"register " + number + " 1", "ok"},
		{"sim modem1 out", "ok"},
		{"sim modem1 in", "ok"},
		{"sim modem1 up", `error: state: "up" is none of in, out`},
		{"mute modem1 on", "ok"},
		{"mute modem1 off", "ok"},
		{"say modem1 RING", "ok"},
		{"ussd modem1 *100# 3 EUR", "ok"},
		{"push modem1 hello there", "ok"},
		{"hangup modem1", "error: to: nobody called modem1"},
		{"call 12345 modem1", "ok"},
		{"hangup modem1", "ok"},
		{"call - " + number, "ok"},
		{"calls", "12345 > +4915110000001, rings 1, missed"},
		{"rule +33* 38 2", "ok"},
		{"rule +33* silent", "ok"},
		{"rule +33* maybe", "error: what: "},
		{"report * 30,00", "ok"},
		{"report * none", "ok"},
		{"report * 3", "error: states: "},
		{"ledger", ""},
		{"await 1 1", "error: count: the network accepted 0 messages, not 1"},
		{"wait 1", "ok"},
		{"transcript modem1", `+CUSD: 0`},
		{"unplug modem2", "ok"},
		{"list", "unplugged"},
		{"plug modem2", "ok"},
		{"rename modem2 ../x", `error: link: "../x" is no name`},
		{"rename modem2 ttyUSB7", "ok"},
		{"unplug modem2", "ok"},
		{"plug modem2", "ok"},
		{"list", "/ttyUSB7  reg"},
		{"reset modem2", "ok"},
		{"quit", "error: quit"},
	} {
		lines, err := b.Interpret(t.Context(), tc.line)
		got := strings.Join(lines, "\n")
		if err != nil {
			got = "error: " + err.Error()
		}
		if !strings.Contains(got, tc.want) || tc.want == "" && got != "" {
			t.Errorf("%q printed %q, want %q in it", tc.line, got, tc.want)
		}
	}
	if _, err := b.Interpret(t.Context(), "exit"); !errors.Is(err, ErrQuit) {
		t.Errorf("exit returned %v, want %v", err, ErrQuit)
	}
}

// TestUnplug sees the link of a port go and come.
func TestUnplug(t *testing.T) {
	b := newBench(t)
	path := b.all()[0].port.Path()
	for _, step := range []struct {
		line string
		want bool
	}{{"unplug modem1", false}, {"plug modem1", true}} {
		if _, err := b.Interpret(t.Context(), step.line); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(path); (err == nil) != step.want {
			t.Errorf("after %q the link of %s: %v", step.line, filepath.Base(path), err)
		}
	}
}

func TestHandler(t *testing.T) {
	b := newBench(t)
	s := httptest.NewServer(b.Handler())
	t.Cleanup(s.Close)
	ask := func(method, path, body string, header ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
			if header[i] == "Host" {
				req.Host = header[i+1]
			}
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var out struct {
			Result json.RawMessage
			Error  string
		}
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil && resp.StatusCode < 400 {
			t.Fatal(err)
		}
		return resp.StatusCode, string(out.Result) + out.Error
	}
	for _, tc := range []struct {
		method, path, body string
		header             []string
		status             int
		want               string
	}{
		{"GET", "/", "", nil, 200, `"name":"deliver","method":"POST"`},
		{"POST", "/deliver", `{"from":"123","to":"` + number + `","text":"Grüße"}`, nil, 200, `"ok"`},
		{"POST", "/signal", `{"modem":"modem1","rssi":7}`, nil, 200, `"ok"`},
		{"GET", "/list", "", nil, 200, `"signal":7,"stored":1`},
		{"GET", "/inbound?after=0", "", nil, 200, `"mem":"SM","index":1`},
		{"GET", "/stored?modem=modem1", "", nil, 200, `"stat":0`},
		{"GET", "/ledger?after=1", "", nil, 200, `[]`},
		{"POST", "/ledger", "", nil, 200, `[]`},
		{"GET", "/stored", "", nil, 400, "modem: is missing"},
		{"GET", "/list?x=1", "", nil, 400, "x: is no parameter of list"},
		{"GET", "/reset?modem=modem1", "", nil, 405, "use POST"},
		{"POST", "/dance", "{}", nil, 404, "no such command"},
		{"POST", "/deliver", "[]", nil, 400, "no object of JSON"},
		{"POST", "/signal", `{"modem":"modem1","rssi":[7]}`, nil, 400, "rssi: is neither a string nor a number"},
		{"POST", "/reset", `{"modem":"modem1"}`, []string{"Content-Type", "text/plain"}, 400, "Content-Type"},
		{"POST", "/reset", `{"modem":"modem1"}`, []string{"Sec-Fetch-Site", "cross-site"}, 403, ""},
		{"GET", "/list", "", []string{"Host", "evil.example:80"}, 403, "use the address"},
		{"GET", "/list", "", []string{"Host", "[::1]:80"}, 200, "modem1"},
	} {
		status, got := ask(tc.method, tc.path, tc.body, tc.header...)
		if status != tc.status || !strings.Contains(got, tc.want) {
			t.Errorf("%s %s %s: %d %s, want %d with %s", tc.method, tc.path, tc.body, status, got, tc.status, tc.want)
		}
	}
}

// TestTable holds the table to its form.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range commands() {
		if seen[c.name] || c.help == "" {
			t.Errorf("%s is there twice or says nothing about itself", c.name)
		}
		seen[c.name] = true
		lacking := false
		for _, p := range c.params {
			_, may := optional(p)
			if lacking && !may {
				t.Errorf("%s: %s follows one that may be left out", c.name, p)
			}
			lacking = may
		}
	}
	c := command{name: "x", params: []string{"a", "[b]"}}
	got, err := c.split(`one  "two \"words\""`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(args{"a": "one", "b": `two "words"`}, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}
