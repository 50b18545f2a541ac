package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCautions(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask is
			t.Fatal(err)
		}
		return path
	}
	const modem = "modems: [{name: a, emulator: generic, number: '+4915110000001'"
	file("pw", "long enough\n", 0o640)
	pin := file("pin", "1234\n", 0o604)
	key := file("key.pem", "", 0o644)
	file("cert.pem", "", 0o644)
	readable := func(path string) string {
		return "everybody on this machine can read the secrets in " + path + ": chmod o= " + path
	}
	for _, tt := range []struct {
		name, doc string
		mode      os.FileMode
		env       []string
		want      []string
	}{
		{name: "closed", doc: "auth: {password: x}\n" + modem + "}]\n", mode: 0o640},
		{name: "open", doc: "auth: {password: x}\n" + modem + "}]\n", mode: 0o644, want: []string{readable("CONFIG")}},
		{name: "open, secrets elsewhere", doc: "auth: {password_file: pw}\n" + modem + "}]\n", mode: 0o644},
		{name: "secret from the environment", doc: modem + "}]\n", mode: 0o644, env: []string{"TETHERD_AUTH_PASSWORD=x"}},
		{name: "others", doc: "auth: {password_file: pw}\ntls: {mode: files, cert_file: cert.pem, key_file: key.pem}\n" + modem + ", pin_file: pin}]\n", mode: 0o600, want: []string{readable(key), readable(pin)}},
		{
			name: "short", doc: "listen: 0.0.0.0:80\nauth: {password: 1234567}\nusers: [{name: a, password: '12345678', role: reader}, {name: b, password: x, role: reader}]\n" + modem + "}]\n", mode: 0o600,
			want: []string{
				"auth.password has fewer than 8 characters, and others can reach listen 0.0.0.0:80: choose a longer one",
				"users[1].password has fewer than 8 characters, and others can reach listen 0.0.0.0:80: choose a longer one",
			},
		},
	} {
		path := file("c.yaml", tt.doc, tt.mode)
		c, err := Load(path, tt.env)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		want := []string(nil)
		for _, s := range tt.want {
			want = append(want, strings.ReplaceAll(s, "CONFIG", path))
		}
		if diff := cmp.Diff(want, c.Cautions(os.Stat)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}
