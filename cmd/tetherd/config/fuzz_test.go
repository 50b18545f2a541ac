package config

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzParse checks that any bytes give a valid Config or problems that say
// something, the same each time, and never a panic.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile(reference)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, "")
	f.Add([]byte(minimal), "TETHERD_LISTEN=:1\nTETHERD_MODEMS_1_PORT=/dev/b")
	f.Add([]byte("a: &a [*a]\n<<: {b: c}\n? {x: y}\n: z"), "TETHERD_MODEMS_99999999999999999999_PORT=x")
	f.Add([]byte("modems: [{port: /a}, null, 5, {<<: *b}]"), "TETHERD_=\nTETHERD_MODEMS__PORT=1")
	f.Fuzz(func(t *testing.T, doc []byte, env string) {
		in := Input{
			Name: "t.yaml", Data: doc, Env: strings.Split(env, "\n"),
			ReadFile: func(string) ([]byte, error) { return nil, errors.New("no files here") },
		}
		c, err := Parse(in)
		again, err2 := Parse(in)
		if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("two runs differ: %v, %v", err, err2)
		}
		if err != nil {
			ps, ok := err.(Problems)
			if !ok || len(ps) == 0 {
				t.Fatalf("error %#v, want problems", err)
			}
			return
		}
		if diff := cmp.Diff(c, again, sameConfig); diff != "" {
			t.Fatalf("two runs differ:\n%s", diff)
		}
		if len(c.Modems) == 0 || (c.Auth.Password == "") == (c.Auth.PasswordHash == "") || c.Send.Attempts < 1 {
			t.Fatalf("incomplete: %+v", c)
		}
		var b bytes.Buffer
		if err := c.Print(&b); err != nil || b.Len() == 0 {
			t.Fatalf("Print wrote %d bytes: %v", b.Len(), err)
		}
	})
}
