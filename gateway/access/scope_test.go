package access_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/access"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name string
		list []string
		want []string
		ok   bool
	}{
		{"none", nil, nil, true},
		{"one", []string{"messages:send"}, []string{"messages:send"}, true},
		{"twice", []string{"inbox:list", "messages:send", "inbox:list"}, []string{"messages:send", "inbox:list"}, true},
		{"all", []string{"all:any", "logs:read"}, []string{"all:any"}, true},
		{"unknown", []string{"messages:send", "messages:burn"}, nil, false},
		{"empty", []string{""}, nil, false},
		{"case", []string{"Messages:Send"}, nil, false},
		{"refresh", []string{"tokens:refresh"}, nil, false},
	} {
		s, ok := access.Parse(tt.list)
		if diff := cmp.Diff(tt.want, s.Names()); diff != "" || ok != tt.ok {
			t.Errorf("%s: ok %t, want %t (-want +got)\n%s", tt.name, ok, tt.ok, diff)
		}
	}
	for _, name := range access.Names() {
		s, ok := access.Parse([]string{name})
		if !ok || !slices.Equal(s.Names(), []string{name}) {
			t.Errorf("%s: got %v, %t, want itself", name, s.Names(), ok)
		}
	}
}

func TestRoles(t *testing.T) {
	for _, tt := range []struct {
		role     string
		may, not access.Scope
	}{
		{"admin", access.All, access.TokensRefresh},
		{"sender", access.MessagesSend | access.MessagesCancel | access.MessagesRead, access.InboxList | access.WebhooksWrite | access.SettingsRead | access.ModemsWrite},
		{"reader", access.MessagesRead | access.InboxList | access.EventsRead, access.MessagesSend | access.MessagesCancel | access.InboxRefresh | access.WebhooksWrite | access.SettingsWrite | access.ModemsWrite | access.RoutesWrite},
		{"owner", 0, access.All},
	} {
		got := access.Role(tt.role).Scope()
		if !got.Holds(tt.may) || got.Meets(tt.not) && tt.role != "admin" || got.Meets(access.TokensRefresh) {
			t.Errorf("%s: may do %v", tt.role, got.Names())
		}
		if known := slices.Contains(access.Roles(), tt.role); known != (got != 0) {
			t.Errorf("%s: listed %t, rights %v", tt.role, known, got.Names())
		}
	}
}
