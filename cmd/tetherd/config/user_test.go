package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/access"
)

func TestUsers(t *testing.T) {
	const hash = "$2a$04$Ot9RnZrBRRBDEYiS7nZoJOP6sY7D6tW4/TjlOaZ9FzmVm9ZAXLHDK"
	for _, tt := range []struct {
		name, doc string
		env       []string
		want      []User
	}{
		{name: "none", doc: "users:"},
		{
			name: "several",
			doc: `
users:
- {name: shop, password: a, limits: {per_minute: 1, per_day: 1000000}}
- {name: boss, password_hash: '` + hash + `', role: admin}
- name: eye
  password_file: /run/eye
  role: reader
  limits: {per_hour: 7}
`,
			want: []User{
				{Name: "shop", Password: "a", Role: access.Sender, Limits: Limits{PerMinute: 1, PerDay: 1_000_000}},
				{Name: "boss", PasswordHash: hash, Role: access.Admin},
				{Name: "eye", Password: "of the eye", Role: access.Reader, Limits: Limits{PerHour: 7}},
			},
		},
		{
			name: "variables", doc: "users: [{name: a, password: b}]",
			env: []string{
				"TETHERD_USERS_0_PASSWORD_FILE=/run/eye", "TETHERD_USERS_0_LIMITS_PER_MINUTE=3",
				"TETHERD_USERS_1_NAME=c", "TETHERD_USERS_1_PASSWORD=d",
			},
			want: []User{
				{Name: "a", Password: "of the eye", Role: access.Sender, Limits: Limits{PerMinute: 3}},
				{Name: "c", Password: "d", Role: access.Sender},
			},
		},
	} {
		c, err := Parse(Input{
			Name: "t.yaml", Data: []byte(minimal + tt.doc), Env: tt.env,
			ReadFile: files(map[string]string{"/run/eye": "of the eye\n"}),
		})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, c.Users); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

func TestUserProblems(t *testing.T) {
	for doc, want := range map[string]string{
		"users: [{password: x}]":                                   "users[0].name: is missing",
		"users: [{name: a}]":                                       "users[0].password: is not set",
		"users: [{name: a, password: x, password_hash: y}]":        "users[0].password_hash: cannot be given together with password",
		"users: [{name: 'a:b', password: x}]":                      `users[0].name: "a:b" cannot be a user name`,
		"users: [{name: sms, password: x}]":                        `users[0].name: "sms" is that of auth.username, too`,
		"users: [{name: a, password: x}, {name: a, password: y}]":  `users[1].name: "a" is that of users[0].name, too`,
		"users: [{name: a, password: x, role: senders}]":           `users[0].role: "senders" is none of admin, sender, reader: did you mean sender?`,
		"users: [{name: a, password: x, limits: {per_minute: 0}}]": `users[0].limits.per_minute: "0" is not a whole number from 1 to 1000000`,
		"users: [{name: a, password: x, limits: {per_second: 1}}]": `users[0].limits.per_second: unknown key`,
		"listen: ':8080'\nusers: [{name: a, password: change-me}]": `users[0].password: is "change-me" although others can reach listen :8080`,
		"users: [{name: a, password_hash: plain}]":                 "users[0].password_hash: this value is not a bcrypt hash",
		"users: [a]": "users[0]: expected lines such as name:",
		"auth: {password: x, token_ttl: 1s}\nmodems: [{port: /dev/a}]": `auth.token_ttl: "1s" is not between 1m and 365d`,
	} {
		if !strings.HasPrefix(doc, "auth") {
			doc = minimal + doc
		}
		_, err := Parse(Input{Name: "t.yaml", Data: []byte(doc)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", doc, err, want)
		}
	}
}
